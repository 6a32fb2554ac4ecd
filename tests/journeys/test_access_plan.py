"""Letting people in: a spec, a plan, and what they can do afterwards; rights changed by hand, and outdated plans."""

from __future__ import annotations

import json
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.command_line import Run
from tests.conftest import Sandbox
from tests.journeys.access_world import World

from wharfinger.app import open_app

SEED = """
schemas: [analytics_{x}]
users:
  loader_{x}:    {credentials: password}
  dbt_cloud_{x}: {credentials: password}
  alice_{x}:     {credentials: password, search_path: [analytics_{x}, public]}
groups:
  transformer_{x}: {members: [dbt_cloud_{x}, alice_{x}]}
roles: {}
grants:
  - {to: group transformer_{x}, on: schema raw_{x}, privileges: [usage, select], future: [loader_{x}]}
  - {to: group transformer_{x}, on: database dev, privileges: [create]}
  - {to: group transformer_{x}, on: schema information_schema, privileges: [select]}
  - {to: group transformer_{x}, on: schema pg_catalog, privileges: [select]}
  - {to: user loader_{x}, on: schema raw_{x}, privileges: [usage, create]}
"""


def test_from_raw_data_in_an_empty_warehouse_to_people_who_work_with_it(
    cli: Run, own_sandbox: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = own_sandbox()
    for name, value in sandbox.env("admin").items():
        monkeypatch.setenv(name, value)
    world = World(cli, sandbox, tmp_path)
    world.raw_data()
    spec = world.spec(SEED)

    plan = cli("access", "plan", "admin", spec, "--json")
    applied = cli("access", "apply", "admin", plan.document["plan"], "--yes", "--json",
                  "--credentials-file", world.credentials)  # fmt: skip
    verified = cli("access", "verify", "admin", spec, "--json")

    assert (plan.code, applied.code, verified.code) == (0, 0, 0)
    assert set(plan.document) == {"plan", "digest", "steps", "notes"}
    assert [set(step) >= {"n", "sql", "destructive", "why"} for step in plan.document["steps"]] == [True] * 12
    assert [step["destructive"] for step in plan.document["steps"]] == [False] * 12
    assert applied.document["applied"] == applied.document["of"] == 12
    assert verified.document["steps"] == []
    assert stat.S_IMODE(world.credentials.stat().st_mode) == 0o600
    users = json.loads(world.credentials.read_text())["users"]
    assert set(users) == {world.own(f"{name}_{{x}}") for name in ("loader", "dbt_cloud", "alice")}
    about = {note["about"]: note["text"] for note in plan.document["notes"]}
    assert "svv_table_info" in about["schema information_schema"]
    assert "svv_table_info" in about["schema pg_catalog"]
    assert "RENAME" in about["passwords"]

    assert world.ask("alice_{x}", "select amount from raw_{x}.charges") == [(pytest.approx(9.5),)]
    world.ask("alice_{x}", "create schema dbt_alice_{x}")
    assert world.ask("dbt_cloud_{x}", "show search_path") != world.ask("alice_{x}", "show search_path")
    world.ask("loader_{x}", "create table raw_{x}.disputes as select 7 as n")
    assert world.ask("alice_{x}", "select n from raw_{x}.disputes") == [(7,)]
    assert world.check("alice_{x}")[0] == 0

    world.boss("create user stranger_{x} password 'Str4nger-in-town'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.ask("stranger_{x}", "select * from raw_{x}.charges", "Str4nger-in-town")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.ask("alice_{x}", "insert into raw_{x}.refunds values (2)")
    code, proofs = world.check("stranger_{x}")
    assert code == 1
    assert [proofs[name]["status"] for name in ("select-raw", "create-schema", "read-system-views")] == [
        "failed", "failed", "passed",
    ]  # fmt: skip
    assert proofs["select-raw"]["fix"] == world.own('alter group "transformer_{x}" add user "stranger_{x}"')
    world.boss(proofs["select-raw"]["fix"])
    assert world.check("stranger_{x}")[0] == 0


DRIFTS = {
    "revoke select on raw_{x}.charges from group transformer_{x}":
        'grant select on table "raw_{x}"."charges", "raw_{x}"."late" to group "transformer_{x}"',
    "create table raw_{x}.late (n int)": "",
    "revoke usage on schema raw_{x} from group transformer_{x}":
        'grant usage on schema "raw_{x}" to group "transformer_{x}"',
    "revoke create on database dev from group transformer_{x}":
        'grant create on database "dev" to group "transformer_{x}"',
    "grant insert on raw_{x}.charges to group transformer_{x}":
        'revoke insert on table "raw_{x}"."charges" from group "transformer_{x}"',
    "grant select on raw_{x}.charges to alice_{x}": 'revoke select on table "raw_{x}"."charges" from "alice_{x}"',
    "grant create on schema analytics_{x} to alice_{x}": 'revoke create on schema "analytics_{x}" from "alice_{x}"',
    "alter default privileges for user loader_{x} in schema raw_{x} revoke select on tables from group transformer_{x}":
        'alter default privileges for user "loader_{x}" in schema "raw_{x}" grant select on tables'
        ' to group "transformer_{x}"',
    "alter default privileges for user loader_{x} in schema raw_{x} grant delete on tables to group transformer_{x}":
        'alter default privileges for user "loader_{x}" in schema "raw_{x}" revoke delete on tables'
        ' from group "transformer_{x}"',
    "alter group transformer_{x} drop user alice_{x}": 'alter group "transformer_{x}" add user "alice_{x}"',
    "alter group transformer_{x} add user other_{x}": 'alter group "transformer_{x}" drop user "other_{x}"',
    "alter user alice_{x} set search_path to public":
        'alter user "alice_{x}" set search_path to "analytics_{x}", "public"',
    "drop group spare_{x}": 'create group "spare_{x}"',
    "drop user spare_{x}": "create user \"spare_{x}\" password '***'",
    "grant usage on schema web to group transformer_{x}": 'revoke usage on schema "web" from group "transformer_{x}"',
}  # fmt: skip
"""A change by hand, and the step that corrects it."""


def test_each_drift_by_hand_is_found_and_one_more_plan_mends_them_all(world: World) -> None:
    world.raw_data()
    world.boss("create user other_{x} password disable")
    extra = "  spare_{x}: {credentials: password}\ngroups:\n  spare_{x}: {}\n"
    spec = world.spec(SEED.replace("groups:\n", extra))
    world.put_in_place(spec)
    assert world.differences(spec) == []

    for statement in DRIFTS:
        world.boss(statement, database="marketing" if "schema web" in statement else "dev")
    assert sorted(world.differences(spec)) == sorted(world.own(step) for step in DRIFTS.values() if step)

    world.credentials = world.folder / "more.json"
    plan = world.put_in_place(spec)
    assert world.differences(spec) == []
    destructive = [step["destructive"] for step in plan["steps"]]
    assert destructive == sorted(destructive, reverse=True)
    assert sum(destructive) == 6


def test_names_that_the_spec_does_not_declare_are_left_alone(world: World) -> None:
    world.raw_data()
    world.boss(
        "create user other_{x} password disable",
        "create group others_{x} user other_{x}",
        "grant usage on schema raw_{x} to group others_{x}",
        "grant select on raw_{x}.charges to other_{x}",
        "grant select on raw_{x}.charges to public",
    )
    plan = world.put_in_place(world.spec(SEED))
    assert not [step["sql"] for step in plan["steps"] if world.own("other") in step["sql"]]
    assert world.differences(world.spec("users: {}")) == []
    assert world.boss("select count(*) from svv_relation_privileges where namespace_name = 'raw_{x}'"
                      " and identity_name in ('other_{x}', 'public')") == [(2,)]  # fmt: skip


def test_a_plan_that_comes_too_late_is_a_conflict_and_changes_nothing(world: World) -> None:
    world.raw_data()
    spec = world.spec(SEED)
    early = world.plan(spec)
    world.boss("create group transformer_{x}")
    answer = world.apply(early)
    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert "12 steps" in answer.error["why"]
    assert not world.credentials.exists()
    assert world.boss("select count(*) from pg_user where usename = 'alice_{x}'") == [(0,)]
    world.put_in_place(spec)
    assert world.apply(early).code == 3


def test_a_script_that_cannot_be_written_is_told_as_such(world: World) -> None:
    spec = world.spec("groups: {team_{x}: {}}")
    answer = world.cli("access", "plan", "admin", spec, "--json", "--sql", world.folder / "none" / "plan.sql")
    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "none does not exist" in answer.error["why"]


def test_a_script_replaces_an_earlier_script_and_no_other_file_unless_it_is_forced(world: World) -> None:
    spec, file = world.spec("groups: {team_{x}: {}}"), world.folder / "plan.sql"

    def write(*more: str) -> int:
        return world.cli("access", "plan", "admin", spec, "--json", "--sql", file, *more).code

    assert [write(), write()] == [0, 0]
    file.write_text("create table mine (id int);")
    plans = len(world.cli("access", "plans", "admin", "--json").document["plans"])
    assert write() == 3
    assert file.read_text() == "create table mine (id int);"
    assert len(world.cli("access", "plans", "admin", "--json").document["plans"]) == plans
    assert write("--force") == 0
    assert file.read_text().startswith("-- Wharfinger access plan ")


def test_a_plan_of_another_connection_is_not_found(world: World) -> None:
    world.add("other", "--workgroup", world.sandbox.ready["workgroup"]["name"])
    plan = world.plan(world.spec("groups: {g_{x}: {}}"), "other")
    answer = world.apply(plan)
    assert (answer.code, answer.error["kind"]) == (2, "not_found")


@pytest.mark.parametrize("door", ["world", "data_api_world"])
def test_more_than_forty_steps_take_effect_together_or_not_at_all(door: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(door)
    world.raw_data()
    groups = "".join(f"  g{number}_{{x}}: {{}}\n" for number in range(60))
    spec = world.spec(
        f"groups:\n{groups}\ngrants:\n  - {{to: group g59_{{x}}, on: schema raw_{{x}}, privileges: [usage]}}\n"
    )
    plan = world.plan(spec)
    assert len(plan["steps"]) == 61
    answer = world.apply(plan)
    assert (answer.code, answer.document) == (0, {"applied": 61, "of": 61})
    assert world.differences(spec) == []


HALF_WAY = """
groups: {half_{x}: {}}
grants:
  - {to: group half_{x}, on: schema raw_{x}, privileges: [usage]}
  - {to: group half_{x}, on: schema marketing.half_{x}, privileges: [usage]}
"""


def test_when_it_stops_half_way_the_next_plan_is_exactly_the_rest(data_api_world: World) -> None:
    world = data_api_world
    world.raw_data()
    world.boss("create schema half_{x}", database="marketing")
    spec = world.spec(HALF_WAY)
    plan = world.plan(spec)
    assert [step["database"] for step in plan["steps"]] == ["dev", "dev", "marketing"]
    whole = [step["sql"] for step in plan["steps"]]
    with _refused(world, "GRANT", "marketing"):
        answer = world.apply(plan)
    assert answer.code == 4, answer
    assert (answer.document["applied"], answer.document["of"]) == (2, 3)
    assert answer.document["error"]["subject"] == "step 3"
    event = open_app(world.folder / "home").audit.events(limit=1)[0]
    assert (event.action, event.outcome) == ("access:apply", "failed")
    assert event.detail == (f"plan {plan['plan']}: 2 of 3 steps; dev applied, failed in marketing, which is unchanged")
    assert world.differences(spec) == whole[2:]
    world.put_in_place(spec)
    assert world.differences(spec) == []


@contextmanager
def _refused(world: World, tag: str, database: str = "dev") -> Iterator[None]:
    """Make the engine refuse one kind of statement, which a plan cannot foresee."""
    trap = f"trap_{uuid.uuid4().hex[:8]}"
    body = "begin raise exception 'not today'; end"
    world.engine(
        f"create function public.{trap}() returns event_trigger language plpgsql as $${body}$$",
        f"create event trigger {trap} on ddl_command_start when tag in ('{tag}') execute function public.{trap}()",
        database=database,
    )
    try:
        yield
    finally:
        world.engine(f"drop event trigger {trap}", f"drop function public.{trap}()", database=database)


def test_a_failure_in_the_first_database_leaves_nothing_and_takes_the_passwords_back(world: World) -> None:
    world.boss("create schema half_{x}", database="marketing")
    spec = world.spec(
        "users: {half_{x}: {credentials: password}}\n"
        "grants: [{to: user half_{x}, on: schema half_{x}, privileges: [usage]}]\nschemas: [half_{x}]\n"
    )
    plan = world.plan(spec)
    with _refused(world, "CREATE SCHEMA"):
        answer = world.apply(plan)
    assert (answer.code, answer.error["kind"]) == (4, "failed")
    assert "not today" in answer.error["why"]
    assert not world.credentials.exists()
    assert world.boss("select count(*) from pg_user where usename = 'half_{x}'") == [(0,)]
    assert world.differences(spec) == [step["sql"] for step in plan["steps"]]


def test_somebody_who_is_no_superuser_is_told_which_sign_in_to_use(world: World) -> None:
    keys = world.sandbox.identity("analyst")
    for name, target in (("on_cluster", "--cluster"), ("on_workgroup", "--workgroup")):
        ready = world.sandbox.ready
        place = ready["cluster"]["identifier"] if target == "--cluster" else ready["workgroup"]["name"]
        secret = world.folder / "analyst.key"
        secret.write_text(keys["secret_access_key"])
        secret.chmod(0o600)
        world.add(name, target, place, "--access-key-id", keys["access_key_id"],
                  "--secret-access-key-from", f"file:{secret}")  # fmt: skip
        answer = world.cli("access", "plan", name, world.spec(SEED), "--json")
        assert (answer.code, answer.error["kind"]) == (3, "refused")
        assert answer.error["subject"] == "user IAM:analyst"
        sign_in = "--sign-in db-user --db-user awsuser" if target == "--cluster" else "--sign-in secret --secret-arn"
        assert sign_in in answer.error["next_step"]
        assert f"{target} {place} " in answer.error["next_step"]


@pytest.mark.parametrize("name", ["awsuser", "IAM:admin", "rdsdb", "AWSUSER"])
def test_a_superuser_is_never_managed(world: World, name: str) -> None:
    credentials = "iam" if name.startswith("IAM:") else "password"
    spec = world.spec(f"users:\n  '{name}': {{credentials: {credentials}}}\n")
    answer = world.cli("access", "plan", "admin", spec, "--json")
    assert (answer.code, answer.error["kind"]) == (3, "refused")
    assert "line 3" in answer.error["why"]
    for verb in (["rotate", "admin", name, "--credentials-file", str(world.credentials)], ["remove", "admin", name]):
        answer = world.cli("access", *verb, "--json")
        assert (answer.code, answer.error["kind"]) == (3, "refused"), answer
    assert not world.credentials.exists()


def test_a_database_that_cannot_be_entered_is_noted_unless_the_spec_names_it(world: World) -> None:
    world.boss("create database shut_{x}")
    world.engine("alter database shut_{x} connection limit 0")
    try:
        plan = world.plan(world.spec("groups: {team_{x}: {}}"))
        assert [step["sql"] for step in plan["steps"]] == [world.own('create group "team_{x}"')]
        assert world.own("database shut_{x}") in [note["about"] for note in plan["notes"]]
        named = (
            "groups: {team_{x}: {}}\ngrants: [{to: group team_{x}, on: schema shut_{x}.public, privileges: [usage]}]"
        )
        answer = world.cli("access", "plan", "admin", world.spec(named), "--json")
        assert answer.error["kind"] in ("unavailable", "failed")
    finally:
        world.engine("drop database shut_{x} with (force)")


def test_a_mistake_in_the_spec_is_named_with_file_and_line(world: World) -> None:
    spec = world.spec(
        "groups:\n  g_{x}: {}\ngrants:\n  - {to: group g_{x}, on: schema no_such_{x}, privileges: [usage]}\n"
    )
    answer = world.cli("access", "plan", "admin", spec, "--json")
    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert answer.error["subject"] == f"{spec}, line 5"
    missing = world.cli("access", "plan", "admin", world.folder / "none.yml", "--json")
    assert (missing.code, missing.error["kind"]) == (2, "invalid")
