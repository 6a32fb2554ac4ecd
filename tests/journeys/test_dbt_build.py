"""`dbt check` passes a target exactly when the real `dbt run` works with it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.dbt_place import DbtPlace, run_sql
from tests.journeys.dbt_targets import PASSWORD, Profiles
from tests.journeys.places import Place

pytestmark = pytest.mark.dbt

READS = ("usage on schema raw_shop", "select on all tables in schema raw_shop")


class Targets:
    """A profiles.yml with a target for each kind of user; each target has its own user and schema."""

    def __init__(self, profiles: Profiles, dbt: DbtPlace) -> None:
        self._profiles = profiles
        self.dbt = dbt
        self.names: dict[str, str] = {}

    def add(self, name: str, *rights: str, made: str = "") -> str:
        """A target whose user has these rights; returns its schema. `made` makes it, with `{schema}` and `{user}`."""
        unique = uuid.uuid4().hex[:8]
        schema, user = f"dbt_{unique}", f"user_{unique}"
        grants = [f"grant {right.format(schema=schema)} to {user}" for right in rights]
        statements = [one.format(schema=schema, user=user) for one in made.split(";") if one]
        run_sql(self._profiles.place.sandbox, f"create user {user} password '{PASSWORD}'", *statements, *grants)
        self.names[name] = schema
        self._profiles.target(name, user=user, schema=schema)
        return schema

    def compare(self) -> dict[str, tuple[bool, bool, set[str]]]:
        """For each target: whether the check passed, whether `dbt run` worked, and the ids of the failed checks."""
        parsing = [["parse", "--target", one, "--target-path", f"parsed/{one}"] for one in self.names]
        parsed, printed = self.dbt.steps(*parsing, DBT_ENV_SECRET_PW=PASSWORD)
        assert all(one["success"] for one in parsed), printed
        checked = {one: self.check(one, "--manifest", f"parsed/{one}/manifest.json") for one in self.names}
        ran, printed = self.dbt.steps(*[["run", "--target", one] for one in self.names], DBT_ENV_SECRET_PW=PASSWORD)
        return {
            name: (code == 0, run["success"], {id_ for id_, one in checks.items() if one["status"] == "failed"})
            for (name, (code, checks)), run in zip(checked.items(), ran, strict=True)
        }

    def check(self, target: str, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
        code, checks = self._profiles.check("--profile", "quay", "--target", target, *arguments)
        return code, {id_: one for (name, id_), one in checks.items() if name == target}


@pytest.fixture
def targets(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Targets:
    place.become("admin")
    place.set("DBT_ENV_SECRET_PW", PASSWORD)
    dbt = DbtPlace(tmp_path)
    monkeypatch.setenv("HOME", str(dbt.home))
    monkeypatch.chdir(dbt.folder)
    return Targets(Profiles(place, dbt.folder), dbt)


@pytest.mark.long
def test_the_check_passes_exactly_where_dbt_run_works(targets: Targets, place: Place) -> None:
    given = "create schema {schema}"
    foreign = "create schema {schema};create table {schema}.orders_by_day (day date, orders bigint)"
    targets.add("everything", "create on database dev", *READS)
    targets.add("no_schema", *READS)
    targets.add("given", "usage, create on schema {schema}", *READS, made=given)
    targets.add("no_create", "usage on schema {schema}", *READS, made=given)
    targets.add("no_look", "create on schema {schema}", *READS, made=given)
    targets.add("no_usage", "create on database dev", READS[1])
    targets.add("no_select", "create on database dev", READS[0])
    targets.add("foreign", "usage, create on schema {schema}", *READS, made=foreign)
    found = targets.compare()

    assert {name: (passed, ran) for name, (passed, ran, _) in found.items()} == {
        "everything": (True, True), "no_schema": (False, False), "given": (True, True), "no_create": (False, False),
        "no_look": (False, False), "no_usage": (False, False), "no_select": (False, False), "foreign": (False, False),
    }  # fmt: skip
    assert {name: failed for name, (_, _, failed) in found.items() if failed} == {
        "no_schema": {"create-schema"}, "no_create": {"create-tables"}, "no_look": {"create-tables"},
        "no_usage": {"read-sources"}, "no_select": {"read-sources"}, "foreign": {"replace-tables"},
    }  # fmt: skip
    left = "select count(*) from pg_class where relname like 'wharfinger!_check!_%' escape '!'"
    assert run_sql(place.sandbox, left) == [(0,)]


@pytest.mark.slow  # dbt runs once more for each user; the other tests run it for each refusal
def test_the_schemas_of_single_models_count_too(targets: Targets, tmp_path: Path) -> None:
    model = tmp_path / "project" / "models" / "extra.sql"
    model.write_text("{{ config(schema='extra', materialized='table') }} select 1 as n\n")
    own = "create schema {schema} authorization {user}"
    both = f"{own};create schema {{schema}}_extra authorization {{user}}"
    targets.add("both", *READS, made=both)
    targets.add("one", *READS, made=own)
    found = targets.compare()

    assert {name: one[:2] for name, one in found.items()} == {"both": (True, True), "one": (False, False)}
    assert found["one"][2] == {"create-schema"}


def test_what_cures_a_refusal_is_said_and_cures_it(targets: Targets, place: Place) -> None:
    schema = targets.add("dev", made="create schema {schema}")
    code, checks = targets.check("dev")
    assert (code, checks["read-sources"]["status"]) == (1, "skipped")
    assert "--manifest" in checks["read-sources"]["next_step"]

    parsed = "parsed/manifest.json"  # not where the check itself looks for one
    assert targets.dbt.dbt("parse", "--target-path", "parsed", DBT_ENV_SECRET_PW=PASSWORD).returncode == 0
    for refused in ("create-tables", "read-sources"):
        code, checks = targets.check("dev", "--manifest", parsed)
        assert (code, checks[refused]["status"]) == (1, "failed")
        grants = checks[refused]["next_step"].split("in this database: ")[1]
        run_sql(place.sandbox, *grants.split("; "))
    code, checks = targets.check("dev", "--manifest", parsed)
    assert (code, schema in checks["create-tables"]["detail"]) == (0, True), checks
