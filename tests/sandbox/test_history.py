"""Statements of the Data API in the system views."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from tests.conftest import Sandbox, start_sandbox
from tests.sandbox.data_api import DataApiClient
from tests.sandbox.front import logged


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


def test_a_statement_is_in_the_history_when_the_next_one_looks(ask: DataApiClient) -> None:
    label = uuid.uuid4().hex
    good = ask.done(f"select '{label}' union all select 'two'")
    bad = ask.run(f"select 1 / 0 as x_{label}")
    rows = ask.rows(
        "select query_id, trim(query_type), trim(status), trim(error_message), returned_rows, trim(query_text), "
        "session_id "
        f"from sys_query_history where query_text like '%{label}%' and query_text not like '%sys_query_history%' "
        "order by query_id"
    )
    assert rows == [
        [good["RedshiftQueryId"], "SELECT", "success", None, 2, good["QueryString"], good["RedshiftPid"]],
        [bad["RedshiftQueryId"], "SELECT", "failed", bad["Error"], None, bad["QueryString"], bad["RedshiftPid"]],
    ]


def test_a_write_is_in_sys_query_detail_with_its_rows(ask: DataApiClient) -> None:
    schema = f"s_{uuid.uuid4().hex[:12]}"
    ask.done(f"create schema {schema}")
    ask.done(f'create table {schema}."odd ""name" (id int)')
    ask.done(f'insert into {schema}."odd ""name" values (1), (2), (3)')
    ask.done(f'delete from {schema}."odd ""name" where id > 1')
    ask.batch(
        f"set search_path to {schema}",
        'insert into "odd ""name" values (9)',
        ExecutionMode="AUTO_COMMIT",
    )
    rows = ask.rows(
        "select trim(d.step_name), d.output_rows from sys_query_detail d join pg_class c on c.oid = d.table_id "
        f"join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}' order by d.query_id"
    )
    assert rows == [["insert", 3], ["delete", 2], ["insert", 1]]
    ask.done(f"drop schema {schema} cascade")


@pytest.mark.parametrize(("password", "status"), [("Very-Secret-77", "FINISHED"), ("veryweak-secret", "FAILED")])
def test_a_password_is_in_no_log_whether_accepted_or_refused(
    sandbox: Sandbox, ask: DataApiClient, password: str, status: str
) -> None:
    name = f"u_{uuid.uuid4().hex[:12]}"
    assert ask.run(f"create user {name} password '{password}'")["Status"] == status
    masked = f"create user {name} password '***'"
    assert logged(sandbox, name) == [(masked, status)]
    looking = f"select trim(query_text) from sys_query_history where query_text like 'create user {name}%'"
    assert ask.rows(looking) == [[masked]]
    if status == "FINISHED":
        ask.done(f"drop user {name}")


def test_a_comment_in_front_does_not_hide_what_a_statement_is(ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (a int)")
    ask.done(f'/* {{"app": "dbt"}} */ insert into {table} values (1)')
    looking = f"select trim(query_type) from sys_query_history where query_text like '/*%insert into {table} %'"
    assert ask.rows(looking) == [["INSERT"]]


def test_the_history_goes_on_after_a_restart(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path)
    before = DataApiClient(first).done("select 'from the first life'")
    first.stop()
    second = start_sandbox(tmp_path)
    try:
        ask = DataApiClient(second)
        after = ask.done("select 'from the second life'")
        ids = ask.rows("select query_id from sys_query_history where query_text like 'select ''from the%' order by 1")
    finally:
        second.stop()
    assert ids == [[before["RedshiftQueryId"]], [after["RedshiftQueryId"]]]
