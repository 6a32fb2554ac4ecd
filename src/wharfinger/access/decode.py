"""Rows of the system views into a live state and an inventory. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from wharfinger.access.model import (
    PRIVILEGES,
    DefaultRight,
    Grantee,
    GranteeKind,
    Inventory,
    Member,
    Object,
    ObjectKind,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
    State,
    User,
    is_system_schema,
)
from wharfinger.core.session import Row

Read = Mapping[str, list[Row]]
"""What each named statement of `access.sql` answered; an optional one that the server lacks is absent."""

_TYPES = {
    "int": "integer",
    "int4": "integer",
    "int2": "smallint",
    "int8": "bigint",
    "varchar": "character varying",
    "nvarchar": "character varying",
    "text": "character varying",
    "char": "character",
    "bpchar": "character",
    "float": "double precision",
    "float8": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "bool": "boolean",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
}


def signature(name: str, arguments: str) -> str:
    """A function's name with its argument types in the catalog's spelling: `total(integer, character varying)`."""
    types = [" ".join(one.lower().split("(")[0].split()) for one in arguments.split(",") if one.strip()]
    return f"{name}({', '.join(_TYPES.get(one, one) for one in types)})"


def state(warehouse: Read, databases: Mapping[str, Read]) -> State:
    """The live state: who is in `warehouse`, and what they hold in it and in each of `databases`."""
    names = {int(cast("int", row[1])): str(row[0]) for row in warehouse["users"]}
    return State(
        users=frozenset(User(str(row[0]), search_path(row[3]), superuser=bool(row[2])) for row in warehouse["users"]),
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
    )


def inventory(warehouse: Read, databases: Mapping[str, Read]) -> Inventory:
    """The objects that patterns in a spec are held against."""
    kinds = [(str(row[0]), str(row[1] or "local").strip().lower()) for row in warehouse["databases"]]
    return Inventory(
        databases=frozenset(name for name, kind in kinds if kind != "shared"),
        shared_databases=frozenset(name for name, kind in kinds if kind == "shared"),
        schemas=frozenset(schema for name, read in databases.items() for schema in _schemas(name, read)),
        tables=frozenset(
            Object("table", name, str(row[0]), str(row[1]))
            for name, read in databases.items()
            for row in read["tables"]
        ),
        functions=frozenset(
            Object("function", name, str(row[0]), signature(str(row[1]), str(row[2] or "")))
            for name, read in databases.items()
            for row in read.get("functions", [])
            if not is_system_schema(str(row[0]))
        ),
    )


def search_path(config: object) -> tuple[str, ...] | None:
    """The search_path in pg_user.useconfig, an array shown as `{"search_path=analytics, public"}`; None without one.

    The text form of the array is PostgreSQL's; whether Redshift's is the same is unverified, so a bare setting without
    the array around it is understood too.
    """
    text = str(config or "")
    settings = [_unescaped(element) for element in _ELEMENT.findall(text)] if text.startswith("{") else [text]
    for setting in settings:
        name, _, value = setting.partition("=")
        if name == "search_path":
            return tuple(quoted.replace('""', '"') or bare.strip() for quoted, bare in _PATH_PART.findall(value))
    return None


_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')
_PATH_PART = re.compile(r'"((?:[^"]|"")+)"|([^\s,"][^,"]*)')


def _unescaped(element: tuple[str, str]) -> str:
    quoted, bare = element
    return re.sub(r"\\(.)", r"\1", quoted) or bare


def _ids(members: object) -> list[int]:
    """User ids of pg_group.grolist, an int array that arrives as text such as `{100,101}`."""
    digits = str(members or "").strip("{}[] ")
    return [int(one) for one in digits.split(",") if one.strip()]


def _schemas(database: str, read: Read) -> Iterator[Schema]:
    for row in read["schemas"]:
        name = str(row[0])
        if not is_system_schema(name):
            yield Schema(database, name, external=str(row[1] or "").strip().lower() == "external")


def _role_members(warehouse: Read) -> Iterator[RoleMember]:
    for row in warehouse.get("role users", []):
        yield RoleMember(str(row[0]), Grantee("user", str(row[1])))
    for row in warehouse.get("role roles", []):
        yield RoleMember(str(row[0]), Grantee("role", str(row[1])))


def _grantee(name: object, kind: object) -> Grantee | None:
    """The grantee of a row; None for PUBLIC. A group may come as a role with a leading slash (redshift-facts §3.3)."""
    text, kind = str(name), str(kind).strip().lower()
    if kind == "role" and text.startswith("/"):
        return Grantee("group", text[1:])
    return Grantee(cast("GranteeKind", kind), text) if kind in ("user", "group", "role") else None


def _right(kind: ObjectKind, grantee: Grantee | None, privilege: object, on: Object) -> Iterator[Right]:
    name = str(privilege).strip().lower()
    name = "temp" if name == "temporary" else name
    if grantee is not None and name in PRIVILEGES[kind]:
        yield Right(grantee, name, on)


def _rights(warehouse: Read, databases: Mapping[str, Read]) -> Iterator[Right]:
    for name, privilege, who, kind in warehouse["database rights"]:
        yield from _right("database", _grantee(who, kind), privilege, Object("database", str(name)))
    for database, read in databases.items():
        for schema, privilege, who, kind, scope in read["schema rights"]:
            if str(scope).strip().upper() == "SCHEMA":
                yield from _right("schema", _grantee(who, kind), privilege, Object("schema", database, str(schema)))
        for schema, table, privilege, who, kind in read["table rights"]:
            on = Object("table", database, str(schema), str(table))
            yield from _right("table", _grantee(who, kind), privilege, on)
        for schema, function, arguments, privilege, who, kind in read.get("function rights", []):
            on = Object("function", database, str(schema), signature(str(function), str(arguments or "")))
            yield from _right("function", _grantee(who, kind), privilege, on)


def _defaults(database: str, read: Read) -> Iterable[DefaultRight]:
    for schema, kind, creator, privilege, who, who_kind in read["defaults"]:
        grantee = _grantee(who, who_kind)
        if grantee is not None and str(kind).strip().upper() == "RELATION" and schema:
            yield DefaultRight(grantee, str(privilege).strip().lower(), str(creator), database, str(schema))


def _scoped(database: str, read: Read) -> Iterable[ScopedRight]:
    for schema, privilege, who, kind, scope in read["schema rights"]:
        grantee = _grantee(who, kind)
        if grantee is not None and str(scope).strip().upper() == "TABLES":
            yield ScopedRight(grantee, str(privilege).strip().lower(), database, str(schema))
