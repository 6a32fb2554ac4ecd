"""What a busy team does to the sandbox: many statements, sessions and tables at once, and results that are large."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from tests.conftest import Sandbox, start_sandbox, wait_until
from tests.sandbox.asking import ADMIN, shut_gate
from tests.sandbox.front import database, engine

STATEMENTS, SESSIONS, ROWS = 300, 50, 1_000_000
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
        config=Config(max_pool_connections=STATEMENTS, read_timeout=120, retries={"max_attempts": 1}),
    )


def test_three_hundred_statements_run_at_the_same_time(busy: Sandbox, data: Any) -> None:
    with shut_gate(busy.ready["engine"]["dsn"]) as gate:
        with ThreadPoolExecutor(32) as pool:
            started = list(pool.map(lambda _: data.execute_statement(Sql=gate, **ADMIN)["Id"], range(STATEMENTS)))
        assert len(set(started)) == STATEMENTS
        with engine(busy) as bare:

            def waiting() -> int:
                row = bare.execute("select count(*) from pg_stat_activity where query = %s", [gate]).fetchone()
                return int(row[0]) if row else 0

            wait_until(lambda: waiting() == STATEMENTS, timeout=60, otherwise=lambda: f"{waiting()} wait")
        assert data.describe_statement(Id=started[0])["Status"] == "STARTED"
    with ThreadPoolExecutor(32) as pool:
        ended = list(pool.map(lambda id: data.describe_statement(Id=id, WaitTimeSeconds=30), started))
    assert {(one["Status"], one["ResultRows"]) for one in ended} == {("FINISHED", 1)}
    assert len({one["RedshiftPid"] for one in ended}) == STATEMENTS


def test_fifty_sessions_keep_their_own_temporary_tables(data: Any) -> None:
    def work(number: int) -> list[int]:
        made = data.execute_statement(
            Sql=f"create temp table mine as select {number} as n",
            SessionKeepAliveSeconds=300,
            WaitTimeSeconds=30,
            **ADMIN,
        )
        found = []
        for _ in range(5):
            asked = data.execute_statement(
                Sql="select n, pg_backend_pid() from mine", SessionId=made["SessionId"], WaitTimeSeconds=30
            )
            (row,) = data.get_statement_result(Id=asked["Id"])["Records"]
            found += [field["longValue"] for field in row]
        assert len(set(found[1::2])) == 1
        return [*found[0::2], found[1]]

    with ThreadPoolExecutor(SESSIONS) as pool:
        answers = list(pool.map(work, range(SESSIONS)))
    assert [one[:5] for one in answers] == [[number] * 5 for number in range(SESSIONS)]
    assert len({one[5] for one in answers}) == SESSIONS
    pages = data.get_paginator("list_sessions").paginate(Status="AVAILABLE", PaginationConfig={"PageSize": 20})
    assert len([one for page in pages for one in page["Sessions"]]) == SESSIONS


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
    """Resident bytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


class Watched:
    """The most memory that processes take beyond what they had, seen often while the block runs."""

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


def rows_through_the_data_api(data: Any) -> tuple[int, int]:
    asked = data.execute_statement(Sql=sql(), WaitTimeSeconds=30, **ADMIN)
    while asked["Status"] not in ("FINISHED", "FAILED"):
        asked = data.describe_statement(Id=asked["Id"], WaitTimeSeconds=30)
    assert asked["Status"] == "FINISHED"
    rows, total, token = 0, 0, {}
    while True:
        page = data.get_statement_result(Id=asked["Id"], **token)
        rows += len(page["Records"])
        total += sum(record[0]["longValue"] for record in page["Records"])
        if "NextToken" not in page:
            assert page["TotalNumRows"] == ROWS
            return rows, total
        token = {"NextToken": page["NextToken"]}


def rows_through_the_wire(busy: Sandbox) -> tuple[int, int]:
    rows, total = 0, 0
    with database(busy, autocommit=False) as connection, connection.cursor("portal") as cursor:
        cursor.itersize = 5000
        for number, _, _ in cursor.execute(sql()):
            rows, total = rows + 1, total + number
    return rows, total


def sql() -> str:
    return f"select n::int as n, 'a text of some length ' || n as t, n * 1.5 as d from generate_series(1, {ROWS}) n"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["data api", "wire"])
def test_a_million_rows_arrive_in_bounded_memory(busy: Sandbox, data: Any, way: str) -> None:
    read: Callable[[], tuple[int, int]] = {
        "data api": lambda: rows_through_the_data_api(data),
        "wire": lambda: rows_through_the_wire(busy),
    }[way]
    with Watched(busy.ready["pid"], os.getpid()) as watched:
        assert read() == (ROWS, ROWS * (ROWS + 1) // 2)
    assert {pid: most for pid, most in watched.most.items() if most > 100 * MB} == {}
