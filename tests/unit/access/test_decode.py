from __future__ import annotations

import pytest

from wharfinger.access.model import (
    EVERYBODY,
    DefaultRight,
    Grantee,
    Member,
    Object,
    OtherRight,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
)
from wharfinger.access.state.columns import search_path, signature
from wharfinger.access.state.decode import inventory, state
from wharfinger.core.session import Row

WAREHOUSE: dict[str, list[Row]] = {
    "users": [("awsuser", 100, True, None), ("alice", 101, False, '{"search_path=analytics, public"}')],
    "groups": [("team", "{101,999}"), ("empty", None)],
    "roles": [("reader", "awsuser"), ("sys:dba", "rdsdb")],
    "role users": [("reader", "alice")],
    "role roles": [("reader", "writer")],
    "databases": [("dev", "local", 100), ("lent", "shared", None)],
    "database rights": [("dev", "TEMP", "team", "group"), ("dev", "CREATE", "public", "public")],
}
DEV: dict[str, list[Row]] = {
    "schemas": [("raw", "local", 101), ("lake", "external", 100), ("pg_catalog", "local", 1)],
    "tables": [("raw", "orders", "alice", "r"), ("raw", "seen", None, "v")],
    "functions": [
        ("raw", "total", "integer, character varying", "REGULAR FUNCTION"),
        ("raw", "load", "", "STORED PROCEDURE"),
        ("pg_catalog", "abs", "integer", "REGULAR FUNCTION"),
    ],
    "schema rights": [
        ("raw", "USAGE", "team", "group", "SCHEMA"),
        ("raw", "SELECT", "reader", "role", "TABLES"),
        ("raw", "SELECT", "alice", "user", "TABLES"),
        ("raw", "EXECUTE", "reader", "role", "FUNCTIONS"),
    ],
    "table rights": [("raw", "orders", "SELECT", "/team", "role"), ("raw", "orders", "RULE", "alice", "user")],
    "function rights": [
        ("raw", "total", "integer, character varying", "EXECUTE", "alice", "user"),
        ("raw", "load", "", "EXECUTE", "alice", "user"),
    ],
    "column rights": [("raw", "orders", "total", "SELECT", "team", "group")],
    "database scopes": [("USAGE", "reader", "role", "SCHEMAS")],
    "defaults": [
        ("raw", "RELATION", "loader", "SELECT", "team", "group"),
        ("raw", "FUNCTION", "loader", "EXECUTE", "team", "group"),
        (None, "RELATION", "loader", "SELECT", "team", "group"),
        ("raw", "RELATION", "loader", "SELECT", "reader", "role"),
        ("raw", "RELATION", "loader", "SELECT", "public", "public"),
    ],
}
TEAM = Grantee("group", "team")
READER = Grantee("role", "reader")


def test_rows_become_the_live_state() -> None:
    live = state(WAREHOUSE, {"dev": DEV})
    assert {(user.name, user.superuser, user.search_path) for user in live.users} == {
        ("awsuser", True, None),
        ("alice", False, ("analytics", "public")),
    }
    assert live.members == {Member("team", "alice")}
    assert live.roles == {"reader"}
    assert live.role_members == {
        RoleMember("reader", Grantee("user", "alice")),
        RoleMember("reader", Grantee("role", "writer")),
    }
    assert live.rights == {
        Right(TEAM, "temp", Object("database", "dev")),
        Right(TEAM, "usage", Object("schema", "dev", "raw")),
        Right(TEAM, "select", Object("table", "dev", "raw", "orders")),
        Right(
            Grantee("user", "alice"),
            "execute",
            Object("function", "dev", "raw", "total(integer, character varying)"),
        ),
        Right(Grantee("user", "alice"), "execute", Object("procedure", "dev", "raw", "load()")),
    }
    assert live.defaults == {DefaultRight(TEAM, "select", "loader", "dev", "raw")}
    assert live.scoped == {ScopedRight(READER, "select", "dev", "raw")}
    assert live.schemas == {Schema("dev", "raw"), Schema("dev", "lake")}


def test_what_no_spec_can_say_is_kept_apart() -> None:
    alice = Grantee("user", "alice")
    assert state(WAREHOUSE, {"dev": DEV}).others == {
        OtherRight("column", TEAM, "select", "dev", "raw", "orders", "total"),
        OtherRight("default", TEAM, "execute", "dev", "raw", objects="functions", creator="loader"),
        OtherRight("default", TEAM, "select", "dev", objects="tables", creator="loader"),
        OtherRight("default", READER, "select", "dev", "raw", objects="tables", creator="loader"),
        OtherRight("default", EVERYBODY, "select", "dev", "raw", objects="tables", creator="loader"),
        OtherRight("scope", alice, "select", "dev", "raw", objects="tables"),
        OtherRight("scope", READER, "execute", "dev", "raw", objects="functions"),
        OtherRight("scope", READER, "usage", "dev", objects="schemas"),
    }


def test_rows_become_the_inventory() -> None:
    there = inventory(WAREHOUSE, {"dev": DEV})
    assert there.databases == {"dev"}
    assert there.shared_databases == {"lent"}
    assert {schema.name for schema in there.schemas if schema.external} == {"lake"}
    assert there.functions == {
        Object("function", "dev", "raw", "total(integer, character varying)"),
        Object("procedure", "dev", "raw", "load()"),
    }
    assert there.owners == {
        Object("database", "dev"): "awsuser",
        Object("schema", "dev", "raw"): "alice",
        Object("schema", "dev", "lake"): "awsuser",
        Object("table", "dev", "raw", "orders"): "alice",
    }
    assert there.views == {Object("table", "dev", "raw", "seen")}


def test_a_server_without_roles_has_none() -> None:
    older = {name: rows for name, rows in WAREHOUSE.items() if not name.startswith("role")}
    assert state(older, {}).role_members == frozenset()


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (None, None),
        ("{query_group=x}", None),
        ("{search_path=analytics}", ("analytics",)),
        ('{"search_path=analytics, public"}', ("analytics", "public")),
        ('{"search_path=\\"my schema\\", public"}', ("my schema", "public")),
        ('{"search_path=\\"say \\"\\"hi\\"\\"\\""}', ('say "hi"',)),
        ("{search_path=a,query_group=b}", ("a",)),
        ("search_path=a, b", ("a", "b")),
        ('{query_group=x,"search_path=a, b",statement_timeout=5}', ("a", "b")),
        ('{"search_path=\\"$user\\", public"}', ("$user", "public")),
    ],
)
def test_a_search_path_is_read_from_the_users_settings(config: str | None, path: tuple[str, ...] | None) -> None:
    assert search_path(config) == path


def test_argument_types_are_compared_in_the_catalogs_spelling() -> None:
    assert signature("total", "INT, varchar(20),  float8") == "total(integer, character varying, double precision)"
    assert signature("now", "") == "now()"
    assert signature("pay", "DECIMAL(10, 2), bool") == "pay(numeric, boolean)"
