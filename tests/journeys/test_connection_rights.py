"""The policy and the grants of a connection are exactly what it needs: tried with these and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.journeys.places import Place, failed
from tests.sandbox.front import engine

from wharfinger.core.errors import Refused


def connect(place: Place, *arguments: str, name: str = "shop", identity: str = "analyst") -> dict[str, Any]:
    """Add a connection with the identity's own keys; returns its test."""
    keys = place.sandbox.identity(identity)
    place.set("SHOP_KEY", keys["secret_access_key"])
    who = ["--access-key-id", keys["access_key_id"], "--secret-access-key-from", "env:SHOP_KEY"]
    answer = place.cli("connection", "add", name, "--database", "dev", *who, *arguments, "--json")
    assert answer.code == 0, answer
    return dict(answer.document["test"])


def workgroup(place: Place) -> list[str]:
    return ["--workgroup", place.sandbox.ready["workgroup"]["name"]]


def cluster(place: Place) -> list[str]:
    return ["--cluster", place.sandbox.ready["cluster"]["identifier"]]


def run_as(place: Place, connection: str, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
    """Run one statement through a saved connection, as the product does."""
    from contextlib import closing

    from wharfinger.app import open_app
    from wharfinger.core.session import Statement, Usage

    connections = open_app(place.home).connections
    with closing(connections.open(connections.get(connection), Usage(), database=database)) as session:
        return list(session.run(Statement(sql)))


@contextmanager
def superuser(place: Place, database: str = "dev") -> Iterator[psycopg.Connection[Any]]:
    with engine(place.sandbox, database) as connection:
        yield connection


@pytest.fixture
def schema(place: Place) -> Iterator[str]:
    """A schema for the test in `dev`, with two tables and a view; no user has rights on it."""
    name = f"wh\"arf {uuid.uuid4().hex[:8]} 'é."
    quoted = '"' + name.replace('"', '""') + '"'
    with superuser(place) as connection:
        connection.execute(f"create schema {quoted}")
        connection.execute(f"create table {quoted}.one (x int)")
        connection.execute(f'create table {quoted}."select"(x int)')
        connection.execute(f"create view {quoted}.seen as select x from {quoted}.one")
        yield quoted
        connection.execute(f"drop schema {quoted} cascade")


@pytest.mark.parametrize("sign_in", ["workgroup", "cluster", "db-user", "secret"])
def test_an_identity_with_nothing_but_the_printed_policy_passes_the_test(place: Place, sign_in: str) -> None:
    place.become("admin")
    password = place.sandbox.ready["admin"]["password"]
    arguments = {
        "workgroup": workgroup(place),
        "cluster": cluster(place),
        "db-user": [*cluster(place), "--sign-in", "db-user", "--db-user", "awsuser"],
        "secret": [*workgroup(place), "--sign-in", "secret"],
    }[sign_in]
    if sign_in == "secret":
        arguments += ["--secret-arn", place.secret({"username": "awsuser", "password": password})]
    connect(place, *arguments, identity="admin")
    policy = place.cli("connection", "policy", "shop", "--json").document
    place.user_with(*policy["Statement"])

    answer = place.cli("connection", "add", "least", "--database", "dev", *arguments, "--json")

    assert answer.code == 0, answer
    assert answer.document["test"]["ok"] is True
    statuses = {check["id"]: check["status"] for check in answer.document["test"]["checks"]}
    assert statuses["target"] == "skipped"
    assert statuses["sign-in"] == statuses["catalog"] == "passed"


@pytest.mark.parametrize("left_out", ["RunStatements", "FollowOwnStatements", "SignIn"])
def test_each_statement_of_the_policy_is_needed(place: Place, left_out: str) -> None:
    connect(place, *workgroup(place))
    policy = place.cli("connection", "policy", "shop", "--json").document
    place.user_with(*[statement for statement in policy["Statement"] if statement["Sid"] != left_out])

    answer = place.workgroup(name=place.sandbox.ready["workgroup"]["name"])

    assert answer.error["kind"] == "conflict"
    again = place.cli("connection", "add", "least", "--database", "dev", *workgroup(place), "--json")
    failed(again, "sign-in", "not authorized", next_step="Allow")


def test_discovery_needs_its_own_statement_and_no_more(place: Place) -> None:
    connect(place, *workgroup(place))
    policy = place.cli("connection", "policy", "shop", "--discovery", "--json").document
    place.user_with(*[statement for statement in policy["Statement"] if statement["Sid"] == "OptionalDiscovery"])

    found = place.cli("connection", "discover", "--json").document

    assert [(one["kind"], one["name"]) for one in found["targets"]] == [
        ("cluster", place.sandbox.ready["cluster"]["identifier"]),
        ("workgroup", place.sandbox.ready["workgroup"]["name"]),
    ]
    assert found["denied"] == []
    assert found["targets"][0]["endpoint"]["port"] == place.sandbox.ready["wire"]["port"]


def test_a_denied_list_names_the_action(place: Place) -> None:
    answer = place.cli("connection", "discover", "--json")

    assert answer.code == 0
    assert answer.document["targets"] == []
    assert answer.document["denied"] == [
        {"kind": "cluster", "action": "redshift:DescribeClusters"},
        {"kind": "workgroup", "action": "redshift-serverless:ListWorkgroups"},
    ]


def test_the_policy_names_the_account_that_sts_tells(place: Place) -> None:
    connect(place, *cluster(place))
    text = place.cli("connection", "policy", "shop").out

    assert place.cli("connection", "show", "shop", "--json").document["account_id"] == place.sandbox.ready["account_id"]
    assert f":{place.sandbox.ready['account_id']}:cluster:{place.sandbox.ready['cluster']['identifier']}" in text


def test_a_workgroup_whose_arn_may_not_be_asked_for_is_said_to_be_any(place: Place) -> None:
    connect(place, *workgroup(place))
    answer = place.cli("connection", "policy", "shop")

    assert f":{place.sandbox.ready['account_id']}:workgroup/*" in answer.out
    assert "GetWorkgroup" in answer.err


def test_printed_grants_are_what_lets_the_user_read(place: Place, schema: str) -> None:
    connect(place, *workgroup(place))
    with pytest.raises(Refused):
        run_as(place, "shop", f"select count(*) from {schema}.one")
    printed = place.cli("connection", "grants", "shop", f"{schema}.*", "--json").document

    connect(place, *cluster(place), name="boss", identity="admin")
    for statement in printed["statements"]:
        run_as(place, "boss", statement["sql"], statement["database"])

    assert printed["user"] == "IAM:analyst"
    for table in ("one", '"select"', "seen"):
        assert run_as(place, "shop", f"select count(*) from {schema}.{table}") == [(0,)]


def test_grants_through_an_administrator_are_applied_and_may_be_repeated(place: Place, schema: str) -> None:
    connect(place, *workgroup(place))
    connect(place, *cluster(place), name="boss", identity="admin")
    command = ["connection", "grants", "shop", f"{schema}.one", "--via", "boss", "--yes", "--json"]
    first, second = place.cli(*command), place.cli(*command)

    assert (first.code, second.code) == (0, 0)
    assert first.document == second.document
    assert first.document["applied"] == first.document["of"] == 3
    assert {statement["status"] for statement in first.document["statements"]} == {"done"}
    assert run_as(place, "shop", f"select count(*) from {schema}.one") == [(0,)]
    with pytest.raises(Refused):
        run_as(place, "shop", f'select count(*) from {schema}."select"')


def test_after_the_grants_the_connection_test_has_nothing_to_warn_of(place: Place) -> None:
    connect(place, *workgroup(place))
    connect(place, *cluster(place), name="boss", identity="admin")
    assert place.cli("connection", "grants", "shop", "--via", "boss", "--yes").code == 0
    checks = place.cli("connection", "test", "shop", "--json").document["checks"]

    assert {check["id"]: check["status"] for check in checks}["table-info"] == "passed"


def test_a_user_that_is_not_there_is_made_without_a_password(place: Place) -> None:
    user = f"reader_{uuid.uuid4().hex[:8]}"
    place.become("admin")
    connect(place, *cluster(place), name="boss", identity="admin")
    arguments = ["--sign-in", "db-user", "--db-user", user, "--untested"]
    added = place.cli("connection", "add", "reader", "--database", "dev", *cluster(place), *arguments, "--json")
    assert added.code == 0

    blind = place.cli("connection", "grants", "reader", "raw_shop.*", "--json").document
    made = place.cli("connection", "grants", "reader", "--via", "boss", "--yes", "--json").document
    again = place.cli("connection", "grants", "reader", "--via", "boss", "--json").document

    assert blind["user_exists"] is None
    assert blind["statements"][0]["sql"] == f'CREATE USER "{user}" PASSWORD DISABLE'
    assert "leave it out" in blind["statements"][0]["why"]
    assert (made["user"], made["user_exists"], made["statements"][0]["status"]) == (user, False, "done")
    assert again["error"]["kind"] == "invalid"  # asks for a confirmation, since svv_table_info is granted again
    tested = place.cli("connection", "test", "reader", "--json")
    assert tested.document["ok"] is True


def test_a_user_made_by_somebody_else_meanwhile_is_no_failure(place: Place) -> None:
    from wharfinger.app import open_app

    user = f"reader_{uuid.uuid4().hex[:8]}"
    place.become("admin")
    connect(place, *cluster(place), name="boss", identity="admin")
    arguments = ["--sign-in", "db-user", "--db-user", user, "--untested"]
    place.cli("connection", "add", "reader", "--database", "dev", *cluster(place), *arguments)
    app = open_app(place.home)
    reader, boss = app.connections.get("reader"), app.connections.get("boss")
    plan = app.grants.plan(reader, [], boss)
    run_as(place, "boss", f"create user {user} password disable")

    done = app.grants.apply(reader, plan, boss)

    assert [one.status for one in done] == ["already", "done"]


def test_without_yes_nobody_is_asked_in_a_pipe_and_nothing_is_done(place: Place, schema: str) -> None:
    connect(place, *workgroup(place))
    connect(place, *cluster(place), name="boss", identity="admin")
    answer = place.cli("connection", "grants", "shop", f"{schema}.*", "--via", "boss", "--json")

    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "--yes" in answer.error["next_step"]
    with pytest.raises(Refused):
        run_as(place, "shop", f"select count(*) from {schema}.one")


def test_grants_by_somebody_without_the_right_fail_one_by_one(place: Place, schema: str) -> None:
    connect(place, *workgroup(place))
    answer = place.cli("connection", "grants", "shop", f"{schema}.one", "--via", "shop", "--yes", "--json")

    assert answer.code == 1
    assert answer.document["applied"] == 0
    assert {statement["status"] for statement in answer.document["statements"]} == {"failed"}
    assert all(statement["error"] for statement in answer.document["statements"])


def test_grants_reach_into_every_database(place: Place) -> None:
    connect(place, *workgroup(place))
    connect(place, *cluster(place), name="boss", identity="admin")
    answer = place.cli("connection", "grants", "shop", "*.*.*", "--via", "boss", "--yes", "--json")

    assert answer.code == 0, answer
    databases = {statement["database"] for statement in answer.document["statements"]}
    assert databases >= {"dev", "marketing"}
    sql = [statement["sql"] for statement in answer.document["statements"]]
    assert not [text for text in sql if "pg_catalog" in text or "information_schema" in text]


def test_a_superuser_needs_no_grants(place: Place) -> None:
    connect(place, *cluster(place), identity="admin")
    document = place.cli("connection", "grants", "shop", "*.*", "--json").document

    assert document["statements"] == []
    assert "superuser" in document["notes"][0]


def test_a_pattern_that_matches_nothing_or_is_malformed_is_told(place: Place) -> None:
    connect(place, *workgroup(place))
    missing = place.cli("connection", "grants", "shop", "no_such_schema.*", "--json")
    malformed = place.cli("connection", "grants", "shop", "orders", "--json")

    assert (missing.code, missing.error["kind"]) == (2, "not_found")
    assert (malformed.code, malformed.error["kind"]) == (2, "invalid")
