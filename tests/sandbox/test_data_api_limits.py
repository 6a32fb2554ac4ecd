"""Limits of the Data API: sizes of texts, rows and results, concurrent statements, retention times."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from botocore.exceptions import ClientError
from tests.conftest import Sandbox, wait_until
from tests.sandbox.data_api import CLUSTER, DataApiClient, OwnApi, OwnEngine
from tests.sandbox.front import aws, shut_gate

from wharfinger_sandbox.aws.errors import ApiError


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_statement_text_has_a_limit_of_100_kilobytes(ask: DataApiClient) -> None:
    head = "select length('"
    fits = head + "x" * (100_000 - len(head) - 2) + "')"
    assert ask.value(fits) == 100_000 - len(head) - 2
    with pytest.raises(ClientError) as error:
        ask.run(fits + " ")
    assert refusal(error) == ("ValidationException", "Cannot process query string larger than 100kB.")
    with pytest.raises(ClientError, match="larger than 100kB"):
        ask.batch("select 1", "select '" + "é" * 50_000 + "'")


def test_a_row_has_a_limit_of_64_kilobytes(ask: DataApiClient) -> None:
    assert len(ask.value("select repeat('x', 60000)")) == 60_000
    assert len(ask.value("select repeat('x', 65535)")) == 65_535
    wide = ask.run("select repeat('x', 40000), repeat('y', 40000)")
    assert (wide["Status"], wide["Error"]) == ("FAILED", "Packet for query is too large")
    assert wide["HasResultSet"] is False
    assert ask.run("select 1")["Status"] == "FINISHED"


def all_at_once(sandbox: Sandbox, count: int) -> None:
    """Start `count` blocked statements, check that all of them run, then let them finish."""
    ask, data = DataApiClient(sandbox), aws(sandbox, "redshift-data")
    with ThreadPoolExecutor(20) as threads:
        with shut_gate(ask.dsn) as endless:
            started = list(
                threads.map(
                    lambda number: data.execute_statement(Sql=f"{endless} where {number} = {number}", **CLUSTER)["Id"],
                    range(count),
                )
            )
            name = endless.split()[-1].split(".")[1]
            with psycopg.connect(ask.dsn, autocommit=True) as connection:
                waiting = (
                    f"select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%{name}%'"
                )
                wait_until(lambda: connection.execute(waiting).fetchone() == (count,))
        ended = list(threads.map(ask.ended, started))
        rows = list(threads.map(ask.rows_of, started))
    assert {one["Status"] for one in ended} == {"FINISHED"}
    assert len({one["RedshiftPid"] for one in ended}) == count
    assert rows == [[[1]]] * count


def test_a_hundred_statements_run_at_once(sandbox: Sandbox) -> None:
    all_at_once(sandbox, 100)


@pytest.mark.slow
def test_three_hundred_statements_run_at_once(sandbox: Sandbox) -> None:
    all_at_once(sandbox, 300)


def test_too_many_active_statements_are_refused(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        with shut_gate(own.engine.dsn) as endless:
            first = await own.started(endless)
            second = await own.execute(endless)
            assert second["Status"] == "SUBMITTED"
            with pytest.raises(ApiError) as error:
                await own.execute("select 1")
            assert error.value.code == "ActiveStatementsExceededException"
            for id in (first, second["Id"]):
                await own.ask("CancelStatement", Id=id)
                assert (await own.ask("DescribeStatement", Id=id))["Status"] == "ABORTED"
        assert (await own.execute("select 1", WaitTimeSeconds=30))["Status"] == "FINISHED"

    own_engine.with_api(use, active_statements=2, running_statements=1)


def test_a_client_token_expires(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        ids = [(await own.execute("select 1", ClientToken="x" * 32, WaitTimeSeconds=30))["Id"] for _ in range(2)]
        assert ids[0] != ids[1]

    own_engine.with_api(use, token_seconds=0)


def test_a_running_statement_is_not_removed_however_long_it_runs(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        with shut_gate(own.engine.dsn) as endless:
            running = await own.started(endless)
            await own.execute("select 1", WaitTimeSeconds=30)
            assert (await own.ask("DescribeStatement", Id=running))["Status"] == "STARTED"
        assert (await own.ask("DescribeStatement", Id=running, WaitTimeSeconds=30))["Status"] == "FINISHED"

    own_engine.with_api(use, retention_seconds=0)


def test_a_result_over_the_limit_fails(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        big = await own.execute("select repeat('x', 1000) from generate_series(1, 200)", WaitTimeSeconds=30)
        described = await own.ask("DescribeStatement", Id=big["Id"])
        assert (described["Status"], described["Error"]) == ("FAILED", "Database response exceeded size limit")
        assert list(own.spool.iterdir()) == []
        assert (await own.execute("select 1", WaitTimeSeconds=30))["Status"] == "FINISHED"

    own_engine.with_api(use, result_bytes=100_000, page_bytes=10_000)


def test_statements_and_results_are_deleted_after_the_retention_time(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        old = await own.execute("select repeat('x', 1000) from generate_series(1, 200)", WaitTimeSeconds=30)
        assert len(list(own.spool.iterdir())) == 1
        await own.execute("select 1", WaitTimeSeconds=30)
        with pytest.raises(ApiError) as error:
            await own.ask("DescribeStatement", Id=old["Id"])
        assert (error.value.code, error.value.message) == ("ResourceNotFoundException", "Query does not exist.")
        assert list(own.spool.iterdir()) == []

    own_engine.with_api(use, retention_seconds=-1)


def test_a_users_connection_limit_counts_statements_and_sessions(ask: DataApiClient) -> None:
    name = f"limited_{uuid.uuid4().hex[:8]}"
    refused = f'FATAL: connection limit "1" exceeded for user "{name}"'
    ask.done(f"create user {name} password disable connection limit 1")
    session = ask.data.execute_statement(
        Sql="select 1", DbUser=name, SessionKeepAliveSeconds=600, WaitTimeSeconds=30, **CLUSTER
    )["SessionId"]
    assert ask.run("select 1", DbUser=name)["Error"] == refused
    assert ask.value("select 2", SessionId=session) == 2
    with pytest.raises(ClientError) as error:
        ask.data.list_schemas(DbUser=name, **CLUSTER)
    assert refusal(error) == ("DatabaseConnectionException", refused)
    ask.done(f"alter user {name} connection limit 2")
    assert ask.value("select 1", DbUser=name) == 1
    ask.run("select pg_terminate_backend(pg_backend_pid())", SessionId=session)
    wait_until(lambda: ask.data.list_sessions(SessionId=session)["Sessions"][0]["Status"] == "CLOSED")
    ask.done(f"drop user {name}")
