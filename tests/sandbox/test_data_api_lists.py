"""Lists of the Data API: databases, schemas, tables, columns, statements; patterns, pages and visibility."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.conftest import Sandbox
from tests.sandbox.data_api import ADMIN, CLUSTER, DataApiClient, OwnApi, OwnEngine
from tests.sandbox.front import aws, shut_gate

HOSTILE = ["two words", "dot.ted", 'qu"ote', "apo's", "ünï☃", "select", "back\\slash", "x" * 63, "per%cent_"]


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


@pytest.fixture
def schema(ask: DataApiClient) -> Iterator[str]:
    name = f"s_{uuid.uuid4().hex[:12]}"
    ask.done(f"create schema {name}")
    yield name
    ask.done(f"drop schema {name} cascade")


def everything(ask: DataApiClient, operation: str, member: str, **body: Any) -> list[Any]:
    pages = ask.data.get_paginator(operation).paginate(**ADMIN, **body)
    return [one for page in pages for one in page[member]]


def test_databases_are_listed(ask: DataApiClient) -> None:
    found = everything(ask, "list_databases", "Databases", MaxResults=1)
    assert {"dev", "marketing"} <= set(found)
    assert not {"postgres", "template0", "template1"} & set(found)


def test_schemas_are_listed_by_pattern(ask: DataApiClient, schema: str) -> None:
    found = everything(ask, "list_schemas", "Schemas")
    assert {"public", "pg_catalog", "information_schema", schema} <= set(found)
    assert not [name for name in found if name == "pg_internal" or name.startswith(("pg_toast", "pg_temp"))]
    assert everything(ask, "list_schemas", "Schemas", SchemaPattern=schema[:-2] + "_%") == [schema]


def test_tables_are_listed_with_their_type(ask: DataApiClient, schema: str) -> None:
    ask.done(f"create table {schema}.orders (id int)")
    ask.done(f"create view {schema}.order_view as select id from {schema}.orders")
    ask.done(f"create table {schema}.other (id int)")
    assert everything(ask, "list_tables", "Tables", SchemaPattern=schema, TablePattern="order%") == [
        {"name": "order_view", "schema": schema, "type": "VIEW"},
        {"name": "orders", "schema": schema, "type": "TABLE"},
    ]
    system = everything(ask, "list_tables", "Tables", SchemaPattern="pg_catalog", TablePattern="pg_class")
    assert system == [{"name": "pg_class", "schema": "pg_catalog", "type": "SYSTEM TABLE"}]


def test_tables_of_another_database_are_listed_from_the_connected_one(ask: DataApiClient, sandbox: Sandbox) -> None:
    name = f"t_{uuid.uuid4().hex[:12]}"
    marketing = DataApiClient(sandbox, "admin", {"ClusterIdentifier": "demo-cluster", "Database": "marketing"})
    marketing.done(f"create table public.{name} (id int)")
    there = {"ClusterIdentifier": "demo-cluster", "Database": "marketing", "ConnectedDatabase": "dev"}
    assert [one["name"] for one in ask.data.list_tables(**there, TablePattern=name)["Tables"]] == [name]
    assert ask.data.list_tables(**CLUSTER, TablePattern=name)["Tables"] == []
    marketing.done(f"drop table public.{name}")


def test_names_of_any_kind_are_listed_and_described(ask: DataApiClient, schema: str) -> None:
    for name in HOSTILE:
        quoted = '"' + name.replace('"', '""') + '"'
        ask.done(f"create table {schema}.{quoted} ({quoted} varchar(9) not null)")
    listed = everything(ask, "list_tables", "Tables", SchemaPattern=schema, MaxResults=2)
    assert sorted(one["name"] for one in listed) == sorted(HOSTILE)
    for name in HOSTILE:
        answer = ask.data.describe_table(**ADMIN, Schema=schema, Table=name)
        assert answer["TableName"] == name
        (column,) = answer["ColumnList"]
        assert (column["name"], column["typeName"], column["precision"], column["nullable"]) == (name, "varchar", 9, 0)


def test_a_table_is_described(ask: DataApiClient, schema: str) -> None:
    ask.done(f"create table {schema}.t (id integer not null, name varchar(20) default 'x', price numeric(12,3))")
    columns = ask.data.describe_table(**ADMIN, Schema=schema, Table="t")["ColumnList"]
    assert [(one["name"], one["typeName"], one["precision"], one["scale"], one["nullable"]) for one in columns] == [
        ("id", "int4", 10, 0, 0), ("name", "varchar", 20, 0, 1), ("price", "numeric", 12, 3, 1),
    ]  # fmt: skip
    assert {(one["schemaName"], one["tableName"]) for one in columns} == {(schema, "t")}
    assert [one.get("columnDefault", "").split("::")[0] for one in columns] == ["", "'x'", ""]


def test_without_a_table_every_column_of_the_schema_is_described_in_pages(ask: DataApiClient, schema: str) -> None:
    for number in range(5):
        ask.done(f"create table {schema}.t{number} (a int, b int, c int)")
    columns = everything(ask, "describe_table", "ColumnList", Schema=schema, MaxResults=4)
    assert [(one["tableName"], one["name"]) for one in columns] == [
        (f"t{number}", name) for number in range(5) for name in "abc"
    ]


def test_an_unknown_table_or_database_is_an_error(ask: DataApiClient, schema: str) -> None:
    with pytest.raises(ClientError) as error:
        ask.data.describe_table(**ADMIN, Schema=schema, Table="nothing")
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(ClientError) as error:
        ask.data.list_tables(ClusterIdentifier="demo-cluster", Database="nowhere", DbUser="awsuser")
    assert error.value.response["Error"] == {
        "Code": "DatabaseConnectionException", "Message": 'FATAL: database "nowhere" does not exist',
    }  # fmt: skip


def test_an_ordinary_user_lists_what_it_may_see(sandbox: Sandbox, ask: DataApiClient, schema: str) -> None:
    ask.done(f"create table {schema}.hidden (id int)")
    analyst = aws(sandbox, "redshift-data", "analyst")
    where = {"WorkgroupName": "demo-workgroup", "Database": "dev"}
    assert analyst.list_tables(**where, SchemaPattern=schema)["Tables"] == []
    assert "dev" in analyst.list_databases(**where)["Databases"]


def test_statements_are_listed_newest_first_by_name_and_status(ask: DataApiClient) -> None:
    prefix = f"listed-{uuid.uuid4()}"
    good = [ask.done(f"select {number}", StatementName=f"{prefix}-{number}")["Id"] for number in range(3)]
    ask.done("select 0", StatementName=f"un{prefix}")
    bad = ask.run("select 1/0", StatementName=f"{prefix}-bad")["Id"]
    batch = ask.batch("select 1", "select 2", StatementName=f"{prefix}-batch")["Id"]

    def ids(**filters: Any) -> list[str]:
        pages = ask.data.get_paginator("list_statements").paginate(
            StatementName=prefix, PaginationConfig={"PageSize": 2}, **filters
        )
        return [one["Id"] for page in pages for one in page["Statements"]]

    with shut_gate(ask.dsn) as endless:
        running = ask.data.execute_statement(Sql=endless, StatementName=f"{prefix}-run", **CLUSTER)["Id"]
        assert ids() == [batch, *reversed(good)]
        assert ids(Status="FAILED") == [bad]
        assert ids(Status="ALL") == [running, batch, bad, *reversed(good)]
        assert ids(ClusterIdentifier="demo-cluster", Database="dev", Status="FAILED") == [bad]
        assert ids(WorkgroupName="demo-workgroup", Status="ALL") == []
        assert ids(Database="marketing", Status="ALL") == []
        ask.data.cancel_statement(Id=running)
    assert ids(Status="ABORTED") == [running]
    one, two = ask.data.list_statements(StatementName=prefix, MaxResults=2)["Statements"]
    assert (one["IsBatchStatement"], one["QueryStrings"], "QueryString" in one) == (
        True,
        ["select 1", "select 2"],
        False,
    )
    assert (two["IsBatchStatement"], two["QueryString"], two["StatementName"]) == (False, "select 2", f"{prefix}-2")
    assert (two["Status"], two["ResultFormat"]) == ("FINISHED", "JSON")


def test_another_identitys_statements_are_invisible(sandbox: Sandbox, ask: DataApiClient) -> None:
    mine = ask.done("select 'mine'", StatementName="mine")["Id"]
    other = aws(sandbox, "redshift-data", "analyst")
    for call in (other.describe_statement, other.get_statement_result, other.cancel_statement):
        with pytest.raises(ClientError) as error:
            call(Id=mine)
        assert error.value.response["Error"] == {
            "Code": "ResourceNotFoundException", "Message": "Query does not exist.",
        }  # fmt: skip
        assert error.value.response["ResourceId"] == mine
    assert mine not in [one["Id"] for one in other.list_statements(Status="ALL")["Statements"]]


def test_role_level_separates_the_statements_of_one_role(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        made = [(await own.execute("select 1", session=by, WaitTimeSeconds=30))["Id"] for by in ("ann", "bob")]

        async def seen(**body: Any) -> set[str]:
            return {one["Id"] for one in (await own.ask("ListStatements", session="ann", **body))["Statements"]}

        assert await seen() == set(made)
        assert await seen(RoleLevel=False) == {made[0]}
        # Another IAM session of the role may describe it nevertheless (redshift-facts §1.3).
        assert (await own.ask("DescribeStatement", session="ann", Id=made[1]))["Status"] == "FINISHED"

    own_engine.with_api(use)


def test_a_next_token_of_another_list_is_refused(ask: DataApiClient) -> None:
    token = ask.data.list_schemas(**ADMIN, MaxResults=1)["NextToken"]
    for call, body in ((ask.data.list_databases, ADMIN), (ask.data.list_schemas, {**ADMIN, "SchemaPattern": "p%"})):
        with pytest.raises(ClientError) as error:
            call(**body, NextToken=token)
        assert error.value.response["Error"]["Code"] == "ValidationException"
