"""dbt reads every value unchanged, through YAML's quotes and through Jinja."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wharfinger.core.errors import Invalid
from wharfinger.core.secret import DOTS, Secret
from wharfinger.dbt.checking.rendering import Renderer
from wharfinger.dbt.profiles_yml.yaml_values import EnvVar, Value, key_text, pair_texts, value_text

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])).filter(
    lambda text: "DBT_ENV_SECRET" not in text
)
MARKS = ["{{", "}}", "{%", "%}", "{#", "#}", "'", '"', "\\", "\r", "\n", ": ", " #", "- ", "ö", "💧", "a", " "]
UGLY = st.lists(st.sampled_from(MARKS)).map("".join)


def read(text: str, **env: str) -> Any:
    """The value that dbt reads from `key: text`."""
    return Renderer(env).rendered(yaml.safe_load(f"key: {text}\n")["key"])


@given(TEXTS | UGLY)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert read(value_text(text)) == text
    assert read(value_text(Secret(text))) == text
    assert yaml.safe_load(f"{key_text(text)}: 1") == {text: 1}


@given(st.lists(TEXTS | UGLY).map(tuple))
def test_a_list_comes_back_as_it_was(texts: tuple[str, ...]) -> None:
    assert read(value_text(texts)) == list(texts)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("dbt_alice", "dbt_alice"),
        ("demo.abc.us-east-1.redshift.amazonaws.com", "demo.abc.us-east-1.redshift.amazonaws.com"),
        ("127.0.0.1", '"127.0.0.1"'),
        ("123456789012", '"123456789012"'),
        ("yes", '"yes"'),
        ("null", '"null"'),
        ("1e3", '"1e3"'),
        ("2026-11-21", '"2026-11-21"'),
        ("", '""'),
        ("IAM:alice", '"IAM:alice"'),
        (5439, "5439"),
        (True, "true"),
        (False, "false"),
        (("a", "on"), '[a, "on"]'),
        (EnvVar("DBT_ENV_SECRET_X"), "\"{{ env_var('DBT_ENV_SECRET_X') }}\""),
    ],
)
def test_a_plain_value_looks_as_people_write_it(value: Value, text: str) -> None:
    assert value_text(value) == text


def test_a_variable_is_taken_from_the_environment_whatever_it_holds() -> None:
    assert read(value_text(EnvVar("DBT_ENV_SECRET_X")), DBT_ENV_SECRET_X="{{ 1 }}'\"\\") == "{{ 1 }}'\"\\"


def test_a_secret_is_dots_unless_it_goes_into_the_file() -> None:
    fields: dict[str, Value] = {"password": Secret("hunter2"), "user": "alice"}

    assert pair_texts(fields, show_secrets=False) == [f'password: "{DOTS}"', "user: alice"]
    assert pair_texts(fields) == ['password: "hunter2"', "user: alice"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "my DBT_ENV_SECRET_ thing"])
def test_what_no_profile_can_hold_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        value_text(Secret(text))
    assert text not in str(refused.value)
