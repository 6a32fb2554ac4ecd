"""Sessions of the Data API: opening, use, expiry, lists and permissions."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.conftest import LAST_RESORT, Sandbox, wait_until
from tests.sandbox.data_api import ADMIN, CLUSTER, DataApiClient, OwnApi, OwnEngine
from tests.sandbox.front import aws, shut_gate

from wharfinger_sandbox.aws.errors import ApiError


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def opened(ask: DataApiClient, seconds: int = LAST_RESORT) -> str:
    return str(ask.done("select 1", SessionKeepAliveSeconds=seconds)["SessionId"])


def listed(ask: DataApiClient, session: str) -> dict[str, Any]:
    (found,) = ask.data.list_sessions(SessionId=session)["Sessions"]
    return dict(found)


def test_a_session_keeps_its_connection_and_what_was_set_in_it(ask: DataApiClient) -> None:
    session = opened(ask)
    pids = [ask.value("select pg_backend_pid()", SessionId=session) for _ in range(3)]
    assert len(set(pids)) == 1
    ask.done("create temporary table kept_here as select 5 as a", SessionId=session)
    ask.done("set application_name to 'in a session'", SessionId=session)
    assert ask.rows("select a, current_setting('application_name') from kept_here", SessionId=session) == [
        [5, "in a session"]
    ]
    assert ask.run("select a from kept_here")["Status"] == "FAILED"


def test_a_failed_statement_aborts_the_transaction_until_rollback(ask: DataApiClient) -> None:
    session = opened(ask)
    ask.done("begin", SessionId=session)
    assert ask.run("select 1/0", SessionId=session)["Status"] == "FAILED"
    spoiled = ask.run("select 1", SessionId=session)
    assert spoiled["Error"].startswith(
        "ERROR: current transaction is aborted, commands ignored until end of transaction block"
    )
    ask.done("rollback", SessionId=session)
    assert ask.value("select 1", SessionId=session) == 1


def test_a_batch_runs_in_a_session(ask: DataApiClient) -> None:
    session = opened(ask)
    batch = ask.batch("set application_name to 'batch'", "select 1", SessionId=session)
    assert (batch["Status"], batch["SessionId"]) == ("FINISHED", session)
    assert ask.value("select current_setting('application_name')", SessionId=session) == "batch"


def test_a_busy_session_refuses_a_second_statement(ask: DataApiClient) -> None:
    session = opened(ask)
    with shut_gate(ask.dsn) as endless:
        running = ask.data.execute_statement(Sql=endless, SessionId=session)
        busy = listed(ask, session)
        assert (busy["Status"], busy["CurrentStatementId"]) == ("BUSY", running["Id"])
        with pytest.raises(ClientError) as error:
            ask.data.execute_statement(Sql="select 1", SessionId=session)
        assert refusal(error) == ("ValidationException", "Session is not available")
        ask.data.cancel_statement(Id=running["Id"])
    assert "CurrentStatementId" not in listed(ask, session)
    assert ask.value("select 1", SessionId=session) == 1


def test_a_session_ends_after_its_time_and_says_so(ask: DataApiClient) -> None:
    first = ask.done("select pg_backend_pid()", SessionKeepAliveSeconds=1)
    session, pid = first["SessionId"], first["RedshiftPid"]
    wait_until(lambda: listed(ask, session)["Status"] == "CLOSED")
    with pytest.raises(ClientError) as error:
        ask.data.execute_statement(Sql="select 1", SessionId=session)
    assert refusal(error) == ("ValidationException", "Session is not available")
    wait_until(lambda: ask.value(f"select count(*) from pg_stat_activity where pid = {pid}") == 0)


def test_an_unknown_session_has_its_own_error_text(ask: DataApiClient) -> None:
    unknown = str(uuid.uuid4())
    with pytest.raises(ClientError) as error:
        ask.data.execute_statement(Sql="select 1", SessionId=unknown)
    assert refusal(error) == ("ValidationException", f"Session with Id: {unknown} is invalid")
    with pytest.raises(ClientError) as error:
        ask.data.list_sessions(SessionId=unknown)
    assert refusal(error)[0] == "ResourceNotFoundException"
    assert error.value.response["ResourceId"] == unknown


def test_the_keep_alive_counts_from_the_end_of_a_statement(ask: DataApiClient) -> None:
    with shut_gate(ask.dsn) as endless:
        longer = ask.data.execute_statement(Sql=endless, SessionKeepAliveSeconds=1, WaitTimeSeconds=2, **CLUSTER)
        wait_until(lambda: ask.data.describe_statement(Id=longer["Id"], WaitTimeSeconds=1)["Status"] == "STARTED")
        assert listed(ask, longer["SessionId"])["Status"] == "BUSY"
    assert ask.ended(longer["Id"])["Status"] == "FINISHED"
    assert ask.rows_of(longer["Id"]) == [[1]]
    wait_until(lambda: listed(ask, longer["SessionId"])["Status"] == "CLOSED")


def test_the_keep_alive_can_be_changed(ask: DataApiClient) -> None:
    session = opened(ask)
    ask.done("select 1", SessionId=session, SessionKeepAliveSeconds=500)
    data = listed(ask, session)
    assert (data["Status"], data["SessionAliveSeconds"]) == ("AVAILABLE", 500)
    assert 490 < (data["SessionTtl"] - data["UpdatedAt"]).total_seconds() <= 500
    assert (data["Database"], data["DbUser"], data["ClusterIdentifier"]) == ("dev", "IAM:admin", "demo-cluster")
    ask.done("select 1", SessionId=session, SessionKeepAliveSeconds=0)
    wait_until(lambda: listed(ask, session)["Status"] == "CLOSED")


def test_a_session_whose_login_fails_is_closed(ask: DataApiClient) -> None:
    started = ask.data.execute_statement(
        Sql="select 1", ClusterIdentifier="demo-cluster", Database="nowhere", SessionKeepAliveSeconds=600,
        WaitTimeSeconds=30,
    )  # fmt: skip
    assert started["Status"] == "FAILED"
    assert listed(ask, started["SessionId"])["Status"] == "CLOSED"


def test_a_session_whose_backend_dies_is_closed(ask: DataApiClient) -> None:
    session = opened(ask)
    died = ask.run("select pg_terminate_backend(pg_backend_pid())", SessionId=session)
    assert died["Status"] == "FAILED"
    assert listed(ask, session)["Status"] == "CLOSED"


def test_sessions_are_listed_by_status_target_and_database(sandbox: Sandbox) -> None:
    ask = DataApiClient(sandbox, "admin", {"WorkgroupName": "demo-workgroup", "Database": "marketing"})
    mine = [opened(ask) for _ in range(3)]

    def ids(**filters: Any) -> list[str]:
        pages = ask.data.get_paginator("list_sessions").paginate(PaginationConfig={"PageSize": 2}, **filters)
        return [one["SessionId"] for page in pages for one in page["Sessions"]]

    assert set(mine) <= set(ids())
    assert set(mine) <= set(ids(WorkgroupName="demo-workgroup", Database="marketing", Status="AVAILABLE"))
    assert not set(mine) & set(ids(ClusterIdentifier="demo-cluster"))
    assert not set(mine) & set(ids(Database="dev"))
    assert not set(mine) & set(ids(Status="CLOSED"))
    newest = ask.data.list_sessions(MaxResults=3, WorkgroupName="demo-workgroup")["Sessions"]
    assert [one["SessionId"] for one in newest] == list(reversed(mine))
    with pytest.raises(ClientError, match="SessionId"):
        ask.data.list_sessions(SessionId=mine[0], Status="AVAILABLE")


def test_another_identity_neither_sees_nor_uses_a_session(sandbox: Sandbox, ask: DataApiClient) -> None:
    session = opened(ask)
    other = aws(sandbox, "redshift-data", "analyst")
    with pytest.raises(ClientError) as error:
        other.execute_statement(Sql="select 1", SessionId=session)
    assert refusal(error) == ("ValidationException", f"Session with Id: {session} is invalid")


def test_role_level_separates_the_sessions_of_one_role(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        made = [
            (await own.execute("select 1", session=by, SessionKeepAliveSeconds=600, WaitTimeSeconds=30))["SessionId"]
            for by in ("ann", "bob")
        ]

        async def seen(**body: Any) -> set[str]:
            return {one["SessionId"] for one in (await own.ask("ListSessions", session="ann", **body))["Sessions"]}

        assert await seen() == set(made)
        assert await seen(RoleLevel=False) == {made[0]}
        assert (await own.ask("ListSessions", by="another"))["Sessions"] == []

    own_engine.with_api(use)


def test_a_session_has_a_hard_end_that_stops_what_runs(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        with shut_gate(own.engine.dsn) as endless:
            started = await own.execute(endless, SessionKeepAliveSeconds=600)
            ended = await own.ask("DescribeStatement", Id=started["Id"], WaitTimeSeconds=30)
        assert ended["Status"] == "ABORTED"
        (session,) = (await own.ask("ListSessions", SessionId=started["SessionId"]))["Sessions"]
        assert session["Status"] == "CLOSED"

    own_engine.with_api(use, session_seconds=1)


def test_too_many_sessions_are_refused(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        first = await own.execute("select 1", SessionKeepAliveSeconds=600, WaitTimeSeconds=30)
        with pytest.raises(ApiError) as error:
            await own.execute("select 1", SessionKeepAliveSeconds=600)
        assert error.value.code == "ActiveSessionsExceededException"
        await own.execute("select 1", SessionId=first["SessionId"], SessionKeepAliveSeconds=0, WaitTimeSeconds=30)
        assert (await own.execute("select 1", SessionKeepAliveSeconds=600, WaitTimeSeconds=30))["Status"] == "FINISHED"

    own_engine.with_api(use, sessions=1)


def test_fifty_sessions_work_side_by_side(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        async def work(number: int) -> list[Any]:
            first = await own.execute(
                f"set application_name to 'session {number}'", SessionKeepAliveSeconds=600, WaitTimeSeconds=30
            )
            second = await own.execute(
                "select current_setting('application_name')", SessionId=first["SessionId"], WaitTimeSeconds=30
            )
            return list((await own.ask("GetStatementResult", Id=second["Id"]))["Records"][0])

        results = await asyncio.gather(*(work(number) for number in range(50)))
        assert results == [[{"stringValue": f"session {number}"}] for number in range(50)]

    own_engine.with_api(use)


def test_the_members_of_the_login_are_not_given_with_a_session(ask: DataApiClient) -> None:
    session = opened(ask)
    for clash in (CLUSTER, {"Database": "dev"}, {"DbUser": "awsuser"}, {"SecretArn": "x"}, ADMIN):
        with pytest.raises(ClientError) as error:
            ask.data.execute_statement(Sql="select 1", SessionId=session, **clash)
        assert refusal(error)[0] == "ValidationException"
