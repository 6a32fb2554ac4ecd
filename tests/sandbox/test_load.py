"""Ten thousand tables in every listing, and large results over the wire, in bounded memory.

Many statements and sessions at once are held by the tests of the Data API.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from tests.conftest import LAST_RESORT, Sandbox, start_sandbox
from tests.sandbox.data_api import ADMIN
from tests.sandbox.front import database, engine

ROWS = 1_000_000
SCHEMAS, TABLES, COLUMNS = 50, 200, 20
MB = 1024 * 1024


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path_factory.mktemp("busy"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def data(busy: Sandbox) -> Any:
    keys = busy.identity("admin")
    return boto3.client(
        "redshift-data",
        endpoint_url=busy.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        config=Config(read_timeout=LAST_RESORT, retries={"max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def many_tables(busy: Sandbox) -> None:
    columns = ", ".join(f"c{number} integer" for number in range(COLUMNS))
    with engine(busy) as bare:
        for schema in range(SCHEMAS):
            bare.execute(f"create schema s{schema:02}")
            bare.execute("; ".join(f"create table s{schema:02}.t{table:03} ({columns})" for table in range(TABLES)))


@pytest.mark.slow
@pytest.mark.usefixtures("many_tables")
def test_ten_thousand_tables_are_listed_by_every_view(busy: Sandbox) -> None:
    with database(busy) as connection:

        def count(sql: str) -> Any:
            row = connection.execute(sql).fetchone()
            return row and row[0]

        tables, columns = SCHEMAS * TABLES, SCHEMAS * TABLES * COLUMNS
        assert count("select count(*) from svv_tables where table_schema like 's__'") == tables
        assert count("select count(*) from svv_redshift_tables where schema_name like 's__'") == tables
        assert (
            count("select count(*) from svv_all_tables where database_name = 'dev' and schema_name like 's__'")
            == tables
        )
        assert count("select count(*) from information_schema.tables where table_schema like 's__'") == tables
        assert count("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                     " where nspname like 's__' and relkind = 'r'") == tables  # fmt: skip
        assert count("select count(*) from svv_columns where table_schema like 's__'") == columns
        assert (
            count("select count(*) from svv_all_columns where database_name = 'dev' and schema_name like 's__'")
            == columns
        )
        assert len(connection.execute("show tables from schema dev.s07").fetchall()) == TABLES
        assert len(connection.execute("show columns from table dev.s07.t123").fetchall()) == COLUMNS
        assert (
            len(connection.execute("show tables from database dev like 't1%' limit 10000").fetchall()) == SCHEMAS * 100
        )


@pytest.mark.slow
@pytest.mark.usefixtures("many_tables")
def test_ten_thousand_tables_page_to_their_end(data: Any) -> None:
    target = {"Database": "dev", **ADMIN}
    pages = list(data.get_paginator("list_tables").paginate(SchemaPattern="s__", **target))
    names = [(one["schema"], one["name"]) for page in pages for one in page["Tables"]]
    assert (len(pages), len(names), len(set(names))) == (10, SCHEMAS * TABLES, SCHEMAS * TABLES)
    found = 0
    for page in data.get_paginator("describe_table").paginate(Schema="s49", **target):
        found += len(page["ColumnList"])
    assert found == TABLES * COLUMNS


def memory(pid: int) -> int:
    """The resident memory of a process in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


class Watched:
    """The largest increase of the processes' memory while the block runs, sampled often."""

    def __init__(self, *pids: int) -> None:
        self._before = {pid: memory(pid) for pid in pids}
        self.most = dict.fromkeys(pids, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            for pid, before in self._before.items():
                self.most[pid] = max(self.most[pid], memory(pid) - before)


def rows(busy: Sandbox, cursor_name: str) -> Iterator[tuple[Any, ...]]:
    """The rows, read 5,000 at a time or one by one."""
    sql = f"select n::int, 'a text of some length ' || n, n * 1.5 from generate_series(1, {ROWS}) n"
    with database(busy, autocommit=False) as connection:
        if not cursor_name:
            with connection.cursor() as cursor:
                yield from cursor.stream(sql)
            return
        with connection.cursor(cursor_name) as portal:
            portal.itersize = 5000
            yield from portal.execute(sql)


@pytest.mark.slow
@pytest.mark.parametrize("cursor_name", ["portal", ""], ids=["cursor", "stream"])
def test_a_million_rows_pass_the_wire_in_bounded_memory(busy: Sandbox, cursor_name: str) -> None:
    seen = total = 0
    with Watched(busy.ready["pid"], os.getpid()) as watched:
        for number, _, _ in rows(busy, cursor_name):
            seen, total = seen + 1, total + number
    assert (seen, total) == (ROWS, ROWS * (ROWS + 1) // 2)
    assert {pid: most // MB for pid, most in watched.most.items() if most > 50 * MB} == {}
