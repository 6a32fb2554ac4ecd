"""What a connection's database user needs to read the tables of some patterns: as statements. Pure.

The forms are those of redshift-facts §4.2: USAGE on the schema and SELECT on its tables; an external schema takes USAGE
only; system schemas are readable by everyone and never granted on (§4.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from wharfinger.connections.checks import table_info_grant
from wharfinger.core.errors import NotFound
from wharfinger.core.names import KEEP_CASE, TableName, TablePattern, display_part, in_one_line, needs_case, quote_ident

Status = Literal["printed", "done", "already", "failed", "skipped"]

NO_FUTURE = "Tables made later are not covered: run this again after they are there."


@dataclass(frozen=True, slots=True)
class Existing:
    """What one database holds: its tables and views, and which of its schemas are external."""

    tables: frozenset[TableName]
    external: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One statement (without a semicolon) to run in a login to `database`, and what for."""

    database: str
    sql: str
    why: str


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """The statements in a working order. `exists` says whether the user is there; None is unknown."""

    user: str
    exists: bool | None
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one step; `already` when it was so before, `skipped` when it was not tried."""

    step: Step
    status: Status
    error: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """The database user: is it there (None: unknown), is it a superuser, and may it be made without a password?"""

    name: str
    exists: bool | None
    superuser: bool = False
    makeable: bool = True


@dataclass(slots=True)
class _Schema:
    """What is wanted of one schema: all its tables, or some."""

    whole: bool = False
    tables: set[TableName] = field(default_factory=set)


def plan_grants(
    who: Who, patterns: Sequence[TablePattern], existing: Mapping[str, Existing], *, default_database: str
) -> GrantPlan:
    """The statements that let `who` read what `patterns` match of `existing` (by database).

    Always opens svv_table_info in each database concerned. Raises NotFound for a pattern that matches nothing.
    """
    if who.superuser:
        return GrantPlan(who.name, True, (), (f"{who.name} is a superuser: it may read everything already.",))
    steps = [*_user(who, default_database)]
    wanted: dict[str, dict[str, _Schema]] = {default_database: {}}
    for pattern in patterns:
        _collect(pattern, existing, default_database, wanted)
    for database in sorted(wanted, key=lambda name: (name != default_database, name)):
        external = existing[database].external if database in existing else frozenset()
        steps += _database(who.name, database, wanted[database], external)
    notes = [NO_FUTURE] if patterns else []
    if who.exists is not True and not who.makeable:
        notes.append(f"Whether {who.name} exists is not known here; an administrator makes it, with its password.")
    return GrantPlan(who.name, who.exists, tuple(steps), tuple(notes))


def script(plan: GrantPlan) -> Iterator[str]:
    """The plan's lines for any SQL client: each database's statements under a comment that names it.

    Names come from the warehouse, where anybody may have made them: a line break in one must not end a comment, for
    an administrator runs what follows.
    """
    for database, group in groupby(plan.steps, key=lambda step: step.database):
        steps = list(group)
        yield f"-- in database {in_one_line(database)}, for {in_one_line(plan.user)}"
        if any(needs_case(step.sql) for step in steps):
            yield f"{KEEP_CASE};"
        yield from (f"{step.sql};  -- {in_one_line(step.why)}" for step in steps)


def _user(who: Who, database: str) -> Iterable[Step]:
    if who.exists or not who.makeable:
        return
    condition = "it is not there yet" if who.exists is False else "leave it out if the user is there already"
    yield Step(database, f"CREATE USER {quote_ident(who.name)} PASSWORD DISABLE", condition)


def _collect(
    pattern: TablePattern,
    existing: Mapping[str, Existing],
    default_database: str,
    wanted: dict[str, dict[str, _Schema]],
) -> None:
    matched = False
    for content in existing.values():
        for table in content.tables:
            if pattern.matches(table, default_database=default_database):
                matched = True
                schema = wanted.setdefault(table.database, {}).setdefault(table.schema, _Schema())
                schema.tables.add(table)
                schema.whole = schema.whole or _takes_all(pattern)
    if not matched:
        raise NotFound(
            "No table matches",
            subject=pattern.text,
            why="nothing of that name is visible",
            next_step="See `wharfinger tables list`; a pattern is schema.table or database.schema.table",
        )


def _takes_all(pattern: TablePattern) -> bool:
    return not pattern.name.exact and set(pattern.name.text) == {"*"}


def _database(user: str, database: str, schemas: Mapping[str, _Schema], external: frozenset[str]) -> Iterable[Step]:
    to = quote_ident(user)
    for name in sorted(schemas):
        schema, shown = schemas[name], display_part(name)
        yield Step(database, f"GRANT USAGE ON SCHEMA {quote_ident(name)} TO {to}", f"to enter {shown}")
        if name in external:
            continue  # its catalog decides who reads which table; Redshift takes no more than USAGE
        if schema.whole:
            sql = f"GRANT SELECT ON ALL TABLES IN SCHEMA {quote_ident(name)} TO {to}"
            yield Step(database, sql, f"to read the tables and views of {shown}")
            continue
        for table in sorted(schema.tables):
            yield Step(database, f"GRANT SELECT ON {table.sql()} TO {to}", f"to read {table}")
    yield Step(database, table_info_grant(user), "to know sizes and what has changed")
