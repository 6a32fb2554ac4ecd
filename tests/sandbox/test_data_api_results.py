"""Results of the Data API: values of each type, column metadata and pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.conftest import Sandbox
from tests.sandbox.data_api import DataApiClient, OwnApi, OwnEngine
from tests.sandbox.front import shut_gate

from wharfinger_sandbox.aws.errors import ApiError


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


VALUES: list[tuple[str, Any]] = [
    ("null::integer", {"isNull": True}),
    ("null::varchar(10)", {"isNull": True}),
    ("''::varchar(10)", {"stringValue": ""}),
    ("cast(7 as smallint)", {"longValue": 7}),
    ("cast(-2147483648 as integer)", {"longValue": -2147483648}),
    ("cast(9223372036854775807 as bigint)", {"longValue": 9223372036854775807}),
    ("cast(1.5 as numeric(38,10))", {"stringValue": "1.5000000000"}),
    ("cast(-0.01 as numeric(4,2))", {"stringValue": "-0.01"}),
    ("cast(99999999999999999999999999.99 as numeric(38,2))", {"stringValue": "99999999999999999999999999.99"}),
    ("cast(0.1 as double precision)", {"doubleValue": 0.1}),
    ("cast(1e300 as double precision)", {"doubleValue": 1e300}),
    ("cast(2.5 as real)", {"doubleValue": 2.5}),
    ("cast('NaN' as double precision)", {"doubleValue": "NaN"}),
    ("cast('Infinity' as double precision)", {"doubleValue": "Infinity"}),
    ("cast('-Infinity' as real)", {"doubleValue": "-Infinity"}),
    ("true", {"booleanValue": True}),
    ("false", {"booleanValue": False}),
    ("cast('ab' as char(4))", {"stringValue": "ab  "}),
    ("cast('naïve ☃ 𝄞' as varchar(20))", {"stringValue": "naïve ☃ 𝄞"}),
    ("cast(E'a\\tb\\nc\"d' as varchar(20))", {"stringValue": 'a\tb\nc"d'}),
    ("cast('2022-02-22' as date)", {"stringValue": "2022-02-22"}),
    ("cast('12345-06-07' as date)", {"stringValue": "12345-06-07"}),
    ("cast('2022-02-22 00:00:00' as timestamp)", {"stringValue": "2022-02-22 00:00:00.0"}),
    ("cast('2020-08-21 17:33:51.88712' as timestamp)", {"stringValue": "2020-08-21 17:33:51.88712"}),
    ("cast('2020-08-21 17:33:51.5' as timestamp)", {"stringValue": "2020-08-21 17:33:51.5"}),
    ("cast('9999-12-31 23:59:59.999999' as timestamp)", {"stringValue": "9999-12-31 23:59:59.999999"}),
    ("cast('12345-06-07 08:09:10' as timestamp)", {"stringValue": "12345-06-07 08:09:10.0"}),
    ("cast('0044-03-15 12:00:00 BC' as timestamp)", {"stringValue": "0044-03-15 12:00:00.0 BC"}),
    ("cast('infinity' as timestamp)", {"stringValue": "infinity"}),
    ("cast('2022-02-22 01:02:03+02' as timestamptz)", {"stringValue": "2022-02-21 23:02:03+00"}),
    ("cast('12:34:56.7' as time)", {"stringValue": "12:34:56.7"}),
    ("cast('12:34:56+02' as timetz)", {"stringValue": "12:34:56+02"}),
]


@pytest.mark.parametrize(("expression", "field"), VALUES)
def test_a_value_comes_through(ask: DataApiClient, expression: str, field: dict[str, Any]) -> None:
    described = ask.done(f"select {expression} as value")
    answer = ask.data.get_statement_result(Id=described["Id"])
    assert answer["Records"] == [[field]]
    assert answer["TotalNumRows"] == 1


def test_a_super_value_is_its_json_text_and_bytes_are_a_blob(ask: DataApiClient, table: str) -> None:
    ask.done(f"create table {table} (s super, v varbyte(10))")
    ask.done(
        f"insert into {table} select json_parse('{{\"a\": [1, 2.50, \"x y\", null]}}'), to_varbyte('00ff10', 'hex')"
    )
    answer = ask.data.get_statement_result(Id=ask.done(f"select s, v, null::super from {table}")["Id"])
    assert answer["Records"] == [
        [{"stringValue": '{"a":[1,2.50,"x y",null]}'}, {"blobValue": b"\x00\xff\x10"}, {"isNull": True}]
    ]
    assert [column["typeName"] for column in answer["ColumnMetadata"]][:1] == ["super"]


def test_columns_are_described_as_the_service_does(ask: DataApiClient, table: str) -> None:
    ask.done(
        f"create table {table} (a smallint not null, b integer, c bigint, d numeric(12,3), e real,"
        " f double precision, g boolean, h char(5), i varchar(77), j date, k timestamp, l timestamptz)"
    )
    answer = ask.data.get_statement_result(Id=ask.done(f'select t.*, b + 1 as "more ""x""" from {table} t')["Id"])
    columns = answer["ColumnMetadata"]
    assert [(one["typeName"], one["precision"], one["scale"], one["isSigned"]) for one in columns] == [
        ("int2", 5, 0, True), ("int4", 10, 0, True), ("int8", 19, 0, True), ("numeric", 12, 3, True),
        ("float4", 8, 8, True), ("float8", 17, 17, True), ("bool", 1, 0, False), ("bpchar", 5, 0, False),
        ("varchar", 77, 0, False), ("date", 13, 0, False), ("timestamp", 29, 6, False),
        ("timestamptz", 35, 6, False), ("int4", 10, 0, True),
    ]  # fmt: skip
    assert [one["isCaseSensitive"] for one in columns] == [one["typeName"] in ("bpchar", "varchar") for one in columns]
    assert [one["nullable"] for one in columns] == [0, *[1] * 12]
    assert {(one["schemaName"], one["tableName"]) for one in columns[:-1]} == {tuple(table.split("."))}
    assert (columns[-1]["name"], columns[-1]["label"], columns[-1]["tableName"]) == ('more "x"', 'more "x"', "")
    assert {one["length"] for one in columns} == {0}


