"""The grants that let a connection's database user read some tables, as a plan that only adds. Pure.

The forms are those of redshift-facts §4.2: USAGE on the schema and SELECT on its tables; an external schema takes USAGE
only; system schemas are readable by everyone and never granted on (§4.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from wharfinger.access.granting.spec_of_patterns import spec_of_patterns
from wharfinger.access.model import Inventory, State, User
from wharfinger.access.planning.changes import additions
from wharfinger.access.planning.step import Step
from wharfinger.access.planning.steps import steps
from wharfinger.access.spec.desired import desired_state
from wharfinger.connections.model import Connection
from wharfinger.core.names import KEEP_CASE, TablePattern, in_one_line, needs_case

Status = Literal["printed", "done", "already", "failed", "skipped"]
"""`printed` was not run; `already` had been done before; `skipped` was not tried."""

LATER_TEXT = "Tables made later are not covered; run this again when they exist."

_QUOTED_OR_NOT = re.compile(r'"(?:[^"]|"")*"|[^"]+')


@dataclass(frozen=True, slots=True)
class Recipient:
    """The database user that gets the grants.

    `exists` is None when that is not known. `makeable` is false for a user that needs a password, which a person has
    to choose.
    """

    name: str
    exists: bool | None
    superuser: bool = False
    makeable: bool = True


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """Statements for `user` in an order that works; each runs in a session in its database."""

    user: str
    exists: bool | None
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """The result of one step; `error` is empty unless it failed or was skipped."""

    step: Step
    status: Status
    error: str = ""


def plan_grants(
    recipient: Recipient, patterns: Sequence[TablePattern], inventory: Inventory, connection: Connection
) -> GrantPlan:
    """The statements that let `recipient` read what `patterns` match in `inventory`, and svv_table_info beside it.

    Rights that it has already are granted again, which changes nothing: only a superuser could read them. Nothing
    is revoked. Raises NotFound for a pattern that matches nothing.
    """
    user = recipient.name
    if recipient.superuser:
        return GrantPlan(user, True, (), (f"{user} is a superuser: it may read everything already.",))
    declares = recipient.makeable and not recipient.exists
    spec, whole = spec_of_patterns(user, patterns, inventory, connection, declares_user=declares)
    current = State(users=frozenset({User(user)} if recipient.exists else ()))
    desired, _ = desired_state(
        spec, inventory, current, database=connection.database, target_kind=connection.target_kind
    )
    made = steps(
        additions(current, desired),
        database=connection.database,
        tables=inventory.tables,
        whole=whole,
        names_a_statement=1,  # so that each can fail alone
    )
    ordered = sorted(made, key=lambda step: (step.database != connection.database, step.database))
    return GrantPlan(
        user, recipient.exists, tuple(_worded(step, recipient) for step in ordered), tuple(_notes(recipient, patterns))
    )


def makes_user(step: Step) -> bool:
    """Whether the step makes the user, without whom the others fail."""
    return step.sql.startswith("CREATE USER ")


def script(plan: GrantPlan) -> Iterator[str]:
    """The plan's lines for any SQL client: each database's statements under a comment that names it.

    Names come from the warehouse, where anybody may have made them: a line break in one must not end a comment, because
    an administrator runs the script.
    """
    for database, group in groupby(plan.steps, key=lambda step: step.database):
        in_database = list(group)
        yield f"-- in database {in_one_line(database)}, for {in_one_line(plan.user)}"
        if any(needs_case(step.sql) for step in in_database):
            yield f"{KEEP_CASE};"
        yield from (f"{step.sql};  -- {in_one_line(step.why)}" for step in in_database)


def _worded(step: Step, recipient: Recipient) -> Step:
    """The step with keywords in capitals, as administrators' scripts have them; every name in it is quoted."""
    pieces = (piece if piece.startswith('"') else piece.upper() for piece in _QUOTED_OR_NOT.findall(step.sql))
    worded = replace(step, sql="".join(pieces))
    if not makes_user(worded):
        return worded
    user = recipient.name
    exists = f"user {user} does not exist" if recipient.exists is False else f"leave it out if user {user} exists"
    return replace(worded, why=exists)


def _notes(recipient: Recipient, patterns: Sequence[TablePattern]) -> Iterator[str]:
    if patterns:
        yield LATER_TEXT
    if recipient.makeable or recipient.exists:
        return
    state = "does not exist" if recipient.exists is False else "may not exist"
    yield f"User {recipient.name} {state}; an administrator makes it, with its password."
