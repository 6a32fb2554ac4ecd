"""Profiling statements stay within every limit, whatever the names and the number of the columns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wharfinger.catalog.model import Column
from wharfinger.core.names import TableName
from wharfinger.profiling.measures import Measure, measures_of
from wharfinger.profiling.model import Level
from wharfinger.profiling.sql import (
    COUNT_BYTES,
    ROW_BYTES,
    SAMPLE_CELL,
    SAMPLE_COLUMNS,
    TARGETS,
    TEXT_BYTES,
    Branch,
    aggregate_branches,
    row_bytes,
    sample_branches,
    statements_for,
)

TABLE = TableName("dev", "shop", "orders")
TYPES = ("bigint", "varchar(64)", "numeric(38,10)", "timestamptz", "boolean", "super", "geometry", "text")

names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=30)
columns = st.lists(st.tuples(names, st.sampled_from(TYPES)), max_size=60)
levels = st.sampled_from(["basic", "full"])


def measures(count: int, type_: str, level: Level = "basic", name: str = "column_") -> tuple[Measure, ...]:
    return measures_of([Column(f"{name}{number}", type_, number) for number in range(count)], level)


@pytest.mark.parametrize(
    ("type_", "bounds", "sample", "distinct"),
    [
        ("smallint", True, False, True), ("integer", True, False, True), ("bigint", True, False, True),
        ("numeric(38,10)", True, False, True), ("real", True, False, True), ("double precision", True, False, True),
        ("date", True, False, True), ("time", True, False, True), ("timetz", True, False, True),
        ("timestamp", True, False, True), ("timestamptz", True, False, True),
        ("char(3)", False, True, True), ("varchar(65535)", False, True, True), ("text", False, True, True),
        ("boolean", False, False, True), ("super", False, False, False), ("varbyte(10)", False, False, False),
        ("geometry", False, False, False), ("geography", False, False, False), ("hllsketch", False, False, False),
        ("interval day to second", False, False, False), ("array<int>", False, False, False),
    ],
)  # fmt: skip
def test_what_is_asked_of_each_type(type_: str, bounds: bool, sample: bool, distinct: bool) -> None:
    column = [Column("c", type_, 1)]

    assert measures_of(column, "full") == (Measure("c", bounds, distinct, sample),)
    assert measures_of(column, "basic") == (Measure("c", bounds, False, sample),)


def test_a_table_is_measured_in_one_statement_that_names_each_column_once() -> None:
    (shared,) = statements_for(
        aggregate_branches(TABLE, measures_of([Column("id", "integer", 1), Column('we"ird', "text", 2)], "basic"))
    )

    assert shared.statement.sql == (
        "select '0'::varchar(8),n::varchar(48),k0::varchar(48),l0::varchar(48),u0::varchar(48),k1::varchar(48)"
        " from (select count(*) as n,count(c0) as k0,min(c0) as l0,max(c0) as u0,count(c1) as k1"
        ' from (select "id" as c0,"we""ird" as c1 from "shop"."orders") t) a'
    )


def test_a_table_without_columns_is_counted() -> None:
    (shared,) = statements_for(aggregate_branches(TABLE, ()))

    assert shared.statement.sql.endswith('from (select count(*) as n from (select 1 as c from "shop"."orders") t) a')


def test_samples_are_cut_and_limited_and_parenthesised_when_shared() -> None:
    one = sample_branches(TABLE, measures(1, "text"))
    two = sample_branches(TableName("dev", "shop", "b"), measures(2, "text"))

    assert statements_for(one)[0].statement.sql == (
        'select \'0\'::varchar(8),left("column_0",200)::varchar(800) from "shop"."orders" limit 1000'
    )
    assert statements_for([*two, *one])[0].statement.sql == (
        "(select '0'::varchar(8),left(\"column_0\",200)::varchar(800),null::varchar(800)"
        ' from "shop"."orders" limit 1000) union all '
        '(select \'1\'::varchar(8),left("column_0",200)::varchar(800),left("column_1",200)::varchar(800)'
        ' from "shop"."b" limit 1000)'
    )


@pytest.mark.parametrize(("texts", "reads"), [(0, 0), (1, 1), (75, 1), (76, 2), (150, 2), (151, 3), (400, 6)])
def test_a_row_holds_75_text_columns_and_more_of_them_are_read_apart(texts: int, reads: int) -> None:
    assert len(sample_branches(TABLE, measures(texts, "varchar(100)"))) == reads
    assert len(statements_for(sample_branches(TABLE, measures(texts, "varchar(100)")))) == min(reads, 1)
    assert len(statements_for(sample_branches(TABLE, measures(texts, "text", name="n" * 120)))) <= reads


@pytest.mark.parametrize(
    ("count", "type_", "level", "statements"),
    [
        (500, "numeric(38,10)", "basic", 1),
        (530, "numeric(38,10)", "basic", 2),
        (390, "numeric(38,10)", "full", 1),
        (400, "text", "full", 1),
        (1400, "text", "basic", 1),
        (1600, "text", "basic", 2),
        (1600, "bigint", "full", 5),
    ],
)
def test_only_very_wide_tables_are_measured_in_parts(count: int, type_: str, level: Level, statements: int) -> None:
    assert len(statements_for(aggregate_branches(TABLE, measures(count, type_, level)))) == statements


def test_400_columns_with_the_longest_names_are_read_in_one_scan() -> None:
    half = [*measures(200, "numeric(38,10)", name="n" * 123), *measures(200, "varchar(100)", name="v" * 123)]

    assert len(aggregate_branches(TABLE, half)) == 1


def test_400_columns_of_all_sorts_are_read_in_one_scan_with_distinct_counts_too() -> None:
    mixed = [*measures(320, "numeric(38,10)", "full"), *measures(80, "varchar(100)", "full", name="text_")]

    assert len(aggregate_branches(TABLE, mixed)) == 1


def test_columns_whose_names_fill_a_statement_are_measured_in_parts() -> None:
    parts = aggregate_branches(TABLE, measures(800, "boolean", name="n" * 120))

    assert len(parts) == 2
    assert all(len(shared.statement.sql.encode()) <= TEXT_BYTES for shared in statements_for(parts))


def test_every_part_of_a_wide_table_holds_other_columns() -> None:
    asked = measures(1600, "bigint", "full")
    parts = aggregate_branches(TABLE, asked)

    assert tuple(measure for part in parts for measure in part.measures) == asked


@settings(max_examples=60)
@given(st.lists(columns, min_size=1, max_size=25), levels)
def test_any_tables_keep_under_the_limits(tables: list[list[tuple[str, str]]], level: Level) -> None:
    asked = [
        measures_of([Column(name, type_, place) for place, (name, type_) in enumerate(one)], level) for one in tables
    ]
    places = [TableName("dev", "shop", f"t{number}") for number in range(len(tables))]
    branches = [branch for place, one in zip(places, asked, strict=True) for branch in aggregate_branches(place, one)]
    samples = [branch for place, one in zip(places, asked, strict=True) for branch in sample_branches(place, one)]

    for shared in statements_for(branches) + statements_for(samples):
        width = max(branch.width for branch in shared.branches)
        sampled = shared.statement.label == "sample"
        assert len(shared.statement.sql.encode()) <= TEXT_BYTES
        for branch in shared.branches:
            bytes_of = [SAMPLE_CELL if sampled else row_bytes(measure) for measure in branch.measures]
            assert 2 * COUNT_BYTES + sum(bytes_of) <= ROW_BYTES + (2 * COUNT_BYTES if sampled else 0)
        assert width < TARGETS
        assert shared.statement.sql.count("::varchar(8)") >= len(shared.branches)


@settings(max_examples=60)
@given(columns, levels)
def test_the_length_of_a_branch_is_never_underestimated(table: list[tuple[str, str]], level: Level) -> None:
    asked = measures_of([Column(name, type_, place) for place, (name, type_) in enumerate(table)], level)

    for branch in [*aggregate_branches(TABLE, asked), *sample_branches(TABLE, asked)]:
        assert len(statements_for([branch])[0].statement.sql.encode()) <= branch.longest


def test_all_rows_of_a_shared_statement_are_of_one_width() -> None:
    branches = [Branch("profile", TableName("dev", "s", f"t{n}"), measures(n, "bigint")) for n in (5, 1, 0, 3)]
    (shared,) = statements_for(branches)

    heads = [text.split(" from (", 1)[0] for text in shared.statement.sql.split(" union all ")]
    assert [len(re.findall(r"::varchar\(48\)", head)) for head in heads] == [16] * 4
    assert [len(branch.measures) for branch in shared.branches] == [0, 1, 3, 5]


def test_limits_hold_together() -> None:
    assert SAMPLE_COLUMNS == 75


def test_samples_are_not_shared_at_the_price_of_rows_that_are_mostly_padding() -> None:
    narrow = [sample_branches(TableName("dev", "s", f"n{n}"), measures(1, "text"))[0] for n in range(30)]
    wide = sample_branches(TABLE, measures(60, "text"))
    few = narrow[:5]

    assert [len(shared.branches) for shared in statements_for([*narrow, *wide])] == [30, 1]
    assert [len(shared.branches) for shared in statements_for([*few, *wide])] == [6]
