"""Named parameters are found only where they stand for values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger_sandbox.statements.parameters import bind

GIVEN = {"a": "1", "b": "2", "1": "3"}


@pytest.mark.parametrize(
    ("sql", "bound", "values"),
    [
        ("select :a", "select $1", ["1"]),
        ("select :a, :b, :a", "select $1, $2, $3", ["1", "2", "1"]),
        ("select :a::smallint, b::text", "select $1::smallint, b::text", ["1"]),
        ("select :1", "select $1", ["3"]),
        ("select ':a', \":a\", ''':a'''", "select ':a', \":a\", ''':a'''", []),
        ("select 1 -- :a\n, :b", "select 1 -- :a\n, $1", ["2"]),
        ("select 1 /* :a /* :b */ :a */ , :b", "select 1 /* :a /* :b */ :a */ , $1", ["2"]),
        ("select E'\\':a', :b", "select E'\\':a', $1", ["2"]),
        ("select 'a\\', :b", "select 'a\\', $1", ["2"]),
        ("select $$ :a $$, $x$ :a $$ :b $x$, :b", "select $$ :a $$, $x$ :a $$ :b $x$, $1", ["2"]),
        ("select :unknown, :ab, x[1:2]", "select :unknown, :ab, x[1:2]", []),
        ("select 'open :a", "select 'open $1", ["1"]),
        ("select /* open :a", "select /* open :a", []),
        ("select $$ open :a", "select $$ open :a", []),
    ],
)
def test_a_name_is_bound_where_it_stands_for_a_value(sql: str, bound: str, values: list[str]) -> None:
    assert bind(sql, GIVEN) == (bound, values, {name for name, value in GIVEN.items() if value in values})


@given(st.text(alphabet="ab:'\"-/*$\\ \n1E"))
def test_a_text_without_parameters_is_unchanged(sql: str) -> None:
    assert bind(sql, {}) == (sql, [], set())


@given(st.text(alphabet="xyz'\"/*$ \n"), st.text(min_size=1))
def test_a_value_never_enters_the_text(sql: str, value: str) -> None:
    bound, values, _ = bind(sql + " :name", {"name": value})
    assert bound in (sql + " $1", sql + " :name")
    assert values in ([value], [])
