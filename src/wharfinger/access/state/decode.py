"""Rows of the system views into a live state and an inventory. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from wharfinger.access.model import (
    EVERYBODY,
    PRIVILEGES,
    SCHEMA_PRIVILEGES,
    TABLE_PRIVILEGES,
    DefaultRight,
    Grantee,
    Inventory,
    Member,
    Object,
    ObjectKind,
    OtherKind,
    OtherRight,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
    State,
    User,
)
from wharfinger.access.state.columns import grantee_of, objects_word, privilege_of, search_path, signature, word
from wharfinger.core.names import is_system_schema
from wharfinger.core.session import Row

Read = Mapping[str, list[Row]]
"""The rows of each named statement of `state.statements`; an optional one that the server lacks is absent."""


def state(warehouse: Read, databases: Mapping[str, Read]) -> State:
    """The live state: users, groups and roles from `warehouse`, rights from it and from each of `databases`."""
    names = _names_by_id(warehouse)
    return State(
        users=frozenset(users(warehouse["users"])),
        groups=frozenset(str(row[0]) for row in warehouse["groups"]),
        roles=frozenset(str(row[0]) for row in warehouse.get("roles", []) if not str(row[0]).startswith("sys:")),
        schemas=frozenset(schema for name, read in databases.items() for schema in _schemas(name, read)),
        members=frozenset(
            Member(str(row[0]), names[one]) for row in warehouse["groups"] for one in _ids(row[1]) if one in names
        ),
        role_members=frozenset(_role_members(warehouse)),
        rights=frozenset(_rights(warehouse, databases)),
        defaults=frozenset(one for name, read in databases.items() for one in _defaults(name, read)),
        scoped=frozenset(one for name, read in databases.items() for one in _scoped(name, read)),
        others=frozenset(one for name, read in databases.items() for one in _others(name, read)),
    )


def users(rows: Iterable[Row]) -> Iterator[User]:
    """The users in the rows of `statements.USERS`."""
    for row in rows:
        yield User(str(row[0]), search_path(row[3]), superuser=bool(row[2]), id=_id(row[1]))


def inventory(warehouse: Read, databases: Mapping[str, Read]) -> Inventory:
    """The objects that exist, which patterns in a spec are compared with."""
    kinds = [(str(row[0]), word(row[1] or "local")) for row in warehouse["databases"]]
    return Inventory(
        databases=frozenset(name for name, kind in kinds if kind == "local"),
        shared_databases=frozenset(name for name, kind in kinds if kind == "shared"),
        schemas=frozenset(schema for name, read in databases.items() for schema in _schemas(name, read)),
        tables=frozenset(
            Object("table", name, str(row[0]), str(row[1]))
            for name, read in databases.items()
            for row in read["tables"]
        ),
        functions=frozenset(one for name, read in databases.items() for one in functions(name, read)),
        owners=dict(_owners(warehouse, databases)),
        views=frozenset(
            Object("table", name, str(row[0]), str(row[1]))
            for name, read in databases.items()
            for row in read["tables"]
            if str(row[3]) != "r"
        ),
    )


def _names_by_id(warehouse: Read) -> dict[int, str]:
    return {int(cast("int", row[1])): str(row[0]) for row in warehouse["users"]}


def _ids(members: object) -> list[int]:
    """User ids of pg_group.grolist, an int array that arrives as text such as `{100,101}`."""
    digits = str(members or "").strip("{}[] ")
    return [int(one) for one in digits.split(",") if one.strip()]


def _schemas(database: str, read: Read) -> Iterator[Schema]:
    for row in read["schemas"]:
        name = str(row[0])
        if not is_system_schema(name):
            yield Schema(database, name, external=word(row[1] or "") == "external")


def functions(database: str, read: Read) -> Iterator[Object]:
    """The functions and procedures of one database."""
    for schema, name, arguments, kind in read.get("functions", []):
        if not is_system_schema(str(schema)):
            is_procedure = "procedure" in str(kind or "").lower()
            what: ObjectKind = "procedure" if is_procedure else "function"
            yield Object(what, database, str(schema), signature(str(name), str(arguments or "")))


def routine_rights(database: str, read: Read) -> Iterator[tuple[Object, Row]]:
    """The routine of each row of "function rights", and the columns of that row behind its name.

    The view does not tell procedures from functions.
    """
    procedures = {(one.schema, one.name) for one in functions(database, read) if one.kind == "procedure"}
    for schema, function, arguments, *held in read.get("function rights", []):
        name = signature(str(function), str(arguments or ""))
        what: ObjectKind = "procedure" if (str(schema), name) in procedures else "function"
        yield Object(what, database, str(schema), name), tuple(held)


def _owners(warehouse: Read, databases: Mapping[str, Read]) -> Iterator[tuple[Object, str]]:
    names = _names_by_id(warehouse)
    for name, _, owner in warehouse["databases"]:
        if _id(owner) in names:
            yield Object("database", str(name)), names[_id(owner)]
    for database, read in databases.items():
        for schema, _, owner in read["schemas"]:
            if _id(owner) in names:
                yield Object("schema", database, str(schema)), names[_id(owner)]
        for schema, table, owner, _ in read["tables"]:
            if owner is not None:
                yield Object("table", database, str(schema), str(table)), str(owner)


def _id(owner: object) -> int:
    return int(str(owner)) if owner is not None else 0


def _role_members(warehouse: Read) -> Iterator[RoleMember]:
    for row in warehouse.get("role users", []):
        yield RoleMember(str(row[0]), Grantee("user", str(row[1])))
    for row in warehouse.get("role roles", []):
        yield RoleMember(str(row[0]), Grantee("role", str(row[1])))


def _right(grantee: Grantee | None, privilege: object, on: Object) -> Iterator[Right]:
    name = privilege_of(privilege)
    if grantee is not None and name in PRIVILEGES[on.kind]:
        yield Right(grantee, name, on)


def _rights(warehouse: Read, databases: Mapping[str, Read]) -> Iterator[Right]:
    for name, privilege, who, kind, *_ in warehouse["database rights"]:
        yield from _right(grantee_of(who, kind), privilege, Object("database", str(name)))
    for database, read in databases.items():
        for schema, privilege, who, kind, scope, *_ in read["schema rights"]:
            if word(scope) == "schema":
                yield from _right(grantee_of(who, kind), privilege, Object("schema", database, str(schema)))
        for schema, table, privilege, who, kind, *_ in read["table rights"]:
            yield from _right(grantee_of(who, kind), privilege, Object("table", database, str(schema), str(table)))
        for on, (privilege, who, kind, *_) in routine_rights(database, read):
            yield from _right(grantee_of(who, kind), privilege, on)


def _defaults(database: str, read: Read) -> Iterator[DefaultRight]:
    for schema, kind, creator, privilege, who, who_kind, *_ in read["defaults"]:
        grantee = grantee_of(who, who_kind)
        if grantee is not None and _is_default(schema, kind, privilege, who_kind):
            yield DefaultRight(grantee, privilege_of(privilege), str(creator), database, str(schema))


def _scoped(database: str, read: Read) -> Iterator[ScopedRight]:
    for schema, privilege, who, kind, scope, *_ in read["schema rights"]:
        grantee = grantee_of(who, kind)
        if grantee is not None and _is_scoped(privilege, kind, scope):
            yield ScopedRight(grantee, privilege_of(privilege), database, str(schema))


def _is_default(schema: object, kind: object, privilege: object, who_kind: object) -> bool:
    """Whether `future` of a spec expresses it: tables of one schema, for a user or a group; for roles it is a scope."""
    return (
        bool(schema)
        and objects_word(kind) == "tables"
        and _of_tables(privilege)
        and word(who_kind) not in ("role", "public")
    )


def _is_scoped(privilege: object, who_kind: object, scope: object) -> bool:
    """Whether `future` of a spec expresses it: the tables of one schema, for a role."""
    return word(scope) == "tables" and _of_tables(privilege) and word(who_kind) == "role"


def _of_tables(privilege: object) -> bool:
    """Whether a spec can grant it on the tables of a schema; `alter` there means the schema itself."""
    return privilege_of(privilege) in set(TABLE_PRIVILEGES) - set(SCHEMA_PRIVILEGES)


def _others(database: str, read: Read) -> Iterator[OtherRight]:
    def other(kind: OtherKind, who: object, who_kind: object, privilege: object, **more: str) -> Iterator[OtherRight]:
        grantee = EVERYBODY if word(who_kind) == "public" else grantee_of(who, who_kind)
        if grantee is not None:
            yield OtherRight(kind, grantee, privilege_of(privilege), database, **more)

    for schema, table, column, privilege, who, kind in read.get("column rights", []):
        where = {"schema": str(schema), "table": str(table), "column": str(column)}
        yield from other("column", who, kind, privilege, **where)
    for default_schema, objects, creator, privilege, who, kind, *_ in read["defaults"]:
        if not _is_default(default_schema, objects, privilege, kind):
            where = {"schema": str(default_schema or ""), "objects": objects_word(objects), "creator": str(creator)}
            yield from other("default", who, kind, privilege, **where)
    for schema, privilege, who, kind, scope, *_ in read["schema rights"]:
        if word(scope) != "schema" and not _is_scoped(privilege, kind, scope):
            yield from other("scope", who, kind, privilege, schema=str(schema), objects=word(scope))
    for privilege, who, kind, scope, *_ in read["database scopes"]:
        yield from other("scope", who, kind, privilege, objects=word(scope))
