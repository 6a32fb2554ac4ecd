"""Each change signal: its value, what counts as a change, what it can miss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from wharfinger.catalog.model import Column, Kind, Signal, SignalName, Signature, Table, columns_digest
from wharfinger.catalog.signals import (
    MISSES,
    Readings,
    TableInfo,
    choose,
    cost_of_reading,
    differs,
    too_old,
)
from wharfinger.core.names import TableName

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = ("shop", "orders")
INFO = TableInfo(4711, 120, 100, 8)


def chosen(
    readings: Readings, kind: Kind = "table", previous: Signal | None = None, looked_at: datetime | None = None
) -> Signal:
    return choose(KEY, kind, readings, now=NOW, previous=previous, looked_at=looked_at)


def test_the_best_signal_that_can_be_read_is_taken() -> None:
    everything = Readings({KEY: INFO}, {KEY: "2026-11-20"}, {KEY: "2026-11-19"})

    assert chosen(everything) == Signal("svv_table_info", "4711/120/100/8")
    assert chosen(Readings(None, everything.writes, everything.modified)) == Signal("sys_query_detail", "2026-11-20")
    assert chosen(Readings(None, None, everything.modified)) == Signal("last_modified_time", "2026-11-19")
    assert chosen(Readings(None, None, {})) == Signal("age")


def test_an_empty_table_has_a_signal_though_the_view_leaves_it_out() -> None:
    empty, filled = chosen(Readings({})), chosen(Readings({KEY: INFO}))

    assert empty == Signal("svv_table_info", "empty")
    assert differs(Signature("c", empty), Signature("c", filled))


@pytest.mark.parametrize(
    "other",
    [
        TableInfo(4712, 120, 100, 8),
        TableInfo(4711, 121, 100, 8),
        TableInfo(4711, 120, 99, 8),
        TableInfo(4711, 120, 100, 9),
    ],
)
def test_each_figure_of_svv_table_info_tells_a_change(other: TableInfo) -> None:
    assert differs(Signature("c", chosen(Readings({KEY: INFO}))), Signature("c", chosen(Readings({KEY: other}))))


@pytest.mark.parametrize("kind", ["view", "late_binding_view", "external"])
def test_what_stores_no_rows_has_its_age_only(kind: Kind) -> None:
    assert chosen(Readings({KEY: INFO}, {KEY: "x"}, {KEY: "y"}), kind) == Signal("age")


def test_a_write_that_the_history_forgot_is_no_change() -> None:
    before = Signal("sys_query_detail", "2026-11-15 08:00:00")
    readings = Readings(None, {})

    assert chosen(readings, previous=before, looked_at=NOW - timedelta(days=3)) == before


def test_a_pause_longer_than_the_history_counts_as_a_change() -> None:
    before = Signal("sys_query_detail", "2026-11-01 08:00:00")
    after = chosen(Readings(None, {}), previous=before, looked_at=NOW - timedelta(days=8))

    assert differs(Signature("c", before), Signature("c", after))


@pytest.mark.parametrize("name", get_args(SignalName))
def test_every_signal_says_what_it_can_miss(name: SignalName) -> None:
    assert MISSES[name]


@pytest.mark.parametrize("name", ["svv_table_info", "sys_query_detail", "last_modified_time"])
def test_an_equal_signal_is_no_change_and_another_is(name: SignalName) -> None:
    before = Signature("c", Signal(name, "a"))

    assert not differs(before, Signature("c", Signal(name, "a")))
    assert differs(before, Signature("c", Signal(name, "b")))
    assert differs(before, Signature("d", Signal(name, "a")))


def test_a_table_never_processed_is_not_changed() -> None:
    assert not differs(None, Signature("c", Signal("age")))


def test_a_new_signal_is_a_change_but_falling_to_age_is_none() -> None:
    before = Signature("c", Signal("last_modified_time", "a"))

    assert differs(before, Signature("c", Signal("svv_table_info", "1/2/3/4")))
    assert not differs(before, Signature("c", Signal("age")))
    assert differs(before, Signature("d", Signal("age")))


def test_age_runs_out_after_a_week_or_what_was_asked() -> None:
    assert not too_old(NOW - timedelta(days=6, hours=23), NOW)
    assert too_old(NOW - timedelta(days=7), NOW)
    assert too_old(NOW - timedelta(minutes=2), NOW, timedelta(minutes=1))


def test_columns_count_by_name_order_type_and_null_but_not_by_comment() -> None:
    plain = (Column("a", "integer", 1), Column("b", "varchar(10)", 2))
    digest = columns_digest(plain)

    assert columns_digest(tuple(reversed(plain))) == digest
    assert columns_digest((Column("a", "integer", 1, comment="The id"), plain[1])) == digest
    for other in (
        Column("a", "bigint", 1),
        Column("x", "integer", 1),
        Column("a", "integer", 1, nullable=False),
        Column("a", "integer", 3),
    ):
        assert columns_digest((other, plain[1])) != digest


def table(schema: str, name: str, signal: SignalName, database: str = "dev", kind: Kind = "table") -> Table:
    return Table(TableName(database, schema, name), kind, signature=Signature("c", Signal(signal)))


@pytest.mark.parametrize(
    ("tables", "statements"),
    [
        ([], 0),
        ([table("a", "t", "svv_table_info"), table("b", "t", "svv_table_info")], 6),
        ([table("a", "t", "sys_query_detail"), table("b", "t", "sys_query_detail")], 7),
        ([table("a", "t", "last_modified_time"), table("b", "t", "age"), table("b", "u", "age")], 9),
        ([table("a", "v", "age", kind="view")], 6),
        ([table("a", "t", "svv_table_info"), table("a", "t", "age", database="marketing")], 14),
    ],
)
def test_the_statements_of_a_reading_are_foretold_from_the_signals(tables: list[Table], statements: int) -> None:
    assert cost_of_reading(tables).statements == statements
