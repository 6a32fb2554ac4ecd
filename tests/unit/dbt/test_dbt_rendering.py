"""Values are rendered as dbt 1.11 renders them; each line was seen there."""

from __future__ import annotations

from typing import Any

import pytest

from wharfinger.dbt.checking.rendering import NotRendered, OnlyDbtRenders, Renderer

ENV = {"N": "5439", "T": "True", "DBT_ENV_SECRET_PW": "s{{x}}\"'\\", "EMPTY": ""}

RENDERED: list[tuple[Any, Any]] = [
    ("plain", "plain"),
    ("'5439'", "'5439'"),
    ("{{ '5439' }}", "5439"),
    ("{{ env_var('N') }}", "5439"),
    ("{{ env_var('N') | int }}", 5439),
    ("{{ env_var('N') | as_number }}", 5439),
    (" {{ env_var('N') | int }}", " 5439"),
    ("{{ env_var('T') | as_bool }}", True),
    ("{{ env_var('T') | as_native }}", True),
    ("{{ env_var('N') | as_text }}", "5439"),
    ("{{ env_var('DBT_ENV_SECRET_PW') }}", "s{{x}}\"'\\"),
    ("x{{ env_var('DBT_ENV_SECRET_PW') }}y", "xs{{x}}\"'\\y"),
    ("{{ env_var('EMPTY') }}", ""),
    ("{{ env_var('NO', 'default') }}", "default"),
    ("{{ env_var('NO', '') }}", ""),
    ("{{ var('z', 'q') }}", "q"),
    ("a\n", "a"),
    ("a\r\nb", "a\nb"),
    ("{{ 'a\\x7b\\x7b \\u00e9 \\n' }}", "a{{ é \n"),
    ("{{ 'x' }}{{ 'y' }}", "xy"),
    ("{% set a = 1 %}{{ a }}", 1),
    ("{{ 5439 }}", "5439"),
    ("{{ true }}", "True"),
    ("{{ '1' ~ 2 }}", "12"),
    ("", ""),
    (5439, 5439),
    (None, None),
    (True, True),
    (["{{ env_var('N') }}", 1], ["5439", 1]),
    ({"a": "{{ env_var('N') }}"}, {"a": "5439"}),
]


@pytest.mark.parametrize(("value", "expected"), RENDERED)
def test_a_value_becomes_what_dbt_makes_of_it(value: Any, expected: Any) -> None:
    found = Renderer(ENV).rendered(value)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{{ env_var('NO') }}", "NO is not set"),
        ("{{ foo }}", "foo"),
        ("{{ foo() }}", "foo"),
        ("{{ bad", "not valid Jinja"),
        ("{{ env_var('N') | nofilter }}", "nofilter"),
        ("{{ env_var('N') | as_bool }}", "as_bool"),
        ("{{ env_var('DBT_ENV_SECRET_PW') | as_number }}", "as_number"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("DBT_ENV_SECRET", "renders nothing"),
    ],
)
def test_what_dbt_cannot_render_is_told_without_secrets(value: str, words: str) -> None:
    with pytest.raises(NotRendered) as problem:
        Renderer(ENV).rendered(value)
    assert words in problem.value.why
    assert "s{{x}}" not in problem.value.why


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(NotRendered) as problem:
        Renderer({}).rendered("{{ env_var('DBT_ENV_SECRET_PW') }}")
    assert problem.value.variable == "DBT_ENV_SECRET_PW"


@pytest.mark.parametrize("value", ["{{ modules.re.escape('a') }}", "{{ var('z') }}", "{{ fromjson('1') }}"])
def test_what_only_dbt_has_is_left_to_dbt(value: str) -> None:
    with pytest.raises(OnlyDbtRenders):
        Renderer({}).rendered(value)
