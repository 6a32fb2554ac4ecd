"""What is read before grants are planned, and what happens when one of them fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from tests.unit.access.scripted import ANALYST, KnownPasswords, ScriptedConnections
from tests.unit.scripted_sql import Answer

from wharfinger.access.applying.recording import Recording
from wharfinger.access.granting.plan import GrantPlan
from wharfinger.access.granting.planner import GrantPlanner
from wharfinger.access.granting.runner import GrantRunner
from wharfinger.access.planning.step import Step
from wharfinger.connections.model import Caller, Connection
from wharfinger.core.errors import Failed, Invalid, NotFound, Refused, WharfingerError
from wharfinger.core.names import parse_pattern
from wharfinger.core.session import Usage

SHOP = Connection("shop", "workgroup", "demo", "us-east-1", "dev")
ADMIN = replace(SHOP, name="admin")
CATALOG: dict[str, Answer] = {
    "current_user": [("IAM:analyst",)],
    "usesuper": [(False,)],
    "svv_redshift_databases": [("dev",), ("marketing",)],
    "svv_external_tables": [("lake", "clicks")],
    "pg_class": [("shop", "orders", "admin", "r"), ("shop", "items", "admin", "r")],
}
CREATE = Step("dev", 'CREATE USER "x" PASSWORD DISABLE', "")
GRANT = Step("dev", 'GRANT USAGE ON SCHEMA "s" TO "x"', "")
FAR = Step("marketing", 'GRANT USAGE ON SCHEMA "s" TO "x"', "")


def plan(connections: ScriptedConnections, *patterns: str, connection: Connection = SHOP) -> GrantPlan:
    parsed = [parse_pattern(text) for text in patterns]
    return GrantPlanner(connections).make(connection, parsed, None, Usage())


def shut(error: BaseException, caller: Caller = ANALYST) -> ScriptedConnections:
    """Connections that refuse every sign-in."""
    return ScriptedConnections(closed_databases={"*": error}, caller_is=caller)


def test_the_catalog_is_read_in_each_database_that_a_pattern_means() -> None:
    connections = ScriptedConnections(dict(CATALOG))
    made = plan(connections, "shop.*", "mark*.shop.orders")

    read = [database for database, sql in connections.log if "pg_class" in sql]
    assert read == ["dev", "marketing"]
    assert {step.database for step in made.steps} == {"dev", "marketing"}
    assert connections.still_open == 0


def test_without_a_database_in_a_pattern_the_databases_are_not_listed() -> None:
    connections = ScriptedConnections(dict(CATALOG))
    plan(connections, "shop.*")

    assert not [sql for _, sql in connections.log if "svv_redshift_databases" in sql]


@pytest.mark.parametrize(
    ("connection", "user", "makes"),
    [
        (SHOP, "IAM:analyst", True),
        (replace(SHOP, target_kind="cluster", sign_in="db-user", db_user="reader"), "reader", True),
        (replace(SHOP, sign_in="password", user="reader"), "reader", False),
    ],
)
def test_a_connection_that_cannot_sign_in_yet_gets_its_statements_from_the_patterns(
    connection: Connection, user: str, makes: bool
) -> None:
    connections = shut(Refused("denied"))
    made = plan(connections, 'Shop."Orders"', "marketing.crm.*", connection=connection)

    sql = [(step.database, step.sql) for step in made.steps]
    assert made.user == user
    assert made.exists is None
    assert any("CREATE USER" in text for _, text in sql) is makes
    assert ("dev", f'GRANT SELECT ON TABLE "shop"."Orders" TO "{user}"') in sql
    assert ("marketing", f'GRANT SELECT ON ALL TABLES IN SCHEMA "crm" TO "{user}"') in sql


@pytest.mark.parametrize("pattern", ["sh*.orders", "*.shop.orders", "shop.ord*"])
def test_a_wild_pattern_without_a_look_into_the_warehouse_is_invalid(pattern: str) -> None:
    with pytest.raises(Invalid) as refusal:
        plan(shut(Refused("denied")), pattern)
    assert refusal.value.fields == ("via",)


def test_a_secret_that_does_not_open_says_why() -> None:
    connection = replace(SHOP, sign_in="secret", secret_arn="arn")

    with pytest.raises(Refused, match="the secret"):
        plan(shut(Refused("the secret")), connection=connection)


def test_an_identity_that_is_neither_user_nor_role_is_refused() -> None:
    root = Caller("123456789012", "arn:aws:iam::123456789012:root")

    with pytest.raises(Refused, match="neither a user nor a role"):
        plan(shut(Refused("denied"), root))


def run(script: dict[str, Answer], *steps: Step, refuses: WharfingerError | None = None) -> list[tuple[str, str]]:
    connections = ScriptedConnections(script, {} if refuses is None else {"*": refuses})
    record = partial(Recording, KnownPasswords(), ADMIN, lambda: datetime(2026, 12, 1, tzinfo=UTC))
    done = list(GrantRunner(connections, ADMIN, Usage(), record).run(GrantPlan("x", None, steps)))
    assert [one.step for one in done] == list(steps)
    assert connections.still_open == 0
    return [(one.status, one.error) for one in done]


def test_a_user_that_is_there_already_is_no_failure() -> None:
    there = Failed("Redshift said no", why='user "x" already exists')

    assert run({"CREATE USER": there}, CREATE, GRANT, FAR) == [("already", ""), ("done", ""), ("done", "")]


def test_without_its_user_nothing_else_is_tried() -> None:
    denied = Refused("A right is missing", why="permission denied to create user")
    statuses = [status for status, _ in run({"CREATE USER": denied}, CREATE, GRANT, FAR)]

    assert statuses == ["failed", "skipped", "skipped"]


def test_one_failed_grant_does_not_stop_the_others() -> None:
    denied = Refused("A right is missing", why="permission denied for schema s")
    done = run({'"s"': denied}, CREATE, GRANT, replace(GRANT, sql="GRANT 2"), FAR)

    assert [status for status, _ in done] == ["done", "failed", "done", "failed"]
    assert done[1][1] == "A right is missing. permission denied for schema s"


def test_a_database_that_cannot_be_entered_fails_its_statements() -> None:
    done = run({}, GRANT, FAR, refuses=Refused("no entry"))

    assert done == [("failed", "no entry: connection admin"), ("failed", "no entry: connection admin")]


def test_two_tables_named_without_a_look_are_never_the_whole_schema() -> None:
    made = plan(shut(Refused("denied")), "shop.orders", "shop.items")

    assert [step.sql for step in made.steps if "SELECT" in step.sql] == [
        'GRANT SELECT ON TABLE "svv_table_info" TO "IAM:analyst"',
        'GRANT SELECT ON TABLE "shop"."items" TO "IAM:analyst"',
        'GRANT SELECT ON TABLE "shop"."orders" TO "IAM:analyst"',
    ]


@pytest.mark.parametrize("pattern", ["pg_catalog.pg_class", "information_schema.*"])
def test_a_system_schema_is_never_granted_on_even_unseen(pattern: str) -> None:
    with pytest.raises(NotFound):
        plan(shut(Refused("denied")), pattern)
