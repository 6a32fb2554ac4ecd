"""Statements of the Data API: status, errors, batches, parameters, cancellation and limits."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from botocore.exceptions import ClientError
from tests.conftest import LAST_RESORT, Sandbox, wait_until
from tests.sandbox.data_api import ADMIN, CLUSTER, DataApiClient, OwnApi, OwnEngine
from tests.sandbox.front import aws, shut_gate

from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.logins import LoginRefused


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_waited_for_statement_needs_no_describe(ask: DataApiClient) -> None:
    answer = ask.data.execute_statement(Sql="select 1", WaitTimeSeconds=30, StatementName="one", **ADMIN)
    assert (answer["Status"], answer["HasResultSet"]) == ("FINISHED", True)
    assert (answer["ClusterIdentifier"], answer["Database"], answer["DbUser"]) == ("demo-cluster", "dev", "awsuser")
    assert answer["RedshiftPid"] > 0
    assert "SessionId" not in answer


def test_a_wait_ends_with_the_current_status(ask: DataApiClient) -> None:
    with shut_gate(ask.dsn) as endless:
        answer = ask.data.execute_statement(Sql=endless, WaitTimeSeconds=1, **CLUSTER)
        assert answer["Status"] in ("SUBMITTED", "PICKED", "STARTED")
        assert "HasResultSet" not in answer
        wait_until(lambda: ask.data.describe_statement(Id=answer["Id"], WaitTimeSeconds=1)["Status"] == "STARTED")
    assert ask.ended(answer["Id"])["Status"] == "FINISHED"


def test_a_finished_statement_is_described(ask: DataApiClient) -> None:
    described = ask.done("select 'ab' union all select 'cde'", StatementName="described")
    assert (described["ResultRows"], described["ResultSize"], described["HasResultSet"]) == (2, 5, True)
    assert described["Duration"] > 0
    assert described["QueryString"] == "select 'ab' union all select 'cde'"
    assert described["ResultFormat"] == "JSON"
    assert described["RedshiftQueryId"] > 0
    assert described["CreatedAt"] <= described["UpdatedAt"]
    assert "Error" not in described
    assert "SubStatements" not in described


def test_the_backend_is_the_one_the_answer_names(ask: DataApiClient) -> None:
    described = ask.done("select pg_backend_pid()")
    assert ask.rows_of(described["Id"]) == [[described["RedshiftPid"]]]


def test_rows_affected_are_counted_and_ddl_counts_none(ask: DataApiClient, table: str) -> None:
    counts = {
        "create": ask.done(f"create table {table} (id integer)"),
        "insert": ask.done(f"insert into {table} select 1 union all select 2 union all select 3"),
        "update": ask.done(f"update {table} set id = id + 1 where id > 1"),
        "delete": ask.done(f"delete from {table} where id = 4"),
        "drop": ask.done(f"drop table {table}"),
    }
    assert {name: (one["ResultRows"], one["HasResultSet"]) for name, one in counts.items()} == {
        "create": (0, False), "insert": (3, False), "update": (2, False), "delete": (1, False), "drop": (0, False),
    }  # fmt: skip


def test_an_empty_result_is_a_result(ask: DataApiClient) -> None:
    described = ask.done("select 1 as one where false")
    assert (described["HasResultSet"], described["ResultRows"]) == (True, 0)
    answer = ask.data.get_statement_result(Id=described["Id"])
    assert (answer["Records"], answer["TotalNumRows"], len(answer["ColumnMetadata"])) == ([], 0, 1)


def test_an_sql_error_is_a_failed_statement_with_the_engines_message(ask: DataApiClient) -> None:
    syntax = ask.run("selec 1")
    assert syntax["Status"] == "FAILED"
    assert syntax["Error"] == 'ERROR: syntax error at or near "selec"\n  Position: 1'
    assert (syntax["ResultRows"], syntax["ResultSize"], syntax["HasResultSet"]) == (-1, -1, False)
    assert ask.run("select * from nowhere.nothing")["Error"].startswith("ERROR: ")


def test_a_statement_is_one_statement(ask: DataApiClient, table: str) -> None:
    assert ask.run("select 1;")["Status"] == "FINISHED"
    two = ask.run(f"create table {table} (a int); select 1")
    assert two["Error"].startswith("ERROR: cannot insert multiple commands into a prepared statement")
    assert ask.run(f"select * from {table}")["Status"] == "FAILED"


def test_text_that_is_not_unicode_is_refused(ask: DataApiClient) -> None:
    nul = ask.run("select 'a\0b'")
    assert (nul["Status"], nul["Error"]) == ("FAILED", 'ERROR: invalid byte sequence for encoding "UTF8": 0x00')
    assert ask.run("select :a", Parameters=[{"name": "a", "value": "x\0"}])["Error"] == nul["Error"]
    with pytest.raises(ClientError) as error:
        ask.run("select '\ud800'")
    assert refusal(error)[0] == "SerializationException"


def test_a_login_to_an_unknown_database_is_a_failed_statement(ask: DataApiClient) -> None:
    started = ask.data.execute_statement(
        Sql="select 1", ClusterIdentifier="demo-cluster", Database="nowhere", WaitTimeSeconds=30
    )
    described = ask.data.describe_statement(Id=started["Id"])
    assert (described["Status"], described["Error"]) == ("FAILED", 'FATAL: database "nowhere" does not exist')
    assert described["Duration"] == -1


def test_a_transaction_batch_commits_all_or_nothing(ask: DataApiClient, table: str) -> None:
    good = ask.batch(f"create table {table} (id int)", f"insert into {table} values (1), (2)", f"select * from {table}")
    assert good["Status"] == "FINISHED"
    assert [one["Status"] for one in good["SubStatements"]] == ["FINISHED"] * 3
    assert [one["Id"] for one in good["SubStatements"]] == [f"{good['Id']}:{number}" for number in (1, 2, 3)]
    assert (good["HasResultSet"], "QueryString" in good, good["ExecutionMode"]) == (True, False, "TRANSACTION")
    assert ask.rows_of(f"{good['Id']}:3") == [[1], [2]]

    bad = ask.batch(f"insert into {table} values (3)", f"insert into {table} values ('x')", f"delete from {table}")
    assert [one["Status"] for one in bad["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert bad["Status"] == "FAILED"
    assert bad["Error"] == f"Query #2 failed with {bad['SubStatements'][1]['Error']}"
    assert bad["SubStatements"][2]["Error"] == "Connection or an prior query failed."
    assert ask.value(f"select count(*) from {table}") == 2


def test_an_auto_commit_batch_goes_on_after_a_failure(ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (id int)")
    batch = ask.batch(
        f"insert into {table} values (1)", "select 1/0", f"insert into {table} values (2)", ExecutionMode="AUTO_COMMIT"
    )
    assert [one["Status"] for one in batch["SubStatements"]] == ["FINISHED", "FAILED", "FINISHED"]
    assert (batch["Status"], batch["ExecutionMode"]) == ("FAILED", "AUTO_COMMIT")
    assert batch["Error"].startswith("Query #2 failed with ERROR: ")
    assert ask.value(f"select count(*) from {table}") == 2


def test_an_auto_commit_batch_is_one_connection_and_brackets_a_read_only_transaction(
    ask: DataApiClient, table: str
) -> None:
    ask.done(f"create table {table} (id int)")
    batch = ask.batch(
        "set application_name to 'reader'", "begin read only", "select current_setting('application_name')",
        f"insert into {table} values (1)", "rollback", "select count(*) from " + table, ExecutionMode="AUTO_COMMIT",
    )  # fmt: skip
    assert [one["Status"] for one in batch["SubStatements"]] == [
        "FINISHED", "FINISHED", "FINISHED", "FAILED", "FINISHED", "FINISHED",
    ]  # fmt: skip
    assert ask.rows_of(f"{batch['Id']}:3") == [["reader"]]
    assert "read-only transaction" in batch["SubStatements"][3]["Error"]
    assert ask.rows_of(f"{batch['Id']}:6") == [[0]]


def test_nothing_of_a_statement_reaches_the_next(ask: DataApiClient) -> None:
    ask.batch("set application_name to 'left over'", "create temporary table left_over as select 1 as a", "begin",
              ExecutionMode="AUTO_COMMIT")  # fmt: skip
    for _ in range(3):
        assert ask.value("select current_setting('application_name')") != "left over"
        assert ask.run("select * from left_over")["Status"] == "FAILED"


def test_a_member_is_described_and_a_parent_has_no_rows(ask: DataApiClient) -> None:
    batch = ask.batch("select 'a' as one", "select 'bcd' as two")
    member = ask.data.describe_statement(Id=f"{batch['Id']}:2")
    assert (member["Id"], member["QueryString"], member["ResultRows"]) == (f"{batch['Id']}:2", "select 'bcd' as two", 1)
    assert (batch["ResultRows"], batch["ResultSize"]) == (2, 4)
    with pytest.raises(ClientError) as error:
        ask.data.get_statement_result(Id=batch["Id"])
    assert refusal(error) == (
        "ResourceNotFoundException", "Query does not have result. Please check query status with DescribeStatement.",
    )  # fmt: skip
    with pytest.raises(ClientError) as error:
        ask.data.describe_statement(Id=f"{batch['Id']}:3")
    assert refusal(error) == ("ResourceNotFoundException", "Query does not exist.")


def test_named_parameters_are_values_only(ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (id int, name varchar(50), at timestamp)")
    ask.done(
        f"insert into {table} values (:id, :name, :at) /* :name */ -- :id",
        Parameters=[
            {"name": "name", "value": "O'Neil; drop table x --"},
            {"name": "id", "value": "7"},
            {"name": "at", "value": "2024-02-29 12:00:00"},
        ],
    )
    rows = ask.rows(
        f"select id, name, ':id', id::int from {table} where name = :name or :name = 'x' or id = :id::smallint",
        Parameters=[{"name": "id", "value": "7"}, {"name": "name", "value": "O'Neil; drop table x --"}],
    )
    assert rows == [[7, "O'Neil; drop table x --", ":id", 7]]
    described = ask.run("select :a", Parameters=[{"name": "a", "value": "null"}])
    assert described["QueryParameters"] == [{"name": "a", "value": "null"}]
    assert ask.rows_of(described["Id"]) == [["null"]]
    assert ask.run(f"select * from :t where id = {7}", Parameters=[{"name": "t", "value": table}])["Status"] == "FAILED"


def test_an_unused_parameter_is_refused_and_a_missing_one_fails(ask: DataApiClient) -> None:
    with pytest.raises(ClientError) as error:
        ask.run("select ':b'", Parameters=[{"name": "b", "value": "1"}])
    assert refusal(error) == (
        "ValidationException", "Parameters list contains unused parameters. Unused parameters: [b]",
    )  # fmt: skip
    assert 'syntax error at or near ":"' in ask.run("select :a")["Error"]


def test_parameters_of_a_batch_serve_every_member(ask: DataApiClient) -> None:
    batch = ask.batch("select :a", "select :b, :a", Parameters=[{"name": name, "value": name * 2} for name in "ab"])
    assert ask.rows_of(f"{batch['Id']}:1") == [["aa"]]
    assert ask.rows_of(f"{batch['Id']}:2") == [["bb", "aa"]]
    with pytest.raises(ClientError, match=r"Unused parameters: \[c\]"):
        ask.batch("select :a", Parameters=[{"name": name, "value": "1"} for name in "ac"])


def test_cancel_stops_the_backend_and_works_once(ask: DataApiClient) -> None:
    with shut_gate(ask.dsn) as endless:
        started = ask.data.execute_statement(Sql=endless, **CLUSTER)
        wait_until(lambda: ask.data.describe_statement(Id=started["Id"])["Status"] == "STARTED")
        pid = ask.data.describe_statement(Id=started["Id"])["RedshiftPid"]
        assert ask.data.cancel_statement(Id=started["Id"])["Status"] is True
        assert ask.data.describe_statement(Id=started["Id"])["Status"] == "ABORTED"
        with psycopg.connect(ask.dsn) as connection:
            running = connection.execute(
                "select count(*) from pg_stat_activity where pid = %s and state = 'active'", (pid,)
            )
            assert running.fetchone() == (0,)
    with pytest.raises(ClientError) as error:
        ask.data.cancel_statement(Id=started["Id"])
    assert refusal(error) == (
        "ValidationException",
        f"Could not cancel a query that is already in ABORTED state with ID: {started['Id']}",
    )
    finished = ask.done("select 1")
    with pytest.raises(ClientError, match="already in FINISHED state"):
        ask.data.cancel_statement(Id=finished["Id"])


@pytest.mark.parametrize("mode", ["TRANSACTION", "AUTO_COMMIT"])
def test_cancel_of_a_batch_runs_none_of_the_rest(ask: DataApiClient, table: str, mode: str) -> None:
    ask.done(f"create table {table} (id int)")
    with shut_gate(ask.dsn) as endless:
        started = ask.data.batch_execute_statement(
            Sqls=["select 1", endless, f"insert into {table} values (1)"], ExecutionMode=mode, **CLUSTER
        )
        wait_until(lambda: ask.data.describe_statement(Id=started["Id"])["SubStatements"][1]["Status"] == "STARTED")
        assert ask.data.cancel_statement(Id=started["Id"])["Status"] is True
    described = ask.data.describe_statement(Id=started["Id"])
    assert described["Status"] == "ABORTED"
    assert [one["Status"] for one in described["SubStatements"]] == ["FINISHED", "ABORTED", "ABORTED"]
    assert ask.value(f"select count(*) from {table}") == 0


def test_the_same_client_token_runs_once(ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (id int)")
    token = uuid.uuid4().hex
    answers = [
        ask.data.execute_statement(
            Sql=f"insert into {table} values (1)", ClientToken=token, WaitTimeSeconds=30, **CLUSTER
        )
        for _ in range(3)
    ]
    assert len({answer["Id"] for answer in answers}) == 1
    assert ask.value(f"select count(*) from {table}") == 1


def test_the_same_client_token_at_once_runs_once(sandbox: Sandbox, ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (id int)")
    data = aws(sandbox, "redshift-data")
    token = uuid.uuid4().hex
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(
            lambda _: data.execute_statement(
                Sql=f"insert into {table} values (1)", ClientToken=token, WaitTimeSeconds=30, **CLUSTER
            )["Id"],
            range(16),
        ))  # fmt: skip
    assert len(set(ids)) == 1
    assert ask.value(f"select count(*) from {table}") == 1


def test_every_sql_text_is_in_the_call_log(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        own.calls.clear()
        one = await own.execute("select 1", WaitTimeSeconds=30)
        batch = await own.ask("BatchExecuteStatement", Sqls=["select 2", "select 1/0"], WaitTimeSeconds=30, **CLUSTER)
        log = own.calls.document()["statements"]
        assert [(entry["id"], entry["sql"], entry["status"]) for entry in log] == [
            (one["Id"], "select 1", "FINISHED"),
            (f"{batch['Id']}:1", "select 2", "FINISHED"),
            (f"{batch['Id']}:2", "select 1/0", "FAILED"),
        ]
        assert {(entry["database"], entry["db_user"], entry["session"]) for entry in log} == {("dev", "awsuser", None)}
        assert all(0 < entry["seconds"] < LAST_RESORT for entry in log)

    own_engine.with_api(use)


def test_a_refused_login_fails_the_statement_and_runs_no_member(own_engine: OwnEngine) -> None:
    text = 'FATAL: password authentication failed for user "IAM:x"'

    async def use(own: OwnApi) -> None:
        own.refused = LoginRefused(text)
        one = await own.execute("select 1", WaitTimeSeconds=30)
        assert one["Status"] == "FAILED"
        assert (await own.ask("DescribeStatement", Id=one["Id"]))["Error"] == text
        batch = await own.ask("BatchExecuteStatement", Sqls=["select 1"], WaitTimeSeconds=30, **CLUSTER)
        described = await own.ask("DescribeStatement", Id=batch["Id"])
        assert (described["Status"], described["Error"]) == ("FAILED", text)
        assert described["SubStatements"][0]["Status"] == "ABORTED"
        assert own.calls.document()["statements"] == []
        with pytest.raises(ApiError) as error:
            await own.ask("ListDatabases", **CLUSTER)
        assert (error.value.code, error.value.message) == ("DatabaseConnectionException", text)

    own_engine.with_api(use)


def test_a_users_settings_apply_from_the_next_login(ask: DataApiClient) -> None:
    name, schema = f"u_{uuid.uuid4().hex[:12]}", f"s_{uuid.uuid4().hex[:12]}"
    ask.done(f"create user {name} password disable")
    ask.done(f"create schema {schema} authorization {name}")
    person = {**CLUSTER, "DbUser": name}

    def as_user(sql: str) -> list[list[object]]:
        started = ask.data.execute_statement(Sql=sql, WaitTimeSeconds=30, **person)
        assert started["Status"] == "FINISHED", ask.data.describe_statement(Id=started["Id"])["Error"]
        return ask.rows_of(started["Id"]) if started["HasResultSet"] else []

    as_user(f'create table {schema}."CamelCase" ("Id" int)')
    assert as_user(f"select tablename from pg_tables where schemaname = '{schema}'") == [["camelcase"]]
    ask.done(f"alter user {name} set enable_case_sensitive_identifier to true")
    ask.done(f"alter user {name} set search_path to {schema}")
    as_user('create table "CamelCase" ("Id" int)')
    assert as_user(f"select tablename from pg_tables where schemaname = '{schema}' order by 1") == [
        ["CamelCase"], ["camelcase"],
    ]  # fmt: skip
    ask.done(f"drop schema {schema} cascade")
    ask.done(f"drop user {name}")


def test_the_engines_counters_show_what_ran_at_once(ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (id int)")
    name = table.split(".")[1]
    with psycopg.connect(ask.dsn, autocommit=True) as connection:

        def counters() -> tuple[object, ...] | None:
            return connection.execute(
                "select n_live_tup, seq_tup_read from pg_stat_user_tables where relname = %s", (name,)
            ).fetchone()

        ask.done(f"insert into {table} values (1), (2), (3)")
        assert counters() == (3, 0)
        ask.done(f"select count(*) from {table}")
        assert counters() == (3, 3)
        ask.batch(f"insert into {table} values (4)", f"select count(*) from {table}")
        assert counters() == (4, 7)
        ask.batch(f"delete from {table}", f"select count(*) from {table}", ExecutionMode="AUTO_COMMIT")
        assert counters() == (0, 11)
