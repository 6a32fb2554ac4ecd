"""Patterns match tables; a pattern that matches none is answered with similar names."""

from __future__ import annotations

import pytest

from wharfinger.catalog.matching import matching, similar_names
from wharfinger.catalog.model import Column, Table
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import TableName
from wharfinger.core.verbs import call

SHOP = Connection("shop", "cluster", "demo", "us-east-1", "dev")

NAMES = [
    TableName("dev", "analytics", "orders"),
    TableName("dev", "raw_shop", "Order Lines"),
    TableName("dev", "raw_shop", "orders"),
    TableName("marketing", "raw_shop", "orders"),
]


def matched(*patterns: str) -> list[TableName]:
    return matching(patterns, NAMES, SHOP)


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
    assert caught.value.call == call("tables:list", connection="shop")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("raw_shop", "raw_shop.*"),
        ("RAW_SHOP", "raw_shop.*"),
        ("orders", "analytics.orders"),
        ('"Order Lines"', 'raw_shop."Order Lines"'),
        ("marketing", "marketing.*.*"),
        ("marketing.raw_shop", "marketing.raw_shop.*"),
        ("*", "*.*"),
        ("raw*", "raw_shop.*"),
        ("order*", "*.order*"),
        ("dev", "dev.*.*"),
        ("dev.*", "dev.*.*"),
        ("dev.raw_shop", "dev.raw_shop.*"),
        ("*.raw_shop", "*.raw_shop.*"),
    ],
)
def test_a_schema_a_table_or_a_database_alone_is_answered_with_the_pattern_for_it(typed: str, meant: str) -> None:
    with pytest.raises((Invalid, NotFound)) as caught:
        matching(["analytics.*", typed], NAMES, SHOP, "tables:select")

    assert caught.value.next_step == f"Write {meant}"
    assert caught.value.call == call("tables:select", connection="shop", patterns=["analytics.*", meant])
    assert matched(meant)


def test_a_name_that_several_tables_have_is_answered_with_them() -> None:
    with pytest.raises(Invalid) as caught:
        matched("orders")

    assert "analytics.orders, raw_shop.orders, marketing.raw_shop.orders" in caught.value.why


def test_a_schema_of_the_own_database_is_not_called_one_of_another() -> None:
    with pytest.raises(NotFound) as caught:
        matched("dev.raw_shop")

    assert caught.value.why == "dev.raw_shop names a schema of a database"


@pytest.mark.parametrize("typed", ["pg_catalog.*", "information_schema.tables", "dev.PG_CATALOG.pg_class"])
def test_a_refresh_is_not_recommended_for_the_catalogs_of_redshift(typed: str) -> None:
    with pytest.raises(NotFound) as caught:
        matched(typed)

    assert "not read" in caught.value.why
    assert "Refresh" not in caught.value.next_step


def test_a_similar_table_is_named_once() -> None:
    with pytest.raises(NotFound) as caught:
        matched("raw_shop.oders")

    assert caught.value.why.startswith("similar names: raw_shop.orders, ")
    assert caught.value.why.count("raw_shop.orders") == 2  # in the own database, and in another one
    assert "marketing.raw_shop.orders" in caught.value.why


def test_without_anything_known_the_error_says_so() -> None:
    with pytest.raises(NotFound, match="Read the warehouse's catalog first") as caught:
        matching(["a.b"], [], SHOP)
    assert caught.value.call == call("tables:refresh", connection="shop")
    assert similar_names("a.b", []) == "no name is known yet"
    assert similar_names("a.b", ["something.else"]) == "no known name is similar"


def test_a_text_that_is_no_pattern_is_refused_before_anything_is_matched() -> None:
    with pytest.raises(Invalid):
        matched("raw_shop.oders", "orders")


def test_a_column_is_found_exactly_or_when_only_one_fits_without_case() -> None:
    table = Table(
        NAMES[0], "table", columns=(Column("Id", "integer", 1), Column("ID", "integer", 2), Column("Total", "real", 3))
    )

    assert table.column("ID").ordinal == 2
    assert table.column("total").ordinal == 3
    assert [table.column(f'"{name}"').ordinal for name in ("Id", "ID", "Total")] == [1, 2, 3]
    with pytest.raises(NotFound, match="similar names: Total"):
        table.column('"total"')
    with pytest.raises(NotFound, match="differ only in case"):
        table.column("id")
    with pytest.raises(NotFound, match="similar names: Total"):
        table.column("totel")
