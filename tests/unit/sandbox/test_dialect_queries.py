"""Queries: unchanged, rewritten for the engine, or refused."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

import pytest

from wharfinger_sandbox.dialect import Context, Refused, translate

CONTEXT = Context(database="dev", user="awsuser", superuser=True)

UNTOUCHED = [
    "select 1",
    "SELECT a, b FROM s.t WHERE a > 1 ORDER BY b LIMIT 10;",
    'select "a b", "c" from "s"."t" -- a comment',
    "select count(*), max(x)::varchar(40), 'it''s' || \"y\" from s.t group by 1 having count(*) > 2",
    "with x as (select 1 as a) select * from x union all select 2",
    "select cast(a as decimal(38, 4)) from t where b like '%\\\\_%' and c between 1 and 2",
    "select case when a is null then 0 else 1 end, coalesce(b, 'x'), row_number() over (partition by c order by d) from t",
    "select date_trunc('month', d), extract(year from d), to_char(d, 'YYYY') from t",
]

REWRITTEN = [
    ("select nvl(a, b, 'x') from t", "select coalesce(a, b, 'x') from t"),
    ("select isnull(a, 0) from t where b isnull", "select coalesce(a, 0) from t where b isnull"),
    ("select nvl2(x[f(1, 2)], b, c)", "select case when (x[f(1, 2)]) is not null then b else c end"),
    ("select nvl2(array[1, 2], b, c)", "select case when (array[1, 2]) is not null then b else c end"),
    ("select NVL2(a, b, c)", "select case when (a) is not null then b else c end"),
    (
        "select decode(a, 1, 'x', null, 'y', 'z')",
        "select case when (a) is not distinct from (1) then 'x' when (a) is not distinct from (null) then 'y' else 'z' end",
    ),
    ("select decode(a, 1, 'x')", "select case when (a) is not distinct from (1) then 'x' end"),
    ("select convert(integer, a)", "select cast(a as integer)"),
    ("select dateadd(month, 1, d)", "select pg_catalog.dateadd('month', 1, d)"),
    ("select dateadd('day', -1, '2020-01-01')", "select pg_catalog.dateadd('day', -1, '2020-01-01'::timestamp)"),
    ("select datediff(week, a, nvl(b, c))", "select pg_catalog.datediff('week', a, coalesce(b, c))"),
    ("select datediff(day, '2020-01-01', d)", "select pg_catalog.datediff('day', '2020-01-01', d)"),
    ("select date_part(dow, d)", "select pg_catalog.date_part('dow', d)"),
    ("select sysdate, t.sysdate from t", "select pg_catalog.sysdate(), t.sysdate from t"),
    ("select current_user_id", "select pg_catalog.current_user_id()"),
    ("select approximate count(distinct a) from t", "select  count(distinct a) from t"),
    ("select hll(a) from t", "select pg_catalog.hll(count(distinct a)) from t"),
    ("select median(a) from t", "select pg_catalog.median(percentile_cont(0.5) within group (order by a)) from t"),
    (
        "select listagg(a, ', ') within group (order by b desc) from t",
        "select pg_catalog.listagg(string_agg(nullif((a)::text, ''), ', ' order by b desc)) from t",
    ),
    ("select listagg(a) from t", "select pg_catalog.listagg(string_agg(nullif((a)::text, ''), '')) from t"),
    (
        "select listagg(distinct a, ',') within group (order by a desc) from t",
        "select pg_catalog.listagg(string_agg(distinct nullif((a)::text, ''), ','"
        " order by nullif((a)::text, '') desc)) from t",
    ),
    ("select array(1, 'a')", "select pg_catalog.array(json_build_array(1, 'a'))"),
    ("select object('a', 1)", "select pg_catalog.object(json_build_object('a', 1))"),
    ("select json_serialize(s) from t", "select pg_catalog.json_serialize(s) from t"),
    ("select 'x'::super", "select 'x'::text::super"),
    ("select a::varchar(max), b::varbyte(10)", "select a::varchar(65535), b::pg_catalog.varbyte(10)"),
    ("select a::varchar (MAX) from t", "select a::varchar(65535) from t"),
    ("select e'\\'', \"Ab\", 'x'", "select e'\\'', \"ab\", 'x'"),
    ("select a from t minus (select b from u)", "select a from t except (select b from u)"),
    ("select a from t union select top 2 b from u", "select a from t union (select b from u limit 2)"),
    ("select lag(a) respect nulls over (order by b) from t", "select lag(a)  over (order by b) from t"),
    ("select a from t minus select b from u", "select a from t except select b from u"),
    ("select top 5 a from t order by a", "select a from t order by a limit 5"),
    (
        "select top 1 a from t union all (select top 2 b from u)",
        "(select a from t limit 1) union all (select b from u limit 2)",
    ),
    ('select 1 as "Total Count", "A""B" from "T"', 'select 1 as "total count", "a""b" from "t"'),
    ("select relname from pg_class", 'select relname from pg_catalog.wf_class as "pg_class"'),
    ("select case 1 when 2 then 3.5when 4 then 1 end", "select case 1 when 2 then 3.5 when 4 then 1 end"),
    (
        "select c.relname, pg_class.oid from pg_catalog.pg_class c join pg_class on true",
        'select c.relname, pg_class.oid from pg_catalog.wf_class c join pg_catalog.wf_class as "pg_class" on true',
    ),
    (
        'select "column_name" from information_schema."columns" where table_name = \'x\'',
        'select "column_name" from pg_catalog.wf_information_schema_columns as "columns" where table_name = \'x\'',
    ),
    (
        "select information_schema.tables.table_name from information_schema.tables",
        'select "tables".table_name from pg_catalog.wf_information_schema_tables as "tables"',
    ),
    (
        "select * from pg_get_late_binding_view_cols() cols(view_schema name, n varchar(10), c int)",
        "select * from pg_get_late_binding_view_cols() cols(view_schema, n, c)",
    ),
    (
        "select has_table_privilege('t', 'select') from pg_user",
        "select has_table_privilege('t', 'select') from pg_user",
    ),
    (
        "insert into t select a from u join pg_class c on c.relname = u.a",
        "insert into t select a from u join pg_catalog.wf_class c on c.relname = u.a",
    ),
    ("insert into pg_stuff select usename from s.pg_people", "insert into pg_stuff select usename from s.pg_people"),
    ("select nvl(/* why */ a, 'nvl(x)') -- nvl(", "select coalesce(/* why */ a, 'nvl(x)') -- nvl("),
]

LEADER = "Specified types or functions (one per INFO message) not supported on Redshift tables"

REFUSED = [
    ("select now() from s.t", "0A000", LEADER),
    ("select current_timestamp, a from s.t", "0A000", LEADER),
    ("select current_schema() from (select * from u) x", "0A000", LEADER),
    ("select * from svv_tables where has_table_privilege(table_name, 'select')", "0A000", LEADER),
    ("select generate_series(1, 3), a from t", "0A000", LEADER),
    ("with x as (select now() as n) select * from x, t", "0A000", LEADER),
    ("select array[1, a] from t", "0A000", LEADER),
    ("select relname from pg_class, t where relkind = any (array['r'])", "0A000", LEADER),
    ("select a::int[] from t", "0A000", LEADER),
    ("insert into t select relname from pg_class", "0A000", LEADER),
    ("insert into t (a) with x as (select table_name as n from information_schema.tables) select n from x", "0A000", LEADER),
    ("select string_agg(a, ',') from t", "42883", "function string_agg does not exist"),
    ("select array_agg(a) from t", "42883", "function array_agg does not exist"),
    ("select obj_description(oid), a from pg_class, t", "0A000", LEADER),
    ("select distinct on (a) a from t", "0A000", "SELECT DISTINCT ON is not supported"),
    ("select count(*) filter (where a > 1) from t", "42601", 'syntax error at or near "("'),
    ("select a is distinct from b from t", "42601", 'syntax error at or near "distinct"'),
    ("select * from t tablesample system (1)", "42601", 'syntax error at or near "tablesample"'),
    ("select * from t pivot (sum(a) for b in (1, 2))", "0A000", "PIVOT and UNPIVOT is not supported by the sandbox"),
    ("select * from a, b where a.x = b.x(+)", "0A000", "The outer join sign (+) is not supported by the sandbox"),
    ("select listagg(a) over (partition by b) from t", "0A000", "LISTAGG as a window function is not supported by the sandbox"),
    ("select * from pg_internal.wf_query", "42501", "permission denied for schema pg_internal"),
    (f"select 1 as {'a' * 64}", "42622", "has 64 bytes"),
    (f'select 1 as "{"é" * 32}"', "42622", "has 64 bytes"),
    ("select checksum(a) from t", "0A000", "The function CHECKSUM is not supported by the sandbox"),
    ("select listagg() from t", "42883", "function listagg takes an expression and a delimiter"),
    ("select listagg(distinct a) within group (order by b) from t", "0A000", "LISTAGG DISTINCT ordered by something other"),
    ("select dateadd()", "42883", "function dateadd() does not exist"),
    ("select nvl2(1, 2)", "42883", "function nvl2 takes 3 arguments"),
    ("select listagg(table_name) from information_schema.tables", "0A000", "must be applied on at least one user created tables"),
    ("select listagg(relname) from pg_class", "0A000", "must be applied on at least one user created tables"),
    ("select a, count(*) from t qualify row_number() over (order by a) = 1 and", "0A000", "QUALIFY"),
    ("select * from t qualify row_number() over (order by a) = 1", "0A000", "QUALIFY with SELECT *"),
]  # fmt: skip


@pytest.mark.parametrize("sql", UNTOUCHED)
def test_a_query_without_redshift_words_passes_letter_by_letter(sql: str) -> None:
    translation = translate(sql, CONTEXT)
    assert (translation.sql, translation.kind) == (sql, "select")


@pytest.mark.parametrize(("sql", "expected"), REWRITTEN)
def test_a_redshift_spelling_becomes_the_engines(sql: str, expected: str) -> None:
    assert translate(sql, CONTEXT).sql == expected


@pytest.mark.parametrize(("sql", "sqlstate", "words"), REFUSED)
def test_what_redshift_refuses_or_the_sandbox_lacks_is_refused(sql: str, sqlstate: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        translate(sql, CONTEXT)
    assert refused.value.sqlstate == sqlstate
    assert words in refused.value.message


@pytest.mark.parametrize(
    "sql",
    [
        "select now()",
        "select current_schema(), usename from pg_user",
        "select now() from information_schema.tables",
        "-- a comment\nselect 1",
        "/* a comment */ (select 1)",
        "-- one\n((select 1))",
        "select has_schema_privilege('x', n.nspname, 'usage') from pg_catalog.pg_namespace n",
        "with x as (select now() as n) select * from x",
        "select generate_series(1, 3)",
        "select extract(epoch from now())",
        "select t.now, t.age from s.t",
    ],
)
def test_leader_functions_run_without_a_table(sql: str) -> None:
    assert translate(sql, CONTEXT).kind == "select"


def test_names_keep_their_case_in_a_case_sensitive_session() -> None:
    sensitive = CONTEXT.after(translate("set enable_case_sensitive_identifier to true", CONTEXT))
    assert translate('select nvl("Aa", B) as "X"', sensitive).sql == 'select coalesce("Aa", B) as "X"'
    back = sensitive.after(translate("reset enable_case_sensitive_identifier", sensitive))
    assert translate('select "Aa"', back).sql == 'select "aa"'


def test_qualify_becomes_a_condition_on_a_subquery() -> None:
    sql = translate("select a, b from t qualify row_number() over (partition by a order by b) = 1", CONTEXT).sql
    assert "qualify" not in sql.lower()
    assert sql.startswith("SELECT a, b FROM (SELECT")


@pytest.mark.parametrize("sql", ["select * from sys_query_history", "select 1 from pg_class c, sys_query_detail d"])
def test_a_query_of_the_history_says_so(sql: str) -> None:
    assert translate(sql, CONTEXT).reads_history
    assert not translate("select 1", CONTEXT).reads_history
