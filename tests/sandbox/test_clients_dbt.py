"""dbt-redshift with a password and with IAM, on the shop's dbt project."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.client_environments import DBT, ask
from tests.sandbox.front import database

from wharfinger_sandbox import data

PROFILE = """
quayside:
  target: sandbox
  outputs:
    sandbox:
      type: redshift
      host: {host}
      port: {port}
      dbname: dev
      schema: {schema}
      user: awsuser
      threads: 4
      datasharing: true
      {how}
"""
WAYS = {
    "password": "password: \"{{{{ env_var('DBT_ENV_SECRET_PASSWORD') }}}}\"",
    "iam": "method: iam\n      cluster_id: demo-cluster\n      region: us-east-1",
}
TEST = "select * from {{ ref('fct_daily_revenue') }} where revenue < 0"


@pytest.mark.dbt
@pytest.mark.long
@pytest.mark.parametrize(
    "way",
    # The guides and test_dbt_profiles build by IAM as well; this says it for a whole project.
    ["password", pytest.param("iam", marks=pytest.mark.slow)],
)
def test_a_project_is_built_tested_and_documented(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_PASSWORD", sandbox.ready["admin"]["password"])
    schema = f"dbt_{way}_{uuid.uuid4().hex[:8]}"
    project = _project(tmp_path, PROFILE.format(**sandbox.ready["wire"], schema=schema, how=WAYS[way].format()))
    commands = [["debug"], ["seed"], ["run"], ["run"], ["test"], ["docs", "generate"]]
    where = ["--project-dir", str(project), "--profiles-dir", str(project)]
    try:
        answers = ask(sandbox, DBT, "dbt_commands.py", json.dumps([[*one, *where] for one in commands]), cwd=project)
        _check(answers, project, schema)
    finally:
        with database(sandbox) as connection:
            connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute(f"drop schema if exists {schema}_snapshots cascade")


def _project(folder: Path, profile: str) -> Path:
    project = folder / "project"
    shutil.copytree(data.DBT_PROJECT, project, ignore=shutil.ignore_patterns("target"))
    (project / "profiles.yml").write_text(profile)
    (project / "tests").mkdir()
    (project / "tests" / "no_negative_revenue.sql").write_text(TEST)
    marts = project / "models" / "marts" / "_marts.yml"
    described = "        description: Number of the order.\n"
    text = marts.read_text()
    assert text.count(described) == 1
    marts.write_text(text.replace(described, f"{described}        data_tests: [unique, not_null]\n"))
    return project


def _check(answers: list[dict[str, Any]], project: Path, schema: str) -> None:
    assert [(one["command"], one["error"]) for one in answers] == [
        ("debug", None), ("seed", None), ("run", None), ("run", None), ("test", None), ("docs", None),
    ]  # fmt: skip
    assert [one["statuses"] for one in answers[1:5]] == [["success"], ["success"] * 8, ["success"] * 8, ["pass"] * 3]
    catalog = json.loads((project / "target" / "catalog.json").read_text())
    assert catalog["errors"] is None
    orders = catalog["nodes"]["model.quayside.fct_orders"]
    assert (orders["metadata"]["schema"], orders["metadata"]["owner"]) == (schema, "awsuser")
    assert orders["columns"]["order_id"]["type"] == "bigint"
    assert "source.quayside.shop.orders" in catalog["sources"]
