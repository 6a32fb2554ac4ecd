"""The wire port through psycopg: both query protocols, errors, cancellation, large results."""

from __future__ import annotations

import socket
import struct
import threading
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conftest import LAST_RESORT, Sandbox, wait_until
from tests.sandbox.front import database, engine, failing, logged, running, shut_gate


def test_several_statements_of_one_text_answer_one_by_one(connection: psycopg.Connection[Any]) -> None:
    cursor = psycopg.ClientCursor(connection)
    cursor.execute("select 1; /* no; statement */ ; select 'a;b' -- end\n; select 3;")
    results = [cursor.fetchall()]
    while cursor.nextset():
        results.append(cursor.fetchall())
    assert results == [[(1,)], [("a;b",)], [(3,)]]


@pytest.mark.parametrize("nothing", ["", "  ", ";", "-- only words", "/* and; more */;;"])
def test_an_empty_text_is_answered(connection: psycopg.Connection[Any], nothing: str) -> None:
    for cursor in (connection.cursor(), psycopg.ClientCursor(connection)):
        cursor.execute(nothing.encode())
        assert cursor.pgresult is not None
        assert cursor.pgresult.status == psycopg.pq.ExecStatus.EMPTY_QUERY


def test_several_statements_of_one_text_are_one_transaction(connection: psycopg.Connection[Any], table: str) -> None:
    cursor = psycopg.ClientCursor(connection)
    assert failing(cursor.execute, f"create table {table} (a int); select 1/0")[0] == "22012"
    assert connection.execute("select to_regclass(%s)::text", [table]).fetchone() == (None,)


def test_values_are_bound_and_statements_prepared(connection: psycopg.Connection[Any]) -> None:
    for number in range(8):
        row = connection.execute("select %s::int + 1, %s::text", [number, "o'x"], prepare=True).fetchone()
        assert row == (number + 1, "o'x")
    row = connection.execute("select %b::int8", [2**40]).fetchone()
    assert row == (2**40,)


def test_a_pipeline_answers_in_its_order(connection: psycopg.Connection[Any], table: str) -> None:
    with connection.pipeline():
        connection.execute(f"create table {table} (a int)".encode())
        cursors = [connection.execute("select %s::int", [number]) for number in range(200)]
    assert [cursor.fetchone() for cursor in cursors] == [(number,) for number in range(200)]


def test_an_error_in_a_pipeline_skips_to_its_end(connection: psycopg.Connection[Any]) -> None:
    def three() -> None:
        with connection.pipeline():
            for number in (1, 0, 2):
                connection.execute(f"select 1/{number}".encode())

    assert failing(three)[0] == "22012"
    assert connection.execute("select 3").fetchone() == (3,)


