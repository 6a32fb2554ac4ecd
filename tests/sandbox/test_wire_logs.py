"""Wire statements in the call log, the system views and the engine's counters."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
from tests.conftest import Sandbox
from tests.sandbox.front import engine, failing, logged, own


def test_every_text_is_logged_once_with_its_status(
    sandbox: Sandbox, connection: psycopg.Connection[Any], table: str
) -> None:
    own(sandbox, "DELETE", "calls")
    simple = psycopg.ClientCursor(connection)
    simple.execute(f"create table {table} (a int); insert into {table} values (1)")
    connection.execute(f"select * from {table} where a = %s".encode(), [1])
    failing(connection.execute, f"select nothing from {table}".encode())
    failing(simple.execute, f"select 1; select 1/0; select 2 /* {table} */")
    statements = own(sandbox, "GET", "calls")[1]["statements"]
    assert [(one["sql"], one["status"]) for one in statements] == [
        (f"create table {table} (a int)", "FINISHED"),
        (f"insert into {table} values (1)", "FINISHED"),
        (f"select * from {table} where a = $1", "FINISHED"),
        (f"select nothing from {table}", "FAILED"),
        ("select 1", "FINISHED"),
        ("select 1/0", "FAILED"),
    ]
    session = f"wire-{connection.info.backend_pid}"
    assert {(one["db_user"], one["database"], one["session"]) for one in statements} == {("awsuser", "dev", session)}
    assert all(one["seconds"] >= 0 for one in statements)
    assert len({one["id"] for one in statements}) == 6


def test_a_portal_read_in_pieces_is_one_statement(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    mark = f"select 1 as a_{uuid.uuid4().hex} union all select 2"
    raw = connection.pgconn
    raw.send_query_params(mark.encode(), None)
    raw.set_single_row_mode()
    while raw.get_result() is not None:
        continue
    assert logged(sandbox, mark) == [(mark, "FINISHED")]


def test_the_engines_counters_show_at_once_what_ran(
    sandbox: Sandbox, connection: psycopg.Connection[Any], table: str
) -> None:
    connection.execute(f"create table {table} (a int)".encode())
    connection.execute(f"insert into {table} values (1), (2), (3)".encode())
    connection.execute(f"select * from {table}".encode())
    sql = "select n_live_tup, seq_tup_read from pg_stat_user_tables where schemaname || '.' || relname = %s"
    with engine(sandbox) as below:
        assert below.execute(sql, [table]).fetchone() == (3, 3)


def test_passwords_do_not_show_in_what_is_logged(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    name, password = f"shy_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    weak = f"weak{uuid.uuid4().hex}"
    connection.execute(f"create user {name} password '{password}'".encode())
    connection.execute(f"drop user {name}".encode())
    failing(connection.execute, f"create user {name} password '{weak}'".encode())
    assert logged(sandbox, f"create user {name}") == [
        (f"create user {name} password '***'", "FINISHED"),
        (f"create user {name} password '***'", "FAILED"),
    ]
    everything = str(own(sandbox, "GET", "calls")[1])
    assert (password in everything, weak in everything) == (False, False)
    kept = "select count(*) from sys_query_history where query_text like %s or query_text like %s"
    assert connection.execute(kept, [f"%{password[:20]}%", f"%{weak[:20]}%"]).fetchone() == (0,)


def test_statements_are_in_the_system_views(connection: psycopg.Connection[Any], table: str) -> None:
    cursor = psycopg.ClientCursor(connection)
    with connection.transaction():
        cursor.execute(f"create table {table} (a int)")
        cursor.execute(f"insert into {table} values (1), (2)")
    failing(connection.execute, f"select nothing from {table}".encode())
    shown = connection.execute(
        "select trim(query_type), trim(status), trim(query_text) from sys_query_history "
        "where query_text like %s and query_text not like '%%sys_query_history%%' order by query_id",
        [f"%{table}%"],
    ).fetchall()
    assert shown == [
        ("DDL", "success", f"create table {table} (a int)"),
        ("INSERT", "success", f"insert into {table} values (1), (2)"),
        ("SELECT", "failed", f"select nothing from {table}"),
    ]
    steps = connection.execute(
        "select d.step_name from sys_query_detail d join pg_class c on c.oid = d.table_id where c.relname = %s",
        [table.partition(".")[2]],
    ).fetchall()
    assert [one[0].strip() for one in steps] == ["insert"]
