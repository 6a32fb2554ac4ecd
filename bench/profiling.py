"""Profiling many small tables: the product compared with hand-written statements (the floor), on the same engine."""

from __future__ import annotations

import time

import psycopg

from bench.stage import Bench, bench, report

TABLES, COLUMNS, ROWS = 200, 40, 2000
TYPES = ("integer", "numeric(12,2)", "varchar(60)", "timestamp")
VALUES = (
    "(random() * 1000)::int",
    "(random() * 1000)::numeric(12,2)",
    "md5((i % 500)::text)",
    "timestamp '2024-01-01' + (i % 1000) * interval '1 hour'",
)


def main() -> None:
    """Print statements, seconds and their ratio to the floor."""
    with bench() as stage:
        with stage.engine() as engine:
            _make(engine)
        stage.wharfinger("tables", "refresh", "bench")
        stage.wharfinger("tables", "select", "bench", "wide.*")
        floor = _floor(stage)
        first = stage.wharfinger("process", "bench", "--only", "profile")
        again = stage.wharfinger("process", "bench", "--only", "profile")
        report(
            f"Profile: {TABLES} tables of {COLUMNS} columns, {ROWS:,} rows each",
            [
                ("floor, one connection", f"{floor:.1f} s, {2 * TABLES} statements, nothing stored"),
                (
                    "wharfinger",
                    f"{first['seconds']:.1f} s, {first['statements']} statements, {first['api_calls']} calls",
                ),
                ("ratio to the floor", f"{first['seconds'] / floor:.1f}"),
                ("nothing changed", f"{again['seconds']:.1f} s, {again['statements']} statements"),
            ],
        )


def _make(engine: psycopg.Connection) -> None:
    engine.execute("create schema wide")
    columns = [TYPES[number % len(TYPES)] for number in range(COLUMNS)]
    definition = ", ".join(f"c{number} {type_}" for number, type_ in enumerate(columns))
    values = ", ".join(VALUES[number % len(VALUES)] for number in range(COLUMNS))
    for number in range(TABLES):
        engine.execute(f"create table wide.t{number} ({definition})".encode())
        engine.execute(f"insert into wide.t{number} select {values} from generate_series(1, {ROWS}) i".encode())
    engine.execute("analyze")


def _floor(stage: Bench) -> float:
    """One hand-written aggregate and sample query for each table, over one connection."""
    bounded = [f"c{n}" for n in range(COLUMNS) if n % len(TYPES) != 2]
    texts = [f"c{n}" for n in range(COLUMNS) if n % len(TYPES) == 2]
    counts = ", ".join(f"count(c{n})" for n in range(COLUMNS))
    bounds = ", ".join(f"min({name})::text, max({name})::text" for name in bounded)
    with stage.engine() as engine:
        started = time.perf_counter()
        for number in range(TABLES):
            engine.execute(f"select count(*), {counts}, {bounds} from wide.t{number}".encode()).fetchall()
            engine.execute(f"select {', '.join(texts)} from wide.t{number} limit 1000".encode()).fetchall()
        return time.perf_counter() - started
