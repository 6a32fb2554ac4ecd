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
from tests.journeys.dbt_place import DBT
from tests.unit.dbt.test_dbt_rendering import ENV, RENDERED
from tests.unit.dbt.test_dbt_yaml_text import MARKS

from wharfinger.core.secret import Secret
from wharfinger.dbt.yaml_text import EnvVar, Value, pair_texts

pytestmark = pytest.mark.dbt

HOSTILE = [
    "{{ env_var('HOME') }}", "{% raw %}", "{# a #}", "{{", "}}", "'", '"', "\\", "\\n", "a\nb\n", "\r\n", "\t", "",
    " ", "yes", "null", "~", "1e3", "0o17", "2026-11-21", "12:30:45", "- a", "a: b", "a #b", "&a", "*a", "!a", "|", ">",
    "%a", "@a", "`a`", "ünïcödé", "💧", "\u0085", "\u2028", "\ufeff", "\x07", "\x7f", "x" * 300, "IAM:alice",
    "alice@example.com", "127.0.0.1", "5439", "True", "{{ 1 }}", "$$$DBT_SECRET_START$$$X$$$DBT_SECRET_END$$$",
]  # fmt: skip


def dbt_renders(folder: Path, text: str) -> list[list[dict[str, Any]]]:
    """What dbt makes of each value of the list `values` in a profiles.yml."""
    file, answers = folder / "profiles.yml", folder / "answers.json"
    file.write_bytes(text.encode())
    script = Path(__file__).with_name("dbt_render.py")
    subprocess.run(
        [str(DBT.with_name("python")), "-P", str(script), str(file), str(answers)],
        env={**os.environ, **ENV}, check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    found: list[list[dict[str, Any]]] = json.loads(answers.read_text())
    return found


def test_dbt_gets_back_every_value_however_hostile(tmp_path: Path) -> None:
    chance = random.Random(20261121)  # noqa: S311 - the same values each time
    texts = HOSTILE + ["".join(chance.choices(MARKS, k=chance.randint(1, 12))) for _ in range(200)]
    lines = ["values:"]
    for text in texts:
        fields: dict[str, Value] = {"user": text, "password": text, "pass": Secret(text), "db_groups": (text, "x")}
        first, *more = pair_texts({**fields, "iam_profile": EnvVar("T")})
        lines += [f"  - {first}", *(f"    {line}" for line in more)]
    answers = dbt_renders(tmp_path, "\n".join(lines) + "\n")

    assert len(answers) == len(texts)
    for text, answer in zip(texts, answers, strict=True):
        assert [one.get("value", one) for one in answer] == [text, text, text, [text, "x"], "True"]


def test_dbt_renders_as_our_tables_say(tmp_path: Path) -> None:
    values = [{"schema": value} for value, _ in RENDERED if isinstance(value, str)]
    answers = dbt_renders(tmp_path, yaml.safe_dump({"values": values}))
    expected = [value for one, value in RENDERED if isinstance(one, str)]

    assert [answer[0].get("value") for answer in answers] == expected


def test_dbt_sends_the_expression_as_the_password_when_a_variable_is_missing(tmp_path: Path) -> None:
    missing = "{{ env_var('NOT_SET_ANYWHERE') }}"
    values = [{key: missing} for key in ("password", "pass", "user")]
    password, short, user = (answer[0] for answer in dbt_renders(tmp_path, yaml.safe_dump({"values": values})))

    assert password == {"value": missing}
    assert all("Env var required but not provided: 'NOT_SET_ANYWHERE'" in one["error"] for one in (short, user))