def test_columns_of_expressions_have_redshifts_types_too(ask: DataApiClient) -> None:
    sql = "select 'a' || 'b', lower('X'), sum(x) from (select cast(1.25 as numeric(12,2)) as x) t group by 1, 2"
    answer = ask.data.get_statement_result(Id=ask.done(sql)["Id"])
    columns = [(one["typeName"], one["precision"], one["scale"]) for one in answer["ColumnMetadata"]]
    assert columns == [("varchar", 65535, 0), ("varchar", 65535, 0), ("numeric", 38, 2)]


def test_pages_are_cut_by_size_and_give_every_row_once(ask: DataApiClient) -> None:
    described = ask.done("select n, repeat(chr(64 + n), 60000) from generate_series(1, 60) n")
    pages = list(ask.data.get_paginator("get_statement_result").paginate(Id=described["Id"]))
    assert len(pages) == 4
    assert {page["TotalNumRows"] for page in pages} == {60}
    assert all(page["ColumnMetadata"] == pages[0]["ColumnMetadata"] for page in pages)
    rows = [record for page in pages for record in page["Records"]]
    assert [(row[0]["longValue"], row[1]["stringValue"]) for row in rows] == [
        (number, chr(64 + number) * 60_000) for number in range(1, 61)
    ]
    assert described["ResultSize"] == sum(60_000 + len(str(number)) for number in range(1, 61))


def test_a_next_token_belongs_to_its_result(ask: DataApiClient) -> None:
    first = ask.done("select repeat('x', 60000) from generate_series(1, 40)")
    second = ask.done("select repeat('y', 60000) from generate_series(1, 40)")
    token = ask.data.get_statement_result(Id=first["Id"])["NextToken"]
    for id, bad in ((second["Id"], token), (first["Id"], "AAAA"), (first["Id"], token[:-4])):
        with pytest.raises(ClientError) as error:
            ask.data.get_statement_result(Id=id, NextToken=bad)
        assert error.value.response["Error"]["Code"] == "ValidationException"


