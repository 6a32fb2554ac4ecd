"""A right that is missing in the warehouse, as a value: so that one GRANT can be worded for many tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import TypedDict


class MissingRightRecord(TypedDict):
    """A missing right as JSON values, as it is stored with an error."""

    privilege: str
    kind: str
    name: str
    grantee: str


@dataclass(frozen=True, slots=True, order=True)
class MissingRight:
    """`privilege` on the object `name` of `kind` (SCHEMA, DATABASE, empty for a table or view), for `grantee`.

    `name` and `grantee` are quoted where SQL needs it.
    """

    privilege: str
    kind: str
    name: str
    grantee: str

    def record(self) -> MissingRightRecord:
        """The right as JSON values; `MissingRight(**record)` is the opposite."""
        return {"privilege": self.privilege, "kind": self.kind, "name": self.name, "grantee": self.grantee}


def grant(rights: Sequence[MissingRight]) -> str:
    """The one GRANT for rights that differ in the object's name only (redshift-facts §4.2)."""
    first = rights[0]
    names = ", ".join(sorted({right.name for right in rights}))
    return f"GRANT {first.privilege} ON {f'{first.kind} ' if first.kind else ''}{names} TO {first.grantee}"
