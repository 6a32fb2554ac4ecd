"""Rows become figures; a table that fails does not fail the others."""

from __future__ import annotations

import pytest
from tests.unit.scripted import Answer, ScriptedSession

from wharfinger.catalog.model import Column, Signal, Signature, Size, Table
from wharfinger.core.errors import Failed, Refused, Unavailable
from wharfinger.core.names import TableName
from wharfinger.core.session import Row, Statement
from wharfinger.profiling.measures import measures_of
from wharfinger.profiling.model import ColumnProfile
from wharfinger.profiling.results import TableResult, add_rows
from wharfinger.profiling.runner import Measured, measure
from wharfinger.profiling.sql import Branch, Shared

A, B = TableName("dev", "s", "a"), TableName("dev", "s", "b")
COLUMNS = (Column("n", "numeric(38,10)", 1), Column("t", "varchar(20)", 2), Column("f", "boolean", 3))


def shared(what: str, *tables: TableName, level: str = "basic") -> Shared:
    asked = measures_of(COLUMNS, "full" if level == "full" else "basic")
    texts = tuple(one for one in asked if one.sample)
    branches = tuple(
        Branch("sample", one, texts) if what == "sample" else Branch("profile", one, asked) for one in tables
    )
    return Shared(Statement("", label=what), branches)


def results_of(one: Shared, rows: list[Row]) -> dict[TableName, TableResult]:
    into = {branch.table: TableResult() for branch in one.branches}
    add_rows(one, rows, into)
    return into


def test_rows_are_read_by_place_and_padding_is_ignored() -> None:
    rows: list[Row] = [
        ("1", "3", "1", "7.5", "NaN", "3", "0", None, None),
        ("0", "0", "0", None, None, "0", "0", None, None),
    ]
    found = results_of(shared("profile", A, B), rows)

    assert (found[A].rows, found[B].rows) == (0, 3)
    assert found[A].columns(["n", "t"]) == (ColumnProfile("n", 0), ColumnProfile("t", 0))
    assert found[B].columns(["f", "n"]) == (ColumnProfile("f", 3), ColumnProfile("n", 2, "7.5", "NaN"))


def test_distinct_counts_come_at_level_full() -> None:
    found = results_of(shared("profile", A, level="full"), [("0", "3", "1", "1", "1", "1", "3", "2", "2", "2")])

    assert found[A].columns(["n", "t", "f"]) == (
        ColumnProfile("n", 2, "1", "1", 1), ColumnProfile("t", 0, distinct=2), ColumnProfile("f", 1, distinct=2),
    )  # fmt: skip


def test_a_table_measured_in_parts_has_the_rows_of_the_first_and_each_column_its_own_nulls() -> None:
    first, second = (Branch("profile", A, measures_of([column], "basic")) for column in COLUMNS[:2])
    found = results_of(
        Shared(Statement("", label="profile"), (first, second)), [("0", "3", "1", "7", "8"), ("1", "5", "4")]
    )

    assert found[A].rows == 3
    assert [column.nulls for column in found[A].columns(["n", "t"])] == [2, 1]


def test_a_sample_is_sorted_distinct_without_nulls_and_at_most_twenty() -> None:
    rows: list[Row] = [("0", value) for value in ["b", None, "a", "b", ""]]
    rows += [("1", f"{n:02}") for n in range(99, -1, -1)]
    one = shared("sample", A, B)
    into = {table: TableResult(0, {"t": ColumnProfile("t", 0)}) for table in (A, B)}
    add_rows(one, rows, into)

    assert into[A].columns(["t"])[0].samples == ("", "a", "b")
    assert into[B].columns(["t"])[0].samples == tuple(f"{n:02}" for n in range(20))


def test_a_measuring_statement_that_leaves_out_a_table_is_not_believed() -> None:
    with pytest.raises(ValueError, match="no row"):
        results_of(shared("profile", A, B), [("1", "0", "0", None, None, "0", "0")])


def a_table(name: str) -> Table:
    columns = (Column("t", "varchar(20)", 1),)
    return Table(
        TableName("dev", "s", name), "table", columns=columns, size=Size(3), signature=Signature("c", Signal("age"))
    )


TABLES = [a_table(name) for name in ("a", "b", "c")]


def answers(statement: Statement) -> Answer:
    """Three rows a table, or an error for every statement that touches `"s"."b"`."""
    if '"s"."b"' in statement.sql:
        return Refused("No right", why="permission denied for relation b")
    count = statement.sql.count(" union all ") + 1
    if statement.label == "sample":
        return [(str(place), "x") for place in range(count)]
    return [(str(place), "3", "2") for place in range(count)]


def run(session: ScriptedSession, affordable: bool = True) -> Measured:
    return measure(session, TABLES, "basic", lambda _: affordable)


def test_the_tables_of_a_failed_statement_are_tried_alone_and_only_the_bad_one_fails() -> None:
    session = ScriptedSession(answers)
    result = run(session)

    assert set(result.errors) == {TABLES[1].name}
    assert [result.results[one.name].rows for one in TABLES] == [3, None, 3]
    assert [result.results[TABLES[n].name].samples for n in (0, 2)] == [{"t": {"x"}}] * 2
    assert (len(session.sent), session.rounds) == (2 + 6, 2)


def test_only_what_failed_is_tried_again() -> None:
    session = ScriptedSession(
        lambda one: (
            answers(one) if one.label == "sample" else answers(Statement("x union all x union all x", label="profile"))
        )
    )
    result = run(session)

    assert [one.label for one in session.sent] == ["profile", "sample", "sample", "sample", "sample"]
    assert set(result.errors) == {TABLES[1].name}


def test_above_the_ceiling_nothing_is_tried_alone() -> None:
    session = ScriptedSession(answers)
    result = run(session, affordable=False)

    assert len(session.sent) == 2
    assert set(result.errors) == {one.name for one in TABLES}
    assert all("ceiling" in error.what for error in result.errors.values())


def test_a_lone_tables_error_is_its_own() -> None:
    session = ScriptedSession(answers)
    result = measure(session, TABLES[1:2], "basic", lambda _: True)

    assert len(session.sent) == 2
    assert isinstance(result.errors[TABLES[1].name], Refused)


def test_an_outage_is_nobodys_fault() -> None:
    with pytest.raises(Unavailable):
        run(ScriptedSession(lambda _: Unavailable("Busy")))


def test_rows_that_break_off_fail_the_statement() -> None:
    class Broken(list[Row]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield ("0", "3", "2")
            raise Failed("The result is gone")

    session = ScriptedSession(lambda one: Broken() if " union all " in one.sql else answers(one))
    result = run(session)

    assert set(result.errors) == {TABLES[1].name}
