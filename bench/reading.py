"""Reading a large catalog: 10,000 tables of 20 columns, compared with two hand-written statements."""

from __future__ import annotations

import time

from bench.stage import Bench, bench, report

SCHEMAS, TABLES, COLUMNS = 50, 200, 20


def main() -> None:
    """Print statements, seconds and their ratio to the floor."""
    with bench() as stage:
        _make(stage)
        floor = _floor(stage)
        first = stage.wharfinger("tables", "refresh", "bench")
        stage.wharfinger("tables", "select", "bench", "*.*")
        selected = stage.wharfinger("tables", "refresh", "bench")
        report(
            f"Catalog: {SCHEMAS * TABLES:,} tables of {COLUMNS} columns in {SCHEMAS} schemas",
            [
                ("floor, two statements", f"{floor:.1f} s, nothing stored"),
                ("refresh, nothing selected", f"{first['wall']:.1f} s, {first['statements']} statements"),
                ("refresh, all selected", f"{selected['wall']:.1f} s, {selected['statements']} statements"),
                ("ratio to the floor", f"{selected['wall'] / floor:.1f}"),
            ],
        )


def _make(stage: Bench) -> None:
    columns = ", ".join(f"c{number} integer" for number in range(COLUMNS))
    with stage.engine() as engine:
        for schema in range(SCHEMAS):
            engine.execute(f"create schema s{schema}".encode())
            statements = [f"create table s{schema}.t{table} ({columns})" for table in range(TABLES)]
            engine.execute("; ".join(statements).encode())


def _floor(stage: Bench) -> float:
    with stage.engine() as engine:
        started = time.perf_counter()
        engine.execute(
            "select n.nspname, c.relname, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        ).fetchall()
        engine.execute(
            "select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a"
            " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where a.attnum > 0"
        ).fetchall()
        return time.perf_counter() - started
