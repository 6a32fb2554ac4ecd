"""Changes as SQL steps: neighbouring changes that differ only in the object share a statement. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from wharfinger.access.model import (
    DefaultRight,
    Member,
    Object,
    OtherRight,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
    User,
    routine_sql,
)
from wharfinger.access.planning.changes import Change, DisabledPassword, NewGroup, NewPassword, NewRole
from wharfinger.access.planning.step import Step
from wharfinger.access.planning.user_steps import disabled_password, enabled_password, new_user, search_path
from wharfinger.core.names import is_system_schema, quote_ident

NAMES_A_STATEMENT = 200
"""So that a statement stays far below the Data API's 100 KB (redshift-facts §1.10) with names of 127 bytes."""


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Where the steps of the whole warehouse run, and how rights on several tables share a statement."""

    database: str
    tables: Mapping[tuple[str, str], frozenset[Object]]
    names: int


def steps(
    changes: Iterable[Change],
    *,
    database: str,
    tables: frozenset[Object],
    whole: Collection[tuple[str, str]] | None = None,
    names_a_statement: int = NAMES_A_STATEMENT,
) -> tuple[Step, ...]:
    """The statements for `changes`, in their order.

    Users, groups and roles belong to the whole warehouse; they are made in `database`. `tables` are those that exist.
    A right on every table of a schema becomes one ON ALL TABLES for the schemas (database, schema) in `whole`, which
    by default are those with more than one table; else a statement names up to `names_a_statement` tables.
    """
    by_schema: dict[tuple[str, str], set[Object]] = {}
    for table in tables:
        by_schema.setdefault((table.database, table.schema), set()).add(table)
    if whole is None:
        whole = {place for place, found in by_schema.items() if len(found) > 1}
    grouping = _Grouping(database, {place: frozenset(by_schema.get(place, ())) for place in whole}, names_a_statement)
    return tuple(step for _, run in groupby(changes, key=_alike) for step in _steps(list(run), grouping))


def _alike(change: Change) -> tuple[object, ...]:
    item = change.item
    match item:
        case Right():
            kind = item.on.kind
            place = (item.on,) if kind in ("database", "schema") else (item.on.database, item.on.schema)
            return (change.verb, Right, kind, item.grantee, *place)
        case DefaultRight():
            return (change.verb, DefaultRight, item.grantee, item.database, item.schema)
        case ScopedRight():
            return (change.verb, ScopedRight, item.grantee, item.database, item.schema)
        case Member():
            return (change.verb, Member, item.group)
        case _:
            return (change.verb, item)


def _steps(run: list[Change], grouping: _Grouping) -> Iterator[Step]:
    database = grouping.database
    first = run[0].item
    remove = run[0].verb == "remove"
    match first:
        case User():
            yield new_user(database, first) if run[0].verb == "add" else search_path(database, first)
        case NewPassword():
            yield enabled_password(database, first.user)
        case DisabledPassword():
            yield disabled_password(database, first.user)
        case NewGroup():
            yield Step(
                database,
                f"create group {quote_ident(first.name)}",
                f"group {first.name} is declared and does not exist",
            )
        case NewRole():
            yield Step(
                database, f"create role {quote_ident(first.name)}", f"role {first.name} is declared and does not exist"
            )
        case Schema():
            yield Step(
                first.database,
                f"create schema {quote_ident(first.name)}",
                f"schema {first.name} is declared and does not exist",
            )
        case Member():
            users = [one.item.user for one in run if isinstance(one.item, Member)]
            for start in range(0, len(users), NAMES_A_STATEMENT):
                yield _members(users[start : start + NAMES_A_STATEMENT], first.group, database, remove)
        case RoleMember():
            yield _role(first, database, remove)
        case Right():
            yield from _rights([one.item for one in run if isinstance(one.item, Right)], grouping, remove)
        case DefaultRight():
            yield from _defaults([one.item for one in run if isinstance(one.item, DefaultRight)], remove)
        case OtherRight():
            yield _other(first)
        case ScopedRight():
            yield _scoped([one.item for one in run if isinstance(one.item, ScopedRight)], remove)


def _members(users: list[str], group: str, database: str, remove: bool) -> Step:
    verb = "drop" if remove else "add"
    why = f"not declared as members of group {group}" if remove else f"declared as members of group {group}"
    names = ", ".join(quote_ident(user) for user in users)
    return Step(database, f"alter group {quote_ident(group)} {verb} user {names}", why, destructive=remove)


def _role(holder: RoleMember, database: str, remove: bool) -> Step:
    why = f"{holder.grantee} is {'not ' if remove else ''}declared as a member of role {holder.role}"
    sql = f"{_verb(remove)} role {quote_ident(holder.role)} {_preposition(remove)} {holder.grantee.sql()}"
    return Step(database, sql, why, destructive=remove)


def _rights(rights: list[Right], grouping: _Grouping, remove: bool) -> Iterator[Step]:
    first = rights[0]
    if first.on.kind in ("database", "schema"):
        container = first.on.database if first.on.kind == "database" else first.on.schema
        target = f"{first.on.kind} {quote_ident(container)}"
        yield _right_step(first, _privileges(rights), target, container, remove)
        return
    by_object: dict[Object, list[str]] = {}
    for right in rights:
        by_object.setdefault(right.on, []).append(right.privilege)
    alike: dict[tuple[str, ...], list[Object]] = {}
    for one, privileges in sorted(by_object.items()):
        alike.setdefault(tuple(sorted(privileges)), []).append(one)
    for shared, objects in sorted(alike.items()):
        for target, about in _targets(first.on.kind, objects, grouping):
            yield _right_step(first, ", ".join(shared), target, about, remove)


def _targets(kind: str, objects: list[Object], grouping: _Grouping) -> Iterator[tuple[str, str]]:
    """The objects as GRANT and REVOKE name them, each with a description for people."""
    schema = objects[0].schema
    if kind in ("function", "procedure"):
        for one in objects:
            yield f"{kind} {routine_sql(schema, one.name)}", f"{schema}.{one.name}"
    elif grouping.tables.get((objects[0].database, schema)) == frozenset(objects):
        yield f"all tables in schema {quote_ident(schema)}", f"every table of {schema}"
    else:
        for start in range(0, len(objects), grouping.names):
            part = objects[start : start + grouping.names]
            names = ", ".join(map(_table, part))
            yield f"table {names}", f"{schema}.{part[0].name}" if len(part) == 1 else f"{len(part)} tables of {schema}"


def _table(one: Object) -> str:
    """A table as SQL names it; a system view without its schema, as AWS documents it (redshift-facts §4.4)."""
    return (
        quote_ident(one.name) if is_system_schema(one.schema) else f"{quote_ident(one.schema)}.{quote_ident(one.name)}"
    )


def _other(right: OtherRight) -> Step:
    """The REVOKE of a right that no spec can express."""
    whom = f"from {right.grantee.sql()}"
    place = f"schema {quote_ident(right.schema)}" if right.schema else f"database {quote_ident(right.database)}"
    if right.kind == "column":
        table = f"{quote_ident(right.schema)}.{quote_ident(right.table)}"
        sql = f"revoke {right.privilege} ({quote_ident(right.column)}) on table {table} {whom}"
    elif right.kind == "default":
        within = f" in {place}" if right.schema else ""
        creator = quote_ident(right.creator)
        sql = f"alter default privileges for user {creator}{within} revoke {right.privilege} on {right.objects} {whom}"
    else:
        sql = f"revoke {right.privilege} for {right.objects} in {place} {whom}"
    return Step(right.database, sql, f"{right.grantee} holds {right.words()}", destructive=True)


def _right_step(right: Right, privileges: str, target: str, about: str, remove: bool) -> Step:
    why = f"{right.grantee} {'holds' if remove else 'needs'} {privileges} on {about}"
    why += ", which is not declared" if remove else ""
    sql = f"{_verb(remove)} {privileges} on {target} {_preposition(remove)} {right.grantee.sql()}"
    return Step(right.on.database, sql, why, destructive=remove)


def _defaults(rights: list[DefaultRight], remove: bool) -> Iterator[Step]:
    by_creator: dict[str, list[str]] = {}
    for right in rights:
        by_creator.setdefault(right.creator, []).append(right.privilege)
    first = rights[0]
    for creator, privileges in by_creator.items():
        yield Step(
            first.database,
            f"alter default privileges for user {quote_ident(creator)} in schema {quote_ident(first.schema)} "
            f"{_verb(remove)} {', '.join(sorted(privileges))} on tables {_preposition(remove)} {first.grantee.sql()}",
            f"tables that {creator} will make in {first.schema} are {_declared(remove)} for {first.grantee}",
            destructive=remove,
        )


def _scoped(rights: list[ScopedRight], remove: bool) -> Step:
    first = rights[0]
    privileges = ", ".join(sorted(right.privilege for right in rights))
    return Step(
        first.database,
        f"{_verb(remove)} {privileges} for tables in schema {quote_ident(first.schema)} "
        f"{_preposition(remove)} {first.grantee.sql()}",
        f"all tables of {first.schema}, present and future, are {_declared(remove)} for {first.grantee}",
        destructive=remove,
    )


def _verb(remove: bool) -> str:
    return "revoke" if remove else "grant"


def _preposition(remove: bool) -> str:
    return "from" if remove else "to"


def _declared(remove: bool) -> str:
    return "not declared" if remove else "declared"


def _privileges(rights: list[Right]) -> str:
    return ", ".join(sorted({right.privilege for right in rights}))
