"""An access spec as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from wharfinger.access.model import Credentials, Grantee, ObjectKind
from wharfinger.core.names import NamePart

EXAMPLE = (
    "{version: 1, schemas: [analytics], users: {alice: {credentials: password, search_path: [analytics]}}, "
    "groups: {readers: {members: [alice]}}, roles: {}, "
    "grants: [{to: group readers, on: schema raw, privileges: [usage, select], future: [loader]}]}"
)
"""A whole spec in one line. An error shows it, as a person who installed the product may have no guide at hand."""

NEXT_STEP = f"Correct it; an access spec is YAML like {EXAMPLE}"
TARGETS = ("database", "schema", "table", "view", "function", "procedure")
PARTS = {
    "database": (1,), "schema": (1, 2), "table": (2, 3), "view": (2, 3), "function": (2, 3), "procedure": (2, 3),
}  # fmt: skip
EVERYONE = "*"
"""In `future` of a role: every user who makes tables."""


@dataclass(frozen=True, slots=True)
class SpecUser:
    """A declared user."""

    name: str
    credentials: Credentials
    search_path: tuple[str, ...] | None
    line: int


@dataclass(frozen=True, slots=True)
class SpecTeam:
    """A declared group or role with the grantees that belong to it; members of a group are users."""

    name: str
    members: tuple[Grantee, ...]
    line: int


@dataclass(frozen=True, slots=True)
class SpecGrant:
    """One line of grants: `parts` is the target's dotted name, `arguments` a function's argument list.

    `existing` is false for a grant on future tables only, not on those that exist.
    """

    to: Grantee
    target: str
    parts: tuple[NamePart, ...]
    arguments: str
    privileges: tuple[str, ...]
    future: tuple[str, ...]
    line: int
    existing: bool = True

    def on_kind(self) -> ObjectKind:
        """The kind of object the grant names; a view is a table to Redshift."""
        return "table" if self.target == "view" else cast("ObjectKind", self.target)


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole spec: who should exist and hold which rights."""

    schemas: tuple[tuple[NamePart, ...], ...]
    users: tuple[SpecUser, ...]
    groups: tuple[SpecTeam, ...]
    roles: tuple[SpecTeam, ...]
    grants: tuple[SpecGrant, ...]
    schemas_line: int = 1

    def databases(self) -> tuple[NamePart, ...]:
        """The databases that the spec names explicitly."""
        named = [parts[0] for parts in self.schemas if len(parts) == 2]
        for grant in self.grants:
            if grant.target != "database" and len(grant.parts) == max(PARTS[grant.target]):
                named.append(grant.parts[0])
        return tuple(dict.fromkeys(named))
