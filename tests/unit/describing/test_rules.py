"""The rules writer writes what was measured and declared, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger.catalog.model import Column, ForeignKey, Keys, Signal, Signature, Table
from wharfinger.core.names import TableName
from wharfinger.describing.coverage import adds_nothing
from wharfinger.describing.rules import Evidence, RulesWriter, column_sentence
from wharfinger.profiling.model import ColumnProfile, TableProfile

NAME = TableName("dev", "raw_shop", "orders")
SIGNATURE = Signature("c", Signal("age"))


def profile(rows: int, *columns: ColumnProfile) -> TableProfile:
    return TableProfile(NAME, rows, columns, "basic", SIGNATURE, datetime(2026, 1, 1, tzinfo=UTC))


def one(
    type_name: str, rows: int | None, known: ColumnProfile | None, *, nullable: bool = True, keys: Keys | None = None
) -> str:
    column = Column("c", type_name, 1, nullable)
    return column_sentence(Table(NAME, "table", columns=(column,), keys=keys or Keys()), column, rows, known)


def facts(nulls: int = 0, **more: object) -> ColumnProfile:
    return ColumnProfile("c", nulls, **more)  # type: ignore[arg-type]


ORDERS = Table(
    NAME,
    "table",
    columns=(
        Column("id", "bigint", 1, nullable=False),
        Column("customer_id", "bigint", 2),
        Column("status", "varchar(40)", 3),
        Column("placed_at", "timestamptz", 4),
        Column("email", "varchar(320)", 5),
    ),
    keys=Keys(("id",), (), (ForeignKey(("customer_id",), TableName("dev", "raw_shop", "customers"), ("id",)),)),
    sort_key="placed_at",
)
FACTS = profile(
    10_000,
    ColumnProfile("id", 0, "1", "10000"),
    ColumnProfile("customer_id", 12, "1", "3000"),
    ColumnProfile("status", 0, samples=("paid", "secret-status")),
    ColumnProfile("placed_at", 0, "2022-01-03 08:00:00+00", "2025-04-17 07:59:59+00"),
    ColumnProfile("email", 1, "•••@•••.•••", "•••@•••.•••", samples=("•••@•••.•••",), masked=True),
)


def test_a_table_is_described_by_size_keys_targets_and_time() -> None:
    text = RulesWriter().write(Evidence(ORDERS, FACTS)).table
    assert text == (
        "Orders: table with 5 columns and 10,000 rows when it was profiled; declared primary key: id; "
        "refers to raw_shop.customers; placed_at runs from 2022-01-03 08:00:00+00 to 2025-04-17 07:59:59+00."
    )


def test_each_column_gets_one_sentence() -> None:
    columns = RulesWriter().write(Evidence(ORDERS, FACTS)).columns
    assert columns == {
        "id": "Id: whole number; declared primary key; from 1 to 10000; no nulls in 10,000 rows.",
        "customer_id": (
            "Customer id: whole number; refers to raw_shop.customers.id by a declared foreign key; from 1 to 3000; "
            "null in 12 of 10,000 rows."
        ),
        "status": "Status: text of up to 40 bytes; a sample shows 2 different values; no nulls in 10,000 rows.",
        "placed_at": (
            "Placed at: point in time with time zone; from 2022-01-03 08:00:00+00 to 2025-04-17 07:59:59+00; "
            "no nulls in 10,000 rows."
        ),
        "email": (
            "Email: text of up to 320 bytes; looks like personal data, so its values are masked; "
            "null in 1 of 10,000 rows."
        ),
    }


def test_without_a_profile_nothing_is_said_of_rows_and_values() -> None:
    texts = RulesWriter().write(Evidence(ORDERS))
    assert texts.table == "Orders: table with 5 columns; declared primary key: id; refers to raw_shop.customers."
    assert texts.columns["id"] == "Id: whole number; declared primary key; declared not null."
    assert texts.columns["status"] == "Status: text of up to 40 bytes."
    assert adds_nothing(texts.columns["status"], "status", "varchar(40)")


def test_no_text_out_of_the_table_gets_into_a_sentence() -> None:
    texts = RulesWriter().write(Evidence(ORDERS, FACTS))
    assert "secret-status" not in " ".join([texts.table, *texts.columns.values()])


def test_the_same_evidence_gives_the_same_words() -> None:
    assert RulesWriter().write(Evidence(ORDERS, FACTS)) == RulesWriter().write(Evidence(ORDERS, FACTS))


def test_an_empty_table_is_said_to_be_empty() -> None:
    texts = RulesWriter().write(Evidence(ORDERS, profile(0, ColumnProfile("id", 0))))
    assert texts.table.startswith("Orders: table with 5 columns and no rows when it was profiled")
    assert texts.columns["id"] == "Id: whole number; declared primary key; no rows."


def test_a_target_in_another_database_is_named_with_it() -> None:
    keys = Keys(foreign=(ForeignKey(("c",), TableName("marketing", "ads", "Odd Name")),))
    assert (
        one("bigint", None, None, keys=keys)
        == 'C: whole number; refers to marketing.ads."Odd Name" by a declared foreign key.'
    )


@pytest.mark.parametrize(
    ("type_name", "rows", "known", "sentence"),
    [
        ("integer", 8, facts(8), "whole number; null in all 8 rows"),
        ("integer", 1, facts(0, min="5", max="5"), "whole number; always 5; no nulls in 1 row"),
        ("bigint", 3, facts(1, min="-1", max="2"), "whole number; from -1 to 2; null in 1 of 3 rows"),
        (
            "real",
            3,
            facts(0, min="-Infinity", max="NaN"),
            "floating point number; from -Infinity to NaN; no nulls in 3 rows",
        ),
        (
            "date",
            2,
            facts(0, min="4713-01-01 BC", max="5874897-12-31"),
            "date; from 4713-01-01 BC to 5874897-12-31; no nulls in 2 rows",
        ),
        ("char(2)", 9, facts(0, distinct=1), "text of 2 bytes; about 1 different value; no nulls in 9 rows"),
        ("char(2)", 9, facts(9, distinct=0), "text of 2 bytes; null in all 9 rows"),
        ("char(2)", 9, facts(0, distinct=4321), "text of 2 bytes; about 4,321 different values; no nulls in 9 rows"),
        (
            "char(2)",
            9,
            facts(0, samples=("DE",)),
            "text of 2 bytes; a sample shows 1 different value; no nulls in 9 rows",
        ),
        ("char(2)", 99, facts(0, samples=tuple("abcdefghijklmnopqrst")), "text of 2 bytes; no nulls in 99 rows"),
        ("varchar(999)", 9, facts(0, samples=("x" * 200,)), "text of up to 999 bytes; no nulls in 9 rows"),
        ("boolean", 9, facts(2), "true or false; null in 2 of 9 rows"),
        ("boolean", None, None, "true or false"),
        ("numeric(12,2)", None, None, "decimal number of 12 digits, 2 of them after the point"),
        ("numeric(38,0)", None, None, "whole number of up to 38 digits"),
        ("geometry", None, None, "value of type geometry"),
    ],
)
def test_column_facts_become_words(
    type_name: str, rows: int | None, known: ColumnProfile | None, sentence: str
) -> None:
    assert one(type_name, rows, known) == f"C: {sentence}."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer_id", "Customer id"), ("createdAt", "Created at"), ("customer_URL", "Customer URL"),
        ("größe", "Größe"),
        ("x2_total", "X2 total"), ("_synced_at", "Synced at"), ('odd "name"', '"odd "name""'), ("100%", '"100%"'),
        ("__", '"__"'),
    ],
)  # fmt: skip
def test_a_name_is_told_in_words_where_it_is_made_of_words(name: str, words: str) -> None:
    column = Column(name, "date", 1)
    assert column_sentence(Table(NAME, "table", columns=(column,)), column, None, None) == f"{words}: date."


def test_parts_of_a_key_of_several_columns_are_told_as_such() -> None:
    assert (
        one("integer", None, None, keys=Keys(primary=("c", "d")))
        == "C: whole number; one of 2 columns of the declared primary key."
    )


_TYPES = st.sampled_from(["integer", "bigint", "numeric(12,2)", "varchar(40)", "date", "timestamp", "boolean", "super"])
_BOUND = st.none() | st.integers(-(10**20), 10**20).map(str)


@given(
    type_name=_TYPES, rows=st.integers(0, 10**9), part=st.floats(0, 1), low=_BOUND, high=_BOUND, masked=st.booleans()
)
def test_every_number_in_a_sentence_stands_in_the_evidence(
    type_name: str, rows: int, part: float, low: str | None, high: str | None, masked: bool
) -> None:
    nulls = int(rows * part)
    sentence = one(type_name, rows, facts(nulls, min=low, max=high, masked=masked))
    known = {str(rows), str(nulls), *re.findall(r"\d+", type_name)} | ({low, high} if not masked else set())
    numbers = {number.replace(",", "") for number in re.findall(r"-?\d[\d,]*", sentence)}

    assert numbers <= known
    assert sentence.endswith(".")
    assert sentence.count(".") == 1


def test_of_many_tables_that_one_refers_to_five_are_named() -> None:
    foreign = tuple(ForeignKey(("id",), TableName("dev", "raw_shop", f"t{number}")) for number in range(7))
    texts = RulesWriter().write(Evidence(Table(NAME, "table", keys=Keys(foreign=foreign))))

    assert "raw_shop.t4 and 2 more" in texts.table
    assert "t5" not in texts.table
