"""The real dbt reads what we write, and renders as we do."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import LAST_RESORT
from tests.journeys.dbt_place import DBT
from tests.unit.dbt.test_dbt_rendering import ENV, RENDERED
from tests.unit.dbt.test_dbt_yaml_values import MARKS

from wharfinger.core.secret import Secret
from wharfinger.dbt.profiles_yml.yaml_values import EnvVar, Value, pair_texts

pytestmark = pytest.mark.dbt

HOSTILE = [
    "{{ env_var('HOME') }}", "{% raw %}", "{# a #}", "{{", "}}", "'", '"', "\\", "\\n", "a\nb\n", "\r\n", "\t", "",
    " ", "yes", "null", "~", "1e3", "0o17", "2026-11-21", "12:30:45", "- a", "a: b", "a #b", "&a", "*a", "!a", "|", ">",
    "%a", "@a", "`a`", "ünïcödé", "💧", "\u0085", "\u2028", "\ufeff", "\x07", "\x7f", "x" * 300, "IAM:alice",
    "alice@example.com", "127.0.0.1", "5439", "True", "{{ 1 }}", "$$$DBT_SECRET_START$$$X$$$DBT_SECRET_END$$$",
]  # fmt: skip


MISSING = "{{ env_var('NOT_SET_ANYWHERE') }}"
TABLE = [(value, expected) for value, expected in RENDERED if isinstance(value, str)]

Answers = dict[str, list[list[dict[str, Any]]]]


def texts() -> list[str]:
    chance = random.Random(20261121)  # noqa: S311 - the same values each time
    return HOSTILE + ["".join(chance.choices(MARKS, k=chance.randint(1, 12))) for _ in range(200)]


def as_written(text: str) -> str:
    """A text in each kind of field, as one member of a YAML list."""
    fields: dict[str, Value] = {"user": text, "password": text, "pass": Secret(text), "db_groups": (text, "x")}
    first, *more = pair_texts({**fields, "iam_profile": EnvVar("T")})
    return "".join([f"  - {first}\n", *(f"    {line}\n" for line in more)])


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """dbt's results for all values below; dbt runs once, because it takes seconds to start."""
    folder = tmp_path_factory.mktemp("dbt-reads")
    table = [{"schema": value} for value, _ in TABLE]
    missing = [{key: MISSING} for key in ("password", "pass", "user")]
    file, found = folder / "profiles.yml", folder / "answers.json"
    written = "".join(as_written(text) for text in texts())
    file.write_bytes(f"hostile:\n{written}{yaml.safe_dump({'table': table, 'missing': missing})}".encode())
    script = Path(__file__).with_name("dbt_render.py")
    subprocess.run(
        [str(DBT.with_name("python")), "-P", str(script), str(file), str(found)],
        env={**os.environ, **ENV}, check=True, timeout=LAST_RESORT, capture_output=True,
    )  # fmt: skip
    said: Answers = json.loads(found.read_text())
    return said


def test_dbt_gets_back_every_value_however_hostile(answers: Answers) -> None:
    for text, answer in zip(texts(), answers["hostile"], strict=True):
        assert [one.get("value", one) for one in answer] == [text, text, text, [text, "x"], "True"]


def test_dbt_renders_as_our_tables_say(answers: Answers) -> None:
    assert [answer[0].get("value") for answer in answers["table"]] == [expected for _, expected in TABLE]


def test_dbt_sends_the_expression_as_the_password_when_a_variable_is_missing(answers: Answers) -> None:
    password, short, user = (answer[0] for answer in answers["missing"])

    assert password == {"value": MISSING}
    assert all("Env var required but not provided: 'NOT_SET_ANYWHERE'" in one["error"] for one in (short, user))
