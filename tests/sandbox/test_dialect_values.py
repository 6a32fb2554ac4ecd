"""The values of functions and expressions in the engine, for each one that the dialect keeps or rewrites.

Values come from redshift-facts; where it names a function without a value, from the documentation's own example.
"""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from tests.sandbox.warehouse import Session, SqlError, Warehouse, unique


@pytest.fixture(scope="module")
def session(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.session() as session:
        yield session


VALUES: list[tuple[str, Any]] = [
    ("nvl(null, null, 3)", 3),
    ("nvl2(null, 'a', 'b')", "b"),
    ("nvl2(0, 'a', 'b')", "a"),
    ("isnull(null, 'x')", "x"),
    ("decode(null, 1, 'one', null, 'none', 'other')", "none"),
    ("decode(2, 1, 'one', 2, 'two')", "two"),
    ("decode(3, 1, 'one')", None),
    ("len('äöü ')", 4),
    ("octet_length('äöü ')", 7),
    ("len('ab '::char(5))", 2),
    ("charindex('b', 'abc')", 2),
    ("concat('a', 'b')", "ab"),
    ("concat('a', null)", None),
    ("concat(1, 'x')", "1x"),
    ("replicate('ab', 2)", "abab"),
    ("btrim('  x ')", "x"),
    ("strtol('ff', 16)", 255),
    ("strtol('-110101', 2)", -53),
    ("regexp_replace('a1b2', '[0-9]', '#')", "a#b#"),
    ("regexp_substr('a1b22', '[0-9]+', 3)", "22"),
    ("regexp_count('a1b22', '[0-9]')", 3),
    ("split_part('a,b,c', ',', 2)", "b"),
    ("convert(integer, '12') + 1", 13),
    ("cast('2020-02-29' as date)", date(2020, 2, 29)),
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("fnv_hash(1)", -5968735742475085980),
    ("fnv_hash(1::smallint)", 589727492704079044),
    ("fnv_hash(1::bigint)", -8517097267634966620),
    ("fnv_hash('Amazon Redshift')", 7783490368944507294),
    ("fnv_hash('Amazon Redshift', fnv_hash(1))", -2202602717770968555),
    ("fnv_hash('cd', fnv_hash('ab')) = fnv_hash('abcd')", True),
    ("md5('Amazon Redshift')", "f7415e33f972c03abd4f3fed36748f7a"),
    ("sha2('Amazon Redshift', 256)", hashlib.sha256(b"Amazon Redshift").hexdigest()),
    ("dateadd(month, 1, date '2020-01-31')", datetime(2020, 2, 29)),
    ("dateadd('quarter', -1, '2020-05-31 10:00')", datetime(2020, 2, 29, 10)),
    ("dateadd(hour, 25, timestamp '2020-02-28 23:30')", datetime(2020, 3, 1, 0, 30)),
    ("dateadd(minute, 90, time '23:00')", time(0, 30)),
    ("datediff(day, '2020-01-01 23:59', '2020-01-02 00:01')", 1),
    ("datediff(year, date '2019-12-31', date '2020-01-01')", 1),
    ("datediff(month, date '2020-01-31', date '2020-03-01')", 2),
    ("datediff(qtr, '1998-07-01', '2011-08-01')", 52),
    ("datediff(week, '2009-01-01', '2009-12-31')", 52),
    ("datediff(week, date '2021-01-03', date '2021-01-04')", 1),
    ("datediff(hour, timestamp '2020-01-01 01:59:59', timestamp '2020-01-01 02:00:00')", 1),
    ("datediff(second, timestamp '2020-01-01 00:00:00.9', timestamp '2020-01-01 00:00:01.1')", 1),
    ("datediff(day, timestamptz '2020-01-02', timestamptz '2020-01-01')", -1),
    ("date_trunc('month', date '2020-02-29')", datetime(2020, 2, 1)),
    ("trunc(timestamp '2020-02-29 11:00')", date(2020, 2, 29)),
    ("last_day(date '2020-02-10')", date(2020, 2, 29)),
    ("add_months('2020-02-29'::date, 1)", datetime(2020, 3, 31)),
    ("add_months('2008-03-30'::date, -1)", datetime(2008, 2, 29)),
    ("next_day('2014-08-20', 'Tuesday')", date(2014, 8, 26)),
    ("next_day('2014-08-19'::date, 'tu')", date(2014, 8, 26)),
    ("months_between('1969-01-18'::date, '1969-03-18'::date)", -2.0),
    ("date_part(dow, date '2021-01-03')", 0.0),
    ("date_part_year(date '2021-01-03')", 2021),
    ("convert_timezone('UTC', 'US/Pacific', '2013-03-17 02:00'::timestamp)", datetime(2013, 3, 16, 19)),
    ("to_char(timestamp '2020-02-29 11:00', 'YYYY-MM HH24')", "2020-02 11"),
    ("date_part(year, sysdate) > 2000 and getdate() <= sysdate", True),
    ("date_part('microseconds', getdate())::int % 1000000", 0),
    ("json_serialize(json_parse('[10001, 10002, \"abc\"]'))", '[10001,10002,"abc"]'),
    ("json_serialize(null::super)", "null"),
    ("json_typeof(json_parse('{\"a\":1}'))", "object"),
    ("json_typeof(array(1, 2))", "array"),
    ("json_serialize(array(1, 'x', null))", '[1,"x",null]'),
    ("json_serialize(object('a', 1))", '{"a":1}'),
    ("get_array_length(array(1, 2))", 2),
    ("is_array(array(1))", True),
    ("json_extract_path_text('{\"f2\":{\"f3\":1},\"f4\":{\"f5\":99,\"f6\":\"star\"}}', 'f4', 'f6')", "star"),
    ("json_extract_path_text('{\"a\":1}', 'b')", None),
    ("json_extract_path_text('{broken', 'b', true)", None),
    ("json_extract_array_element_text('[111,112,113]', 2)", "113"),
    ("json_extract_array_element_text('[1]', -1)", None),
    ("json_array_length('[11,12,13]')", 3),
    ("is_valid_json('{\"a\":1}')", True),
    ("is_valid_json('[1]')", False),
    ("is_valid_json_array('[1]')", True),
    ("can_json_parse('{')", False),
    ("'abc'::super::varchar", "abc"),
    ("json_serialize('1'::super)", '"1"'),
    ("to_varbyte('616263', 'hex') = 'abc'::varbyte", True),
    ("from_varbyte('abc'::varbyte(10), 'hex')", "616263"),
    ("from_varbyte(to_varbyte('0110000101100010', 'binary'), 'utf8')", "ab"),
    ("len('abc'::varbyte)", 3),
    ("version() like 'PostgreSQL 8.0.2%Redshift%'", True),
    ("current_user_id = (select usesysid from pg_user where usename = current_user)", True),
    ("dexp(0)", 1.0),
    ("dlog10(100)", 2.0),
    ("format_encoding(12)", "az64"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_an_expression_has_redshifts_value(session: Session, expression: str, value: Any) -> None:
    assert session.value(f"select {expression}") == value


AGGREGATES: list[tuple[str, Any]] = [
    ("avg(i)", 2),
    ("avg(i::smallint)", 2),
    ("avg(i::bigint)", 2),
    ("avg(-i)", -2),
    ("avg(d)", Decimal("2.4")),
    ("avg(i::float8)", 7 / 3),
    ("sum(i::bigint)", 7),
    ("stddev(i)", 1.5275252316519468),
    ("count(*)", 4),
    ("median(i)", 2.0),
    ("listagg(t, '-') within group (order by i desc)", "d-b-a"),
    ("listagg(distinct t, ',') within group (order by t)", "a,b,d"),
    ("listagg(t)", "abd"),
    ("approximate count(distinct t)", 4),
    ("hll(i)", 3),
    ("bool_or(i > 3)", True),
    ("json_serialize(max(array(i)))", "[4]"),
    ("percentile_cont(0.5) within group (order by i)", 2.0),
    ("approximate percentile_disc(0.5) within group (order by i)", 2),
]


@pytest.fixture(scope="module")
def numbers(session: Session) -> str:
    name = f"public.{unique('numbers')}"
    session.run(
        f"create table {name} (i int, d decimal(8,2), t varchar(3), b boolean)",
        f"insert into {name} values (1, 1.2, 'a', true), (2, 2.4, 'b', false), (4, 3.6, 'd', null), (null, null, '', null)",
    )
    return name


@pytest.mark.parametrize(("expression", "value"), AGGREGATES)
def test_an_aggregate_has_redshifts_value(session: Session, numbers: str, expression: str, value: Any) -> None:
    result = session.value(f"select {expression} from {numbers}")
    assert math.isclose(result, value) if isinstance(value, float) else result == value


def test_integer_aggregates_are_bigint_and_overflow(session: Session, numbers: str) -> None:
    types = session.run(
        f"select pg_typeof(avg(i))::text, pg_typeof(sum(i::bigint))::text, pg_typeof(stddev(d))::text from {numbers}"
    )
    assert types == [("bigint", "bigint", "double precision")]
    assert session.refusal(f"select sum(i * 4611686018427387904) from {numbers}") == "bigint out of range"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("min(b)", "function min(boolean) does not exist"),
        ("max(b)", "function max(boolean) does not exist"),
        ("listagg(repeat(t, 30000), '')", "Result size exceeds LISTAGG limit"),
    ],
)
def test_an_aggregate_is_refused_in_redshifts_words(
    session: Session, numbers: str, expression: str, words: str
) -> None:
    assert session.refusal(f"select {expression} from {numbers}") == words


def test_top_minus_and_qualify_select_what_they_should(session: Session, numbers: str) -> None:
    assert session.run(f"select top 2 i from {numbers} order by i desc nulls last") == [(4,), (2,)]
    assert session.run(f"select i from {numbers} minus select i from {numbers} where i > 1 or i is null") == [(1,)]
    assert session.run(f"select t from {numbers} qualify row_number() over (order by i desc nulls last) = 1") == [
        ("d",)
    ]
    union = f"(select top 1 i from {numbers} order by i) union all select top 1 9 from {numbers}"
    assert sorted(session.run(union)) == [(1,), (9,)]


def test_super_takes_scalars_and_compares(session: Session) -> None:
    name = f"public.{unique('supers')}"
    session.run(
        f"create table {name} (id int, s super)",
        f"insert into {name} values (1, json_parse('{{\"b\":[1, 2],\"a\":null}}')), (2, json_parse('5')), (3, null)",
        f"insert into {name} select 4, 'text'::varchar(10)",
        f"insert into {name} select 5, true",
    )
    rows = session.run(f"select id, json_serialize(s), json_typeof(s), s::varchar from {name} order by id")
    assert rows == [
        (1, '{"b":[1,2],"a":null}', "object", '{"b":[1,2],"a":null}'),
        (2, "5", "number", "5"),
        (3, "null", None, None),
        (4, '"text"', "string", "text"),
        (5, "true", "boolean", "true"),
    ]
    session.run(f'insert into {name} values (6, json_parse(\'{{"a":null, "b":[1, 2.0]}}\'))')
    assert session.value(f"select count(distinct s) from {name}") == 4
    assert session.value(f"select count(*) from {name} a join {name} b on a.s = b.s") == 7
    assert len(session.run(f"select s from {name} group by s order by s")) == 5
    assert session.value(f"select json_serialize(max(s)) from {name}").startswith("{")
    assert session.run(f"select s::int, s::float8, s::decimal(3,1) from {name} where id = 2") == [
        (5, 5.0, Decimal("5.0"))
    ]


def test_super_keeps_a_value_as_it_was_written(session: Session) -> None:
    written = r'{"name": "x  \" y", "id": 1, "name": [1, 2.50, 1e2, {}]}'
    told = r'{"name":"x  \" y","id":1,"name":[1,2.50,1e2,{}]}'
    assert session.value(f"select json_serialize(json_parse('{written}'))") == told
    assert session.value("select json_serialize(object('z', 1, 'a', array(null, 'b')))") == '{"z":1,"a":[null,"b"]}'
    name = f"public.{unique('supers')}"
    session.run(f"create table {name} (s super)")
    assert session.refusal(f"insert into {name} values ('{{')") == "invalid input syntax for type super"


def test_a_query_in_another_database_is_refused_by_name(session: Session) -> None:
    refused = session.refusal("select * from marketing.public.anything")
    assert refused == 'cross-database reference to "marketing" is not supported by the sandbox'
    assert session.run("select count(*) from dev.pg_catalog.pg_user where usename = 'rdsdb'") == [(1,)]


def test_names_fold_in_quotes_too_unless_the_session_is_case_sensitive(warehouse: Warehouse) -> None:
    schema = unique("Case").lower()
    with warehouse.session() as session:
        session.run(f"create schema {schema}", f'create table {schema}."Mixed Case" ("Id" int)')
        assert session.run(f'select "ID" from {schema}."MIXED case"') == []
        session.run("set enable_case_sensitive_identifier to true", f'create table {schema}."Mixed Case" ("Id" int)')
        assert session.columns(f'select * from {schema}."Mixed Case"') == ["Id"]
        session.run("set enable_case_sensitive_identifier to false")
        assert session.columns(f'select * from {schema}."Mixed Case"') == ["id"]


def test_a_merge_updates_and_inserts(session: Session) -> None:
    name = f"public.{unique('merged')}"
    session.run(
        f"create table {name} (id int, v varchar(5))",
        f"insert into {name} values (1, 'old')",
        f"merge into {name} using (select 1 as id, 'new' as v union all select 2, 'two') s on {name}.id = s.id"
        " when matched then update set v = s.v when not matched then insert values (s.id, s.v)",
    )
    assert session.run(f"select id, v from {name} order by id") == [(1, "new"), (2, "two")]


def test_an_identity_column_counts_and_cannot_be_set(session: Session) -> None:
    name = f"public.{unique('counted')}"
    session.run(f"create table {name} (id bigint identity(0, 5), v int)", f"insert into {name} (v) values (1), (2)")
    assert session.run(f"select id from {name} order by v") == [(0,), (5,)]
    assert session.refusal(f"insert into {name} (id, v) values (9, 9)") == "cannot set an identity column to a value"


def test_a_column_without_a_name_gets_that_of_redshifts_function(session: Session, numbers: str) -> None:
    assert session.columns("select '{}'::super, array(1), object('a', 1), nvl(1, 2), sysdate, 'a'::varbyte(1)") == [
        "super", "array", "object", "coalesce", "sysdate", "varbyte",
    ]  # fmt: skip
    assert session.columns(f"select hll(i), median(i), listagg(t) from {numbers}") == ["hll", "median", "listagg"]


def test_the_engines_own_parameters_have_redshifts_values(session: Session) -> None:
    assert session.run(
        "show server_version", "select current_setting('server_version'), current_setting('query_group')"
    ) == [("8.0.2", "default")]
    superuser = session.value("select usesuper from pg_user where usename = current_user")
    assert session.value("show is_superuser") == ("on" if superuser else "off")
    assert session.value("show session_authorization") == session.value("select current_user")


def test_what_the_sandbox_lacks_is_refused_by_name(session: Session, numbers: str) -> None:
    window = "over (order by i rows unbounded preceding)"
    for call in (f"first_value(i ignore nulls) {window}", f"lag(i) ignore nulls {window}"):
        assert session.refusal(f"select {call} from {numbers}") == "IGNORE NULLS is not supported by the sandbox"
    assert session.run(f"select first_value(i) respect nulls {window} from {numbers} limit 1") == [(1,)]
    for name in ("stv_recents", "pg_catalog.sys_load_history"):
        words = f"the system view {name.rpartition('.')[2]} is not supported by the sandbox"
        assert session.refusal(f"select * from {name}") == words
    assert session.refusal("select * from public.sys_mine") == 'relation "public.sys_mine" does not exist'


def test_the_body_of_a_procedure_is_redshifts_too(session: Session, numbers: str) -> None:
    name = f"public.{unique('proc')}"
    body = f"""
    declare
        found varchar(max) := nvl(null, 'none');  -- said; so far
        one record;
    begin
        drop table if exists {name}_t;
        create table {name}_t (i int encode az64, t varchar(3)) distkey(i) sortkey(t);
        for one in select top 2 i, case when i = 1 then nvl(t, 'x') else 'y' end as t from {numbers} where i > 0 order by i loop
            insert into {name}_t values (one.i, one.t);
        end loop;
        if n > 1 then create table {name}_u diststyle all as select 1 as u; else delete {name}_t where i = 1; end if;
        select listagg(t, '+') within group (order by i) into found from {name}_t;
        answer := decode(n, 1, 'one:', 'more:') || found;
    end;
    """
    session.run(f"create procedure {name}(n int, answer inout varchar(max)) as $$ {body} $$ language plpgsql")
    assert session.run(f"call {name}(1, '')") == [("one:y",)]
    assert session.run(f"call {name}(2, '')") == [("more:a+y",)]
    table = f"{name}_t".split(".")[1]
    assert session.run(f"select distkey, sortkey from pg_table_def where tablename = '{table}'") == [
        (True, 0),
        (False, 1),
    ]
    assert session.refusal("create procedure p() as $$ begin unload ('x') to 's3://b'; end $$ language plpgsql") == (
        "UNLOAD is not supported by the sandbox"
    )


def test_an_error_keeps_its_sqlstate(session: Session) -> None:
    with pytest.raises(SqlError) as error:
        session.run("select * from no_such_table")
    assert (error.value.sqlstate, str(error.value)) == ("42P01", 'relation "no_such_table" does not exist')
