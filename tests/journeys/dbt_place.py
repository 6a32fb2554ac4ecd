"""The real dbt with a sandbox: a project for one test, and the environment of the person who runs it."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import redshift_connector
from tests.conftest import Sandbox

ROOT = Path(__file__).parents[2]
DBT = ROOT / ".venv-dbt" / "bin" / "dbt"

PROJECT = {
    "dbt_project.yml": """
name: quay
version: '1.0'
profile: quay
models:
  +persist_docs: {relation: true, columns: true}
""",
    "seeds/countries.csv": "code,name\nDE,Germany\nFR,France\n",
    "models/orders_by_day.sql": """
{{ config(materialized='table', dist='day', sort='day') }}
select placed_at::date as day, count(*) as orders from {{ source('raw_shop', 'orders') }} group by 1
""",
    "models/busy_days.sql": """
{{ config(materialized='view', bind=False) }}
select * from {{ ref('orders_by_day') }} where orders > 1
""",
    "models/days.sql": """
{{ config(materialized='incremental', unique_key='day') }}
select day from {{ ref('orders_by_day') }}
{% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}
""",
    "models/schema.yml": """
version: 2
sources:
  - name: raw_shop
    tables: [{name: orders}]
models:
  - name: orders_by_day
    description: How many orders each day had; it's one row a day.
    columns:
      - {name: day, description: The day, data_tests: [unique, not_null]}
seeds:
  - name: countries
    columns: [{name: code, data_tests: [unique]}]
""",
}


class DbtPlace:
    """A dbt project in `folder`, run by a person whose home folder is beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.home = folder / "person"
        self.home.mkdir(parents=True)
        for name, text in PROJECT.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text.lstrip())

    def env(self, **more: str) -> dict[str, str]:
        """The environment dbt runs in: this process's, with the person's own home."""
        return {
            **os.environ,
            "HOME": str(self.home),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "NO_COLOR": "1",
            **more,
        }

    def dbt(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `dbt` with these arguments."""
        return self._run([str(DBT), *arguments], env)

    def steps(self, *commands: list[str], **env: str) -> tuple[list[dict[str, Any]], str]:
        """Run several commands in one process; returns the result of each, and all output."""
        results = self.folder / f"results-{uuid.uuid4().hex[:8]}.json"
        script = Path(__file__).with_name("dbt_steps.py")
        python = str(DBT.with_name("python"))
        # -P: modules beside the script belong to the tests; dbt must not find them.
        done = self._run([python, "-P", str(script), str(results), json.dumps(commands)], env)
        printed = done.stdout + done.stderr
        assert results.exists(), printed
        return json.loads(results.read_text()), printed

    def _run(self, command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.env(**env), capture_output=True, text=True, timeout=600, check=False
        )


def run_sql(sandbox: Sandbox, *statements: str) -> list[Any]:
    """Run SQL as the administrator over the wire; returns the rows of the last statement.

    The test sets SSL_CERT_FILE.
    """
    wire, admin = sandbox.ready["wire"], sandbox.ready["admin"]
    connection = redshift_connector.connect(
        host=wire["host"], port=wire["port"], database="dev", user=admin["user"], password=admin["password"]
    )
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
    finally:
        connection.close()


def let_in(sandbox: Sandbox, *users: str, password: str = "") -> str:
    """Make users who may build with dbt, in a new group; returns the group."""
    group = f"transformer_{uuid.uuid4().hex[:8]}"
    how = f"password '{password}'" if password else "password disable"
    run_sql(
        sandbox,
        f"create group {group}",
        *[f"create user {user} {how}" for user in users],
        *[f"alter group {group} add user {user}" for user in users],
        f"grant usage on schema raw_shop to group {group}",
        f"grant select on all tables in schema raw_shop to group {group}",
        f"grant create on database dev to group {group}",
        f"grant select on svv_table_info to group {group}",
    )
    return group
