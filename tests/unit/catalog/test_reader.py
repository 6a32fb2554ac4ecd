"""One database is read in few statements; what cannot be read becomes a note, and the next change signal is used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.unit.scripted import Answer, ScriptedSession

from wharfinger.catalog import sql
from wharfinger.catalog.reader import Facts, Relation, Wanted, read_database
from wharfinger.core.errors import Failed, NotFound, Refused, Unavailable
from wharfinger.core.session import Statement

ORDERS = ("shop", "orders")
SHOW_COLUMNS = ("database_name", "schema_name", "table_name", "table_type", "last_altered_time", "last_modified_time")

FULL: dict[str, Answer] = {
    "databases": [("dev", "local"), ("marketing", "local"), ("lent", "shared")],
    "materialized views": [("dev".ljust(128), "shop".ljust(128), "totals".ljust(128)), ("marketing", "shop", "orders")],
    "external tables": [
        ("lake", "events", None, None, None, None),
        ("shop", "ext", "a", "varchar(20)", 1, "true"),
        ("shop", "ext", "b", "array<int>", 2, ""),
    ],
    "columns": [
        ("shop", "orders", 3, "total", "numeric(12,2)", False, "In euro"),
        ("shop", "orders", 1, "id", "bigint", True, None),
        ("shop", "not_wanted", 1, "id", "bigint", True, None),
        ("elsewhere", "late", 1, "x", "integer", None, None),
    ],
    "keys": [
        ("shop", "orders", "p", "PRIMARY KEY (id)", None, None),
        ("shop", "not_wanted", "p", "PRIMARY KEY (id)", None, None),
    ],
    "table info": [
        ("shop", "orders", 4711, "120", "100", 8, "KEY(id)", "id"),
        ("shop", "mv_tbl__totals__0", 4712, "7", "7", 1, "EVEN", None),
        ("shop", "not_wanted", 4713, "1", "1", 1, "EVEN", None),
    ],
    "relations": [
        ("4711", "shop", "orders", "r", "awsuser", "All orders", 100.0),
        (4712, "shop", "mv_tbl__totals__0", "r", "awsuser", None, 0.001),
        (4714, "shop", "totals", "v", "awsuser", None, 0),
        (4715, "shop", "not_wanted", "r", None, None, -1),
        (4716, "shop", "plain", "v", "awsuser", None, 0),
        (4717, "elsewhere", "late", "v", "awsuser", None, 0),
        (4718, "shop", "mv_tbl__other__0", "r", "awsuser", None, 0),
    ],
    "writes": [(4711, "2026-11-20 10:00:00", 1), (99, "2026-11-20 11:00:00", 0)],
    "show tables": [
        ("dev", "shop", "orders", "TABLE", "2026-11-01", "2026-11-02"),
        ("dev", "shop", "new", "TABLE", None, None),
    ],
}
NO_RIGHT = Refused("No right", why="permission denied for relation svv_table_info")


def read(
    script: dict[str, Answer], wanted: Wanted, show_columns: tuple[str, ...] = SHOW_COLUMNS
) -> tuple[Facts, list[Relation], ScriptedSession]:
    session = ScriptedSession(lambda statement: script[statement.label], columns=show_columns)
    relations: list[Relation] = []

    def keep(stream: Iterator[Relation]) -> None:
        relations.extend(stream)

    return read_database(session, wanted, keep), relations, session


def test_a_whole_database_takes_seven_statements_in_one_round() -> None:
    facts, relations, session = read(FULL, Wanted(frozenset({ORDERS}), databases=True))

    assert len(session.sent) == 7
    assert session.rounds == 1
    assert facts.databases == FULL["databases"]
    assert {relation.key: relation.kind for relation in relations} == {
        ORDERS: "table",
        ("shop", "totals"): "materialized_view",
        ("shop", "not_wanted"): "table",
        ("shop", "plain"): "view",
        ("elsewhere", "late"): "late_binding_view",
        ("shop", "mv_tbl__other__0"): "table",
        ("shop", "ext"): "external",
        ("lake", "events"): "external",
    }
    assert facts.notes == []


def test_columns_keys_and_sizes_are_kept_of_wanted_tables_alone() -> None:
    facts, relations, _ = read(FULL, Wanted(frozenset({ORDERS, ("shop", "totals"), ("shop", "ext")})))

    assert set(facts.columns) == {ORDERS, ("shop", "ext")}
    assert [(one.name, one.type, one.nullable) for one in facts.columns["shop", "ext"]] == [
        ("a", "varchar(20)", True),
        ("b", "array<int>", True),
    ]
    assert set(facts.constraints) == {ORDERS}
    assert facts.readings.info is not None
    assert {key: info.value() for key, info in facts.readings.info.items()} == {
        ORDERS: "4711/120/100/8",
        ("shop", "totals"): "4712/7/7/1",
    }
    orders = next(one for one in relations if one.key == ORDERS)
    assert (orders.owner, orders.comment, orders.estimated_rows) == ("awsuser", "All orders", 100)
    assert [one.estimated_rows for one in relations if one.key != ORDERS] == [None] * 7


def test_with_nothing_selected_neither_keys_nor_sizes_are_asked_for() -> None:
    _, _, session = read(FULL, Wanted(frozenset(), databases=True))

    assert [one.label for one in session.sent] == [
        "databases", "materialized views", "external tables", "columns", "relations",
    ]  # fmt: skip


def test_without_the_right_to_svv_table_info_the_next_signal_is_taken_and_the_grant_named() -> None:
    facts, _, session = read({**FULL, "table info": NO_RIGHT}, Wanted(frozenset({ORDERS}), databases=True))

    assert facts.readings.info is None
    assert facts.readings.writes == {ORDERS: "2026-11-20 10:00:00"}
    assert len(session.sent) == 8
    assert [note for note in facts.notes if "can grant SELECT on svv_table_info" in note]


@pytest.mark.parametrize("writes", [[(4711, "2026-11-20", 0)], [], NotFound("No such view"), Failed("Broken")])
def test_history_that_shows_nobody_elses_work_proves_nothing(writes: Answer) -> None:
    facts, _, session = read({**FULL, "table info": NO_RIGHT, "writes": writes}, Wanted(frozenset({ORDERS})))

    assert facts.readings.writes is None
    assert facts.readings.modified == {ORDERS: "2026-11-02 2026-11-01"}
    assert session.sent[-1].sql == 'show tables from schema "dev"."shop"'
    assert len(session.sent) == 8


def test_a_server_too_old_for_the_signals_leaves_age_and_says_so() -> None:
    script = {**FULL, "table info": NO_RIGHT, "databases": NotFound("No such view"), "writes": NotFound("No such view")}
    facts, _, session = read(script, Wanted(frozenset({ORDERS}), databases=True), SHOW_COLUMNS[:4])

    assert facts.readings.modified == {}
    assert [note for note in facts.notes if "no last_modified_time" in note]
    assert [one.label for one in session.sent].count("databases") == 2
    assert "writes" not in [one.label for one in session.sent]


def test_a_schema_that_show_tables_refuses_becomes_a_note() -> None:
    script = {**FULL, "table info": NO_RIGHT, "writes": [], "show tables": Failed("No", why="more than 10000 tables")}
    facts, _, _ = read(script, Wanted(frozenset({ORDERS})))

    assert [note for note in facts.notes if "more than 10000 tables" in note]
    assert facts.readings.modified == {}


@pytest.mark.parametrize("part", ["materialized views", "external tables", "keys"])
def test_an_optional_part_that_is_refused_becomes_a_note(part: str) -> None:
    facts, relations, _ = read({**FULL, part: Refused("No", why="permission denied")}, Wanted(frozenset({ORDERS})))

    assert len([note for note in facts.notes if "permission denied" in note]) == 1
    assert ORDERS in {relation.key for relation in relations}


@pytest.mark.parametrize("part", ["columns", "relations"])
def test_what_nothing_goes_without_raises(part: str) -> None:
    with pytest.raises(Refused):
        read({**FULL, part: Refused("No")}, Wanted(frozenset({ORDERS})))


@pytest.mark.parametrize("part", ["materialized views", "table info", "keys"])
def test_an_outage_is_no_lack_of_rights(part: str) -> None:
    with pytest.raises(Unavailable):
        read({**FULL, part: Unavailable("Busy")}, Wanted(frozenset({ORDERS})))


def test_system_schemas_are_hidden_whatever_the_server_lists() -> None:
    listed = [
        (1, schema, "t", "r", "rdsdb", None, 0)
        for schema in ("pg_automv", "information_schema", "pg_temp_3", "catalog_history")
    ]
    _, relations, _ = read({**FULL, "relations": listed, "external tables": []}, Wanted(frozenset()))

    assert relations == []


def test_a_selected_view_without_columns_is_a_late_binding_view_whose_tables_are_gone() -> None:
    _, relations, _ = read(FULL, Wanted(frozenset({("shop", "plain")})))

    assert next(one.kind for one in relations if one.key == ("shop", "plain")) == "late_binding_view"


def test_too_many_schemas_for_a_statement_are_filtered_here() -> None:
    schemas = [f"schema_{number:05}" * 4 for number in range(2000)]

    for statement in (sql.columns(schemas), sql.keys(schemas), sql.relations(schemas), sql.table_info(schemas)):
        assert len(statement.sql.encode()) < 90_000
    assert "'s''x'" in sql.relations(["s'x"]).sql


def test_statement_texts_quote_hostile_names() -> None:
    statement: Statement = sql.show_tables('d"b', "s.c'h")

    assert statement.sql == 'show tables from schema "d""b"."s.c\'h"'
