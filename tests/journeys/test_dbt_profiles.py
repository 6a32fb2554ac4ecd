"""The real dbt signs in with the profiles that the command writes, by each method, at the cluster and the workgroup."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.dbt_place import DbtPlace, let_in, run_sql
from tests.journeys.places import Place

pytestmark = pytest.mark.dbt

PASSWORD = "Quay4side{{x}}#&:%"  # allowed by Redshift, special in YAML and Jinja


@pytest.fixture
def dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DbtPlace:
    made = DbtPlace(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def doors(place: Place) -> Place:
    """Connections `cluster` and `workgroup`, as the administrator."""
    place.become("admin")
    for kind, name in (("cluster", place.sandbox.ready["cluster"]["identifier"]), ("workgroup", "demo-workgroup")):
        added = place.cli(
            "connection", "add", kind, f"--{kind}", name, "--region", "us-east-1", "--database", "dev", "--json"
        )
        assert added.code == 0, added
    return place


def write(doors: Place, connection: str, target: str, *arguments: str) -> dict[str, Any]:
    schema = f"dbt_{uuid.uuid4().hex[:8]}"
    answer = doors.cli(
        "dbt", "profile", connection, "--profile", "quay", "--target", target, "--schema", schema, *arguments,
        "--write", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer
    assert answer.document["written"] is True
    return {**answer.document, "schema": schema}


def names() -> tuple[str, str]:
    return f"alice_{uuid.uuid4().hex[:8]}", f"dbt_cloud_{uuid.uuid4().hex[:8]}"


def test_dbt_debug_is_green_each_way_in(doors: Place, dbt: DbtPlace) -> None:
    alice, cloud = names()
    group = let_in(doors.sandbox, alice, password=PASSWORD)
    made = [
        write(doors, "cluster", "password", "--user", alice),
        write(doors, "workgroup", "password_wg", "--user", alice, "--field", "sslmode=verify-full"),
        write(doors, "cluster", "iam", "--method", "iam", "--user", alice, "--threads", "2"),
        write(doors, "cluster", "made", "--method", "iam", "--user", cloud, "--autocreate", "--db-group", group),
        write(doors, "cluster", "iam_role", "--tcp-keepalive-idle", "60"),
        write(doors, "workgroup", "iam_wg", "--method", "iam"),
        write(doors, "workgroup", "iam_role_wg", "--field", "query_group=dbt", "--field", "ra3_node=true"),
    ]
    env = {name: PASSWORD for one in made for name in one["env"]}
    targets = ["password", "password_wg", "iam", "made", "iam_role", "iam_wg", "iam_role_wg"]
    results, printed = dbt.steps(*[["debug", "--target", target] for target in targets], **env)

    assert sorted(env) == ["DBT_ENV_SECRET_QUAY_PASSWORD_PASSWORD", "DBT_ENV_SECRET_QUAY_PASSWORD_WG_PASSWORD"]
    assert [result["success"] for result in results] == [True] * 7, printed
    assert printed.count("OK connection ok") == 7
    assert run_sql(doors.sandbox, f"select usename from pg_user where usename = '{cloud}'") == [(cloud,)]


def test_the_command_itself_finds_the_profile_where_it_was_written(doors: Place, dbt: DbtPlace) -> None:
    alice, _ = names()
    let_in(doors.sandbox, alice, password=PASSWORD)
    made = write(doors, "cluster", "dev", "--user", alice)
    done = dbt.dbt("debug", **dict.fromkeys(made["env"], PASSWORD))

    assert made["path"] == str(dbt.home / ".dbt" / "profiles.yml")
    assert done.returncode == 0, done.stdout
    assert "All checks passed!" in done.stdout
    assert PASSWORD not in done.stdout


@pytest.mark.long
def test_dbt_builds_as_a_person_by_password_and_as_production_by_iam(doors: Place, dbt: DbtPlace) -> None:
    alice, cloud = names()
    let_in(doors.sandbox, alice, password=PASSWORD)
    let_in(doors.sandbox, cloud)
    person = write(doors, "cluster", "dev", "--user", alice)
    production = write(doors, "cluster", "prod", "--user", cloud, "--method", "iam")
    commands = [["seed"], ["run"], ["test"], ["docs", "generate"]]
    steps = [[*command, "--target", target] for target in ("dev", "prod") for command in commands]
    results, printed = dbt.steps(*steps, **dict.fromkeys(person["env"], PASSWORD))

    assert [result["success"] for result in results] == [True] * len(steps), printed
    for made, user in ((person, alice), (production, cloud)):
        owners = run_sql(
            doors.sandbox,
            "select distinct u.usename from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            f"join pg_user u on u.usesysid = c.relowner where n.nspname = '{made['schema']}'",
        )
        assert owners == [(user,)]
        assert run_sql(doors.sandbox, f"select count(*) from {made['schema']}.orders_by_day")[0][0] > 100
    assert (dbt.folder / "target" / "catalog.json").exists()


def test_a_stranger_is_refused(doors: Place, dbt: DbtPlace) -> None:
    alice, stranger = names()
    let_in(doors.sandbox, alice, password=PASSWORD)
    run_sql(doors.sandbox, f"create user {stranger} password '{PASSWORD}'")
    wrong = write(doors, "cluster", "wrong", "--user", alice)
    outside = write(doors, "cluster", "outside", "--user", stranger)
    env = {wrong["env"][0]: "Not-the-1-password", outside["env"][0]: PASSWORD}
    results, printed = dbt.steps(["debug", "--target", "wrong"], ["run", "--target", "outside"], **env)

    assert [result["success"] for result in results] == [False, False], printed
    assert "password authentication failed" in printed
    assert "permission denied for database dev" in printed
