"""The strongest text is shown, and a text that only repeats name and type does not count."""

from __future__ import annotations

import pytest

from wharfinger.catalog.model import Column, Table
from wharfinger.core.errors import Invalid
from wharfinger.core.names import TableName
from wharfinger.describing.coverage import Coverage, adds_nothing, covered, total
from wharfinger.describing.model import (
    LONGEST_TEXT,
    SOURCES,
    Description,
    Source,
    TableDescriptions,
    Texts,
    checked_text,
    strongest,
)

NAME = TableName("dev", "raw_shop", "orders")


def orders(comment: str = "", column_comment: str = "") -> Table:
    columns = (Column("id", "bigint", 1), Column("total", "numeric(12,2)", 2, comment=column_comment))
    return Table(NAME, "table", comment=comment, columns=columns)


@pytest.mark.parametrize("first", range(len(SOURCES)))
def test_the_strongest_source_that_says_something_wins(first: int) -> None:
    present = SOURCES[first:]
    table = orders("from comment", "column from comment") if "comment" in present else orders()
    kept: dict[Source, Texts] = {
        source: Texts(f"from {source}", {"total": f"column from {source}"}) for source in present if source != "comment"
    }

    described = strongest(table, kept)

    assert described.table == Description(f"from {SOURCES[first]}", SOURCES[first])
    assert described.columns["total"].source == SOURCES[first]


def test_each_column_has_a_winner_of_its_own() -> None:
    kept: dict[Source, Texts] = {
        "human": Texts(columns={"id": "number of the order"}),
        "rules": Texts("a table", {"id": "whole number", "total": "decimal number"}),
    }

    described = strongest(orders(), kept)

    assert described.table == Description("a table", "rules")
    assert {name: found.source for name, found in described.columns.items()} == {"id": "human", "total": "rules"}


def test_texts_of_columns_that_are_gone_do_not_show() -> None:
    assert strongest(orders(), {"human": Texts(columns={"dropped": "once was"})}).columns == {}


def test_a_table_nobody_described_has_no_description() -> None:
    assert strongest(orders(comment="   "), {}) == TableDescriptions()


def test_taking_a_text_away_leaves_the_others() -> None:
    texts = Texts("t").with_text("a", "one").with_text("b", "two").with_text("a", "")
    assert texts == Texts("t", {"b": "two"})
    assert not texts.with_text("b", "").with_text(None, "")


@pytest.mark.parametrize("text", ["", "   \n", "x" * (LONGEST_TEXT + 1), "a\x00b"])
def test_a_text_of_no_use_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        checked_text(text)


def test_space_around_a_text_goes() -> None:
    assert checked_text("  what it is \n") == "what it is"


@pytest.mark.parametrize(
    ("text", "name", "type_name"),
    [
        ("Customer id.", "customer_id", "bigint"),
        ("The ID of the customer", "customer_id", "bigint"),
        ("Text of up to 40 bytes.", "status", "varchar(40)"),
        ("status (varchar 40)", "status", "varchar(40)"),
        ("The created at timestamp of the record", "created_at", "timestamp"),
        ("createdAt", "createdAt", "timestamp"),
        ("This column contains the email value", "email", "varchar(320)"),
        ("Orders table.", "orders", "table"),
        ("Contains order data", "orders", "table"),
        ("View with 5 columns.", "stock", "view"),
        ("True or false.", "active", "boolean"),
        ("Decimal number of 12 digits", "price", "numeric(12,2)"),
        ("größe", "größe", "varchar(20)"),
        ("   ", "x", "integer"),
    ],
)
def test_a_text_that_repeats_name_and_type_adds_nothing(text: str, name: str, type_name: str) -> None:
    assert adds_nothing(text, name, type_name)


@pytest.mark.parametrize(
    ("text", "name", "type_name"),
    [
        ("Where receipts go", "email", "varchar(320)"),
        ("No nulls in 3,000 rows.", "email", "varchar(320)"),
        ("From 1 to 900.", "quantity", "integer"),
        ("Refers to raw_shop.customers.id by a declared foreign key.", "customer_id", "bigint"),
        ("Table with 3 columns and 12 rows when it was profiled.", "orders", "table"),
        ("Gross of tax", "total", "numeric(12,2)"),
        ("ISO 4217", "currency", "char(3)"),
    ],
)
def test_a_text_that_tells_something_counts(text: str, name: str, type_name: str) -> None:
    assert not adds_nothing(text, name, type_name)


def test_coverage_counts_tables_and_columns_that_are_truly_described() -> None:
    described = strongest(
        orders("Every order placed in the web shop"), {"rules": Texts("", {"id": "The id.", "total": "Gross"})}
    )
    one = covered(orders(), described)

    assert one == Coverage(tables=1, described_tables=1, columns=2, described_columns=1)
    assert total([one, one]) == Coverage(2, 2, 4, 2)
    assert total([]) == Coverage()
