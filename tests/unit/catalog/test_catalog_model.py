"""Patterns choose tables; what means none says what is near."""

from __future__ import annotations

import pytest

from wharfinger.catalog.model import Column, Table, matching, near
from wharfinger.core.errors import NotFound
from wharfinger.core.names import TableName, parse_pattern

NAMES = [
    TableName("dev", "analytics", "orders"),
    TableName("dev", "raw_shop", "Order Lines"),
    TableName("dev", "raw_shop", "orders"),
    TableName("marketing", "raw_shop", "orders"),
]


def matched(*patterns: str) -> list[TableName]:
    return matching([parse_pattern(text) for text in patterns], NAMES, default_database="dev")


def test_patterns_match_without_case_in_the_own_database() -> None:
    assert matched("RAW_SHOP.ord*") == NAMES[1:3]
    assert matched('raw_shop."Order Lines"', "analytics.*") == NAMES[:2]
    assert matched("*.raw_shop.orders") == NAMES[2:]


def test_a_table_meant_twice_is_matched_once() -> None:
    assert matched("raw_shop.orders", "raw_shop.*") == NAMES[1:3]


def test_a_pattern_that_means_nothing_names_what_is_near() -> None:
    with pytest.raises(NotFound) as caught:
        matched("raw_shop.orders", "raw_shop.oders")

    assert caught.value.subject == "raw_shop.oders"
    assert "raw_shop.orders" in caught.value.why
    assert caught.value.next_step


def test_without_anything_known_the_error_says_so() -> None:
    with pytest.raises(NotFound, match="Read what exists first: wharfinger tables refresh"):
        matching([parse_pattern("a.b")], [], default_database="dev")
    assert near("a.b", []) == "nothing is known there yet"
    assert near("a.b", ["something.else"]) == "nothing there has a name like it"


def test_a_column_is_found_exactly_or_when_only_one_fits_without_case() -> None:
    table = Table(
        NAMES[0], "table", columns=(Column("Id", "integer", 1), Column("ID", "integer", 2), Column("Total", "real", 3))
    )

    assert table.column("ID").ordinal == 2
    assert table.column("total").ordinal == 3
    with pytest.raises(NotFound, match="differ in case"):
        table.column("id")
    with pytest.raises(NotFound, match="near to it: Total"):
        table.column("totel")