def test_a_server_side_cursor_reads_in_pieces(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction(), connection.cursor(name="some_rows") as cursor:
        cursor.itersize = 7
        cursor.execute("select a.n * 10 + b.n from (values (0),(1),(2)) a(n), (values (0),(1),(2),(3),(4),(5)) b(n)")
        assert len(cursor.fetchall()) == 18


def test_errors_have_redshifts_words_and_the_clients_position(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable) as error:
        connection.execute("select * from not_there")
    assert (error.value.diag.message_primary, error.value.diag.statement_position) == (
        'relation "not_there" does not exist',
        "15",
    )
    assert error.value.diag.source_file is None


def test_an_error_aborts_a_transaction_until_its_end(connection: psycopg.Connection[Any]) -> None:
    connection.execute("begin")
    failing(connection.execute, "select 1/0")
    assert failing(connection.execute, "select 1") == (
        "25P02",
        "current transaction is aborted, commands ignored until end of transaction block",
    )
    connection.execute("rollback")
    assert connection.execute("select 1").fetchone() == (1,)


REFUSED = "select count(*) filter (where true) from {table}"


@pytest.mark.parametrize("simple", [False, True])
def test_what_redshift_refuses_is_refused_and_aborts_a_transaction(
    connection: psycopg.Connection[Any], table: str, simple: bool
) -> None:
    connection.execute(f"create table {table} (a int)".encode())
    cursor: Any = psycopg.ClientCursor(connection) if simple else connection.cursor()
    state, said = failing(cursor.execute, REFUSED.format(table=table).encode())
    assert (state, said) != (None, None)
    assert "refused" not in str(said).split()
    cursor.execute("begin")
    assert failing(cursor.execute, REFUSED.format(table=table).encode()) == (state, said)
    assert failing(cursor.execute, "select 1")[0] == "25P02"
    cursor.execute("rollback")


@pytest.mark.parametrize("simple", [False, True])
def test_command_tags_are_redshifts(connection: psycopg.Connection[Any], table: str, simple: bool) -> None:
    name = f"tag_{uuid.uuid4().hex[:8]}"
    cursor: Any = psycopg.ClientCursor(connection) if simple else connection.cursor()
    for sql, tag in (
        (f"create table {table} (a int) diststyle even", "CREATE TABLE"),
        (f"insert into {table} values (1), (2)", "INSERT 0 2"),
        (f"create user {name} password disable", "CREATE USER"),
        (f"grant select on {table} to {name}", "GRANT"),
        (f"revoke select on {table} from {name}", "REVOKE"),
        (f"drop user {name}", "DROP USER"),
    ):
        cursor.execute(sql)
        assert cursor.statusmessage == tag


def test_a_running_statement_is_cancelled(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    said: list[Any] = []
    with shut_gate(sandbox.ready["engine"]["dsn"]) as endless:
        thread = threading.Thread(target=lambda: said.append(failing(connection.execute, endless)))
        thread.start()
        wait_until(lambda: logged(sandbox, endless) == [(endless, "STARTED")] and running(sandbox, connection))
        connection.cancel_safe(timeout=LAST_RESORT)
        thread.join(LAST_RESORT)
    assert said[0][0] == "57014"
    assert logged(sandbox, endless) == [(endless, "ABORTED")]


def test_the_statement_of_a_disconnected_client_is_cancelled(sandbox: Sandbox) -> None:
    connection = database(sandbox)
    pid = connection.info.backend_pid
    there = "select count(*) from pg_stat_activity where pid = %s"
    with shut_gate(sandbox.ready["engine"]["dsn"]) as endless, engine(sandbox) as below:
        connection.pgconn.send_query(endless.encode())
        wait_until(lambda: running(sandbox, connection))
        connection.pgconn.finish()
        wait_until(lambda: below.execute(there, [pid]).fetchone() == (0,))
        wait_until(lambda: logged(sandbox, endless) == [(endless, "ABORTED")])
    connection.close()


def test_a_foreign_key_cancels_nothing(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!IIII", 16, 80877102, connection.info.backend_pid, 0))
        assert raw.recv(1) == b""
    assert connection.execute("select 1").fetchone() == (1,)


def test_a_backend_that_is_ended_ends_its_client(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    with engine(sandbox) as below:
        below.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])
    assert failing(connection.execute, "select 1")[0] in ("57P01", None)


def test_a_large_result_is_not_buffered(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    """While the client does not read, the sandbox must not buffer the engine's rows."""
    rows, width = 40_000, 5_000
    before = resident(sandbox)
    connection.pgconn.send_query(
        f"select repeat('x', {width}) from (values (0),(1)) a(n), "
        f"(select row_number() over () from pg_class a, pg_class b limit {rows // 2}) b".encode()
    )
    wait_until(lambda: stalled(sandbox, connection))
    assert resident(sandbox) - before < 50_000_000
    seen = 0
    connection.pgconn.set_single_row_mode()
    while (result := connection.pgconn.get_result()) is not None:
        seen += result.ntuples
    assert seen == rows


def stalled(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> bool:
    with engine(sandbox) as below:
        row = below.execute(
            "select wait_event from pg_stat_activity where pid = %s", [connection.info.backend_pid]
        ).fetchone()
    return row == ("ClientWrite",)


def resident(sandbox: Sandbox) -> int:
    """The memory of the sandbox's Python process in bytes."""
    return int(Path(f"/proc/{sandbox.process.pid}/statm").read_text().split()[1]) * 4096
