"""Changes as SQL steps: neighbours that say the same of many objects share a statement. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from wharfinger.access.changes import Change, NewGroup, NewRole
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
)
from wharfinger.core.names import display_part, quote_ident, quote_literal

PASSWORD = "'***'"  # noqa: S105
"""What stands in a step's text where the digest of a password goes when it is applied."""

NAMES_A_STATEMENT = 200
"""So that a statement stays far below the Data API's 100 KB (redshift-facts §1.10) with names of 127 bytes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a plan, in `database`. `password_for` names the user whose password digest it takes."""

    database: str
    sql: str
    why: str
    destructive: bool = False
    password_for: str = ""

    def with_digest(self, digest: str) -> str:
        """The statement as it is sent, with `digest` where the placeholder stood."""
        head, _, tail = self.sql.rpartition(PASSWORD)
        return head + quote_literal(digest) + tail


def steps(changes: Iterable[Change], *, database: str, tables: frozenset[Object]) -> tuple[Step, ...]:
    """The statements for `changes`, in their order.

    `database` is where users and groups are made, which belong to the whole warehouse; `tables` is all that exists, so
    that a right on every table of a schema is one ON ALL TABLES.
    """
    return tuple(step for _, run in groupby(changes, key=_alike) for step in _steps(list(run), database, tables))


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


def _steps(run: list[Change], database: str, tables: frozenset[Object]) -> Iterator[Step]:
    first = run[0].item
    remove = run[0].verb == "remove"
    match first:
        case User():
            yield _user(first, database) if run[0].verb == "add" else _path(first, database)
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
            yield from _rights([one.item for one in run if isinstance(one.item, Right)], tables, remove)
        case DefaultRight():
            yield from _defaults([one.item for one in run if isinstance(one.item, DefaultRight)], remove)
        case OtherRight():
            yield taken(first)
        case ScopedRight():
            yield _scoped([one.item for one in run if isinstance(one.item, ScopedRight)], remove)


def _user(user: User, database: str) -> Step:
    if user.credentials == "password":
        why = f"user {user.name} is declared and does not exist; a password is generated and sent as its md5 digest"
        return Step(database, f"create user {quote_ident(user.name)} password {PASSWORD}", why, password_for=user.name)
    why = f"user {user.name} is declared and does not exist; it has no password and signs in with IAM"
    return Step(database, f"create user {quote_ident(user.name)} password disable", why)


def new_password(database: str, user: str) -> Step:
    """What gives an existing user another password; the old one is good no more at once."""
    sql = f"alter user {quote_ident(user)} password {PASSWORD}"
    return Step(database, sql, f"user {user} gets a new password", password_for=user)


def _path(user: User, database: str) -> Step:
    name = quote_ident(user.name)
    if not user.search_path:
        return Step(database, f"alter user {name} reset search_path", f"user {user.name} declares an empty search_path")
    path = ", ".join(quote_ident(schema) for schema in user.search_path)
    return Step(
        database,
        f"alter user {name} set search_path to {path}",
        f"user {user.name} declares this search_path; dbt drops the one in a profile",
    )


def _members(users: list[str], group: str, database: str, remove: bool) -> Step:
    verb = "drop" if remove else "add"
    why = f"not declared as members of group {group}" if remove else f"declared as members of group {group}"
    names = ", ".join(quote_ident(user) for user in users)
    return Step(database, f"alter group {quote_ident(group)} {verb} user {names}", why, destructive=remove)


def _role(holder: RoleMember, database: str, remove: bool) -> Step:
    why = f"{holder.grantee} is {'not ' if remove else ''}declared as a member of role {holder.role}"
    sql = f"{_verb(remove)} role {quote_ident(holder.role)} {_preposition(remove)} {holder.grantee.sql()}"
    return Step(database, sql, why, destructive=remove)


def _rights(rights: list[Right], tables: frozenset[Object], remove: bool) -> Iterator[Step]:
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
    whole = {one for one in tables if (one.database, one.schema) == (first.on.database, first.on.schema)}
    for shared, objects in sorted(alike.items()):
        for target, about in _targets(first.on.kind, objects, whole):
            yield _right_step(first, ", ".join(shared), target, about, remove)


def _targets(kind: str, objects: list[Object], whole: set[Object]) -> Iterator[tuple[str, str]]:
    schema = objects[0].schema
    if kind in ("function", "procedure"):
        for one in objects:
            yield f"{kind} {routine(schema, one.name)}", f"{schema}.{one.name}"
    elif len(objects) > 1 and whole and whole == set(objects):
        yield f"all tables in schema {quote_ident(schema)}", f"every table of {schema}"
    else:
        for start in range(0, len(objects), NAMES_A_STATEMENT):
            part = objects[start : start + NAMES_A_STATEMENT]
            names = ", ".join(f"{quote_ident(one.schema)}.{quote_ident(one.name)}" for one in part)
            yield f"table {names}", f"{schema}.{part[0].name}" if len(part) == 1 else f"{len(part)} tables of {schema}"


def routine(schema: str, name: str) -> str:
    """A function or procedure as SQL names it, from its name with argument types."""
    head, _, arguments = name.rpartition("(")
    return f"{quote_ident(schema)}.{quote_ident(head)}({arguments}"


def taken(right: OtherRight) -> Step:
    """The REVOKE of a right that no spec speaks of."""
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
    return Step(right.database, sql, f"{right.grantee} holds {other_words(right)}", destructive=True)


def other_words(right: OtherRight) -> str:
    """A right that no spec speaks of, in words."""
    place = f"schema {display_part(right.schema)}" if right.schema else f"database {display_part(right.database)}"
    if right.kind == "column":
        where = ".".join(display_part(part) for part in (right.schema, right.table, right.column))
        return f"{right.privilege} on column {where}"
    if right.kind == "default":
        return f"{right.privilege} on {right.objects} that {right.creator} will make in {place}"
    return f"{right.privilege} on all {right.objects} of {place}, present and future"


def _right_step(right: Right, privileges: str, target: str, about: str, remove: bool) -> Step:
    why = f"{right.grantee} {'holds' if remove else 'lacks'} {privileges} on {about}"
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
