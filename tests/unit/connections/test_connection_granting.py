"""What is read before grants are planned, and what happens when one of them fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.connections.scripted import Answer, ScriptedControlPlane, ScriptedOpener

from wharfinger.connections.granting import Granter
from wharfinger.connections.grants import GrantPlan, Step
from wharfinger.connections.model import Caller, Connection, Secrets
from wharfinger.core.errors import Failed, Invalid, Refused, WharfingerError
from wharfinger.core.names import parse_pattern

SHOP = Connection("shop", "workgroup", "demo", "us-east-1", "dev")
ADMIN = replace(SHOP, name="admin")
CATALOG: dict[str, Answer] = {
    "current_user": [("IAM:analyst",)],
    "usesuper": [(False,)],
    "svv_redshift_databases": [("dev",), ("marketing",)],
    "svv_external_tables": [("lake", "clicks")],
    "pg_class": [("shop", "orders"), ("shop", "items")],
}
CREATE = Step("dev", 'CREATE USER "x" PASSWORD DISABLE', "")
GRANT = Step("dev", 'GRANT USAGE ON SCHEMA "s" TO "x"', "")
FAR = Step("marketing", 'GRANT USAGE ON SCHEMA "s" TO "x"', "")


def plan(opener: ScriptedOpener, *patterns: str, connection: Connection = SHOP, **changes: Any) -> GrantPlan:
    parsed = [parse_pattern(text) for text in patterns]
    return Granter(lambda: opener, lambda: ScriptedControlPlane(**changes)).plan(connection, Secrets(), parsed, None)


def test_the_catalog_is_read_in_each_database_that_a_pattern_means() -> None:
    opener = ScriptedOpener(dict(CATALOG))
    made = plan(opener, "shop.*", "mark*.shop.orders")

    read = [database for database, sql in opener.log if "pg_class" in sql]
    assert read == ["dev", "marketing"]
    assert {step.database for step in made.steps} == {"dev", "marketing"}
    assert opener.still_open == 0


def test_without_a_database_in_a_pattern_the_databases_are_not_listed() -> None:
    opener = ScriptedOpener(dict(CATALOG))
    plan(opener, "shop.*")

    assert not [sql for _, sql in opener.log if "svv_redshift_databases" in sql]


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
    opener = ScriptedOpener(refuses=Refused("denied"))
    made = plan(opener, 'Shop."Orders"', "marketing.crm.*", connection=connection)

    sql = [(step.database, step.sql) for step in made.steps]
    assert made.user == user
    assert made.exists is None
    assert any("CREATE USER" in text for _, text in sql) is makes
    assert ("dev", f'GRANT SELECT ON "shop"."Orders" TO "{user}"') in sql
    assert ("marketing", f'GRANT SELECT ON ALL TABLES IN SCHEMA "crm" TO "{user}"') in sql


@pytest.mark.parametrize("pattern", ["sh*.orders", "*.shop.orders", "shop.ord*"])
def test_a_wild_pattern_without_a_look_into_the_warehouse_is_invalid(pattern: str) -> None:
    with pytest.raises(Invalid, match="--via"):
        plan(ScriptedOpener(refuses=Refused("denied")), pattern)


def test_a_secret_that_does_not_open_says_why() -> None:
    connection = replace(SHOP, sign_in="secret", secret_arn="arn")

    with pytest.raises(Refused, match="the secret"):
        plan(ScriptedOpener(refuses=Refused("the secret")), connection=connection)


def test_an_identity_that_is_neither_user_nor_role_is_refused() -> None:
    root = Caller("123456789012", "arn:aws:iam::123456789012:root")

    with pytest.raises(Refused, match="neither a user nor a role"):
        plan(ScriptedOpener(refuses=Refused("denied")), caller=root)


def run(script: dict[str, Answer], *steps: Step, refuses: WharfingerError | None = None) -> list[tuple[str, str]]:
    opener = ScriptedOpener(script, refuses)
    granter = Granter(lambda: opener, ScriptedControlPlane)
    done = list(granter.run(GrantPlan("x", None, steps), ADMIN, Secrets()))
    assert [one.step for one in done] == list(steps)
    assert opener.still_open == 0
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

    assert done == [("failed", "no entry"), ("failed", "no entry")]
