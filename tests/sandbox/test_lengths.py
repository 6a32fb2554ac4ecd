"""VARCHAR(n), CHAR(n) and VARBYTE(n) hold n bytes, for every way to write a value (redshift-facts §6.1)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.conftest import Sandbox
from tests.sandbox.data_api import DataApiClient

TOO_LONG = "ERROR: value too long for type "


@pytest.fixture
def ask(sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(sandbox)


@pytest.fixture
def table(ask: DataApiClient) -> Iterator[str]:
    name = f"public.t_{uuid.uuid4().hex[:12]}"
    ask.done(f"create table {name} (v varchar(5), c char(3), b varbyte(4))")
    yield name
    ask.done(f"drop table {name}")


@pytest.mark.parametrize(
    ("column", "fits", "too_long", "type_"),
    [
        ("v", "'éé1'", "'ééé'", "character varying(5)"), ("v", "'abcde   '", "'abcdef'", "character varying(5)"),
        ("c", "'éa'", "'éé'", "character(3)"), ("c", "'€'", "'€a'", "character(3)"),
        ("b", "'abcd'", "'abcde'", "varbyte(4)"), ("b", "'é€'::varbyte(4)", "'é€'", "varbyte(4)"),
    ],
)  # fmt: skip
def test_a_column_holds_as_many_bytes_as_declared(
    ask: DataApiClient, table: str, column: str, fits: str, too_long: str, type_: str
) -> None:
    ask.done(f"insert into {table} ({column}) values ({fits})")
    assert ask.run(f"insert into {table} ({column}) values ({too_long})")["Error"] == TOO_LONG + type_
    assert ask.run(f"insert into {table} ({column}) select {too_long} from {table}")["Error"] == TOO_LONG + type_
    assert ask.run(f"update {table} set {column} = {too_long}")["Error"] == TOO_LONG + type_


@pytest.mark.parametrize(
    ("expression", "value", "bytes_"),
    [
        ("'ééé'::varchar(5)", "éé", 4), ("'€uro'::varchar(2)", "", 0), ("cast('日本語' as varchar(7))", "日本", 6),
        ("'ééé'::char(5)", "éé ", 5), ("'é'::char(1)", " ", 1), ("'ab'::char(4)", "ab  ", 4),
        ("'abcdef'::varbyte(3)", b"abc", 3), ("'é€'::varbyte(4)", b"\xc3\xa9\xe2\x82", 4),
        ("'ééé'::varchar(6)", "ééé", 6),
    ],
)  # fmt: skip
def test_a_cast_truncates_between_characters(ask: DataApiClient, expression: str, value: Any, bytes_: int) -> None:
    assert ask.rows(f"select {expression}, octet_length({expression})") == [[value, bytes_]]


def test_a_length_is_kept_by_create_as_like_and_alter(ask: DataApiClient, table: str) -> None:
    schema, name = table.split(".")
    ask.done(f"create table {table}_as as select *, v::varchar(2) as short, b::varbyte(2) as brief from {table}")
    ask.done(f"create table {table}_like (like {table})")
    assert ask.run(f"insert into {table}_as (short) values ('é1')")["Error"] == TOO_LONG + "character varying(2)"
    assert ask.run(f"insert into {table}_as (brief) values ('abc')")["Error"] == TOO_LONG + "varbyte(2)"
    assert ask.run(f"insert into {table}_like (b) values ('abcde')")["Error"] == TOO_LONG + "varbyte(4)"
    ask.done(f"alter table {table}_like alter column v type varchar(16)")
    ask.done(f"insert into {table}_like (v) values ('éééééééé')")
    shorten = f"alter table {table}_like alter column v type varchar(15)"
    assert ask.run(shorten)["Error"] == TOO_LONG + "character varying(15)"
    shown = ask.rows(
        f"select \"column\", type from pg_table_def where schemaname = '{schema}' and tablename = '{name}_as'"
    )
    assert shown == [
        ["v", "character varying(5)"], ["c", "character(3)"], ["b", "varbyte(4)"], ["short", "character varying(2)"],
        ["brief", "varbyte(2)"],
    ]  # fmt: skip
    ask.done(f"drop table {table}_as")
    ask.done(f"drop table {table}_like")


def test_a_result_names_the_length_of_its_columns(ask: DataApiClient, table: str) -> None:
    described = ask.done(f"select v, c, b, v::varchar(2), b::varbyte(2), v::varchar(99) from {table}")
    columns = ask.data.get_statement_result(Id=described["Id"])["ColumnMetadata"]
    assert [(one["typeName"], one["precision"]) for one in columns] == [
        ("varchar", 5), ("bpchar", 3), ("varbyte", 4), ("varchar", 2), ("varbyte", 2), ("varchar", 99),
    ]  # fmt: skip


def test_a_bound_value_that_is_too_long_is_an_error_on_the_wire(
    connection: psycopg.Connection[Any], table: str
) -> None:
    with pytest.raises(psycopg.Error, match=r"^value too long for type character varying\(5\)$") as refused:
        connection.execute(f"insert into {table} (v) values (%s)", ["ééé"])
    assert (refused.value.diag.sqlstate, refused.value.diag.context) == ("22001", None)