def test_csv_results_need_v2_and_json_results_the_first_version(ask: DataApiClient) -> None:
    sql = "select 1 as a, 'x,\"y\"\nz' as b, null as c, '' as d, true as e, 1.50 as f"
    csv = ask.done(sql, ResultFormat="CSV")
    assert csv["ResultFormat"] == "CSV"
    answer = ask.data.get_statement_result_v2(Id=csv["Id"])
    assert answer["Records"] == [{"CSVRecords": '1,"x,""y""\nz",,"",true,1.50\r\n'}]
    assert (answer["ResultFormat"], answer["TotalNumRows"], len(answer["ColumnMetadata"])) == ("CSV", 1, 6)
    json = ask.done(sql)
    for call, id in ((ask.data.get_statement_result, csv["Id"]), (ask.data.get_statement_result_v2, json["Id"])):
        with pytest.raises(ClientError) as error:
            call(Id=id)
        assert error.value.response["Error"]["Code"] == "ValidationException"


def test_a_statement_without_a_result_has_no_result_set(ask: DataApiClient) -> None:
    no_rows = ask.done("set application_name to 'x'")
    failed = ask.run("select 1/0")
    with shut_gate(ask.dsn) as endless:
        running = ask.data.execute_statement(Sql=endless, **ask.target)
        for id in (no_rows["Id"], failed["Id"], running["Id"]):
            with pytest.raises(ClientError) as error:
                ask.data.get_statement_result(Id=id, WaitTimeSeconds=1)
            answer = error.value.response
            assert answer["Error"]["Code"] == "ResourceNotFoundException"
            assert answer["Error"]["Message"] == (
                "Query does not have result. Please check query status with DescribeStatement."
            )
            assert answer["ResourceId"] == id


def test_a_get_result_waits_for_the_end(ask: DataApiClient) -> None:
    with ThreadPoolExecutor(1) as thread:
        with shut_gate(ask.dsn) as endless:
            started = ask.data.execute_statement(Sql=endless, **ask.target)
            waiting = thread.submit(ask.data.get_statement_result, Id=started["Id"], WaitTimeSeconds=30)
        assert waiting.result()["Records"] == [[{"longValue": 1}]]


def test_too_many_waiters_on_one_statement_are_refused(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        with shut_gate(own.engine.dsn) as endless:
            started = await own.started(endless)
            for operation in ("DescribeStatement", "GetStatementResult", "GetStatementResultV2"):
                with pytest.raises(ApiError) as error:
                    await own.ask(operation, Id=started, WaitTimeSeconds=1)
                assert error.value.code == "ActiveWaitingRequestsExceededException"
            assert (await own.ask("DescribeStatement", Id=started))["Status"] == "STARTED"

    own_engine.with_api(use, waiters_per_statement=0)


def test_only_large_results_are_in_files(own_engine: OwnEngine) -> None:
    async def use(own: OwnApi) -> None:
        spool = own.spool
        small = await own.execute("select generate_series(1, 100)", WaitTimeSeconds=30)
        assert list(spool.iterdir()) == []
        assert len((await own.ask("GetStatementResult", Id=small["Id"]))["Records"]) == 100
        large = await own.execute("select n, md5(n::varchar) from generate_series(1, 5000) n", WaitTimeSeconds=30)
        assert len(list(spool.iterdir())) == 1
        rows, token = [], {}
        while True:
            answer = await own.ask("GetStatementResult", Id=large["Id"], **token)
            rows += answer["Records"]
            if "NextToken" not in answer:
                break
            token = {"NextToken": answer["NextToken"]}
        assert [row[0]["longValue"] for row in rows] == list(range(1, 5001))

    own_engine.with_api(use, page_bytes=20_000)
    assert list((own_engine.folder / "spool").iterdir()) == []


@pytest.mark.slow
def test_a_million_rows_are_paged_to_the_end_in_bounded_memory(sandbox: Sandbox, ask: DataApiClient) -> None:
    def memory() -> int:
        status = Path(f"/proc/{sandbox.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])

    before = memory()
    described = ask.done("select n, md5(n::varchar), n * 1.5 from generate_series(1, 1000000) n")
    seen = total = 0
    for page in ask.data.get_paginator("get_statement_result").paginate(Id=described["Id"]):
        seen += len(page["Records"])
        total += sum(record[0]["longValue"] for record in page["Records"])
    assert (seen, total) == (1_000_000, 500_000_500_000)
    assert memory() - before < 100_000, "kilobytes"
