"""Several databases: what a view of all of them shows, SHOW with its limits, when a table changed, what ran."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest
from tests.sandbox.data_api import OwnEngine
from tests.sandbox.warehouse import Session, Warehouse, unique

from wharfinger_sandbox.catalog import Watch


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.session() as session:
        yield session


@pytest.fixture
def other(session: Session) -> Iterator[str]:
    """A database of its own, dropped at the end; its name is hostile to shells and SQL."""
    name = unique('we\'ird $(db) \\ "x" ;')
    quoted = '"' + name.replace('"', '""') + '"'
    session.run(f"create database {quoted}")
    yield name
    session.run(f"drop database {quoted}")


def test_databases_are_listed_with_their_owner(session: Session, other: str) -> None:
    rows = session.run("select database_name, database_type from svv_redshift_databases")
    assert {("dev", "local"), ("marketing", "local"), (other, "local")} <= set(rows)
    assert other in [row[0] for row in session.run("show databases")]
    assert [row[0] for row in session.run("show databases like 'mark%'")] == ["marketing"]
    assert session.run("show databases limit 0") == []


def test_a_database_of_any_name_answers_for_its_tables(warehouse: Warehouse, session: Session, other: str) -> None:
    with warehouse.session(database=other) as there:
        there.run("create schema \"s'1\"", "create table \"s'1\".\"t \\1\" (\"c\"\"1\" int not null)",
                  "comment on table \"s'1\".\"t \\1\" is 'line\none'")  # fmt: skip
    escaped = other.replace("'", "''")
    found = session.run(
        f"select schema_name, table_name, remarks from svv_all_tables where database_name = '{escaped}'"
    )
    assert found == [("s'1", "t \\1", "line\none")]
    found = session.run(
        f"select table_name, column_name, is_nullable from svv_redshift_columns where database_name = '{escaped}'"
    )
    assert found == [("t \\1", 'c"1', "no")]
    quoted = '"' + other.replace('"', '""') + '"'
    assert [row[2] for row in session.run(f'show tables from schema {quoted}."s\'1"')] == ["t \\1"]
    assert [row[3] for row in session.run(f'show columns from table {quoted}."s\'1"."t \\1"')] == ['c"1']


def test_other_databases_answer_inside_a_read_only_transaction(session: Session) -> None:
    session.run("begin read only")
    assert session.value("select count(*) > 0 from svv_all_schemas where database_name = 'marketing'") is True
    assert session.run("show tables from schema marketing.public") is not None
    session.run("rollback")


def test_rights_count_in_other_databases_too(warehouse: Warehouse, session: Session) -> None:
    user, schema = unique("u"), unique("s")
    session.run(f"create user {user} password 'Abcdef12'")
    with warehouse.session(database="marketing") as there:
        there.run(f"create schema {schema}", f"create table {schema}.seen (a int)", f"create table {schema}.hidden (a int)",
                  f"grant usage on schema {schema} to {user}", f"grant select on {schema}.seen to {user}")  # fmt: skip
    with warehouse.session(user) as guest:
        assert guest.run(f"select table_name from svv_all_tables where schema_name = '{schema}'") == [("seen",)]
        assert [row[2] for row in guest.run(f"show tables from schema marketing.{schema}")] == ["seen"]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("show schemas from database nowhere", 'database "nowhere" does not exist'),
        ("show functions from schema nowhere", 'schema "nowhere" does not exist'),
        ("show columns from table public.nothing", 'relation "public.nothing" does not exist'),
        ("show grants on table nothing", 'relation "nothing" does not exist'),
    ],
)
def test_show_of_nothing_is_an_error(session: Session, sql: str, words: str) -> None:
    assert session.refusal(sql) == words


def test_a_schema_that_does_not_exist_has_no_tables(session: Session) -> None:
    assert session.run("show tables from schema dev.nowhere") == []


def test_show_is_filtered_by_case_sensitive_like_and_limit(session: Session) -> None:
    schema = unique("shown")
    session.run(
        f"create schema {schema}", *[f"create table {schema}.{name} (a int)" for name in ("alpha", "beta", "b_x")]
    )
    assert [row[2] for row in session.run(f"show tables from schema {schema} like 'b%'")] == ["b_x", "beta"]
    assert session.run(f"show tables from schema {schema} like 'B%'") == []
    assert [row[2] for row in session.run(f"show tables from schema {schema} limit 1")] == ["alpha"]
    assert session.columns(f"show tables from schema {schema}") == [
        "database_name", "schema_name", "table_name", "table_type", "table_acl", "remarks", "owner", "last_altered_time",
        "last_modified_time", "dist_style", "table_subtype",
    ]  # fmt: skip
    assert session.columns(f"show columns from table {schema}.alpha")[-5:] == [
        "sort_key_type", "sort_key", "dist_key", "encoding", "collation",
    ]  # fmt: skip


@pytest.mark.slow
def test_more_than_ten_thousand_tables_are_too_many_to_show(warehouse: Warehouse, session: Session) -> None:
    schema = unique("crowd")
    with warehouse.engine() as engine:
        engine.execute(f"create schema {schema}".encode())
        engine.execute(
            f"do $$ begin for i in 1..10001 loop execute format('create table {schema}.t%s (a int)', i); end loop; end $$".encode()
        )
    assert "more than 10000 rows" in session.refusal(f"show tables from schema {schema}")
    assert len(session.run(f"show tables from schema {schema} limit 10000")) == 10000
    session.run(f"drop schema {schema} cascade")


def modified(session: Session, schema: str) -> datetime:
    (row,) = session.run(f"show tables from schema {schema}")
    moment = row[8]
    assert isinstance(moment, datetime)
    return moment


def test_a_change_of_rows_shows_in_last_modified_time_and_nothing_else_does(
    warehouse: Warehouse, session: Session
) -> None:
    schema = unique("changing")
    with warehouse.engine() as engine:
        engine.execute("select pg_internal.wf_set_modified_lag(0)")
    session.run(f"create schema {schema}", f"create table {schema}.t (a int)", "select pg_stat_force_next_flush()")
    first = modified(session, schema)
    session.run(f"select count(*) from {schema}.t", "select pg_stat_force_next_flush()")
    assert modified(session, schema) == first
    for change in (f"insert into {schema}.t values (1)", f"update {schema}.t set a = 2", f"truncate {schema}.t"):
        session.run(change, "select pg_stat_force_next_flush()")
        second = modified(session, schema)
        assert second > first, change
        assert modified(session, schema) == second, "looking again must not look like a change"
        first = second


def test_a_change_shows_after_the_lag_only(warehouse: Warehouse, session: Session) -> None:
    schema = unique("lagging")
    with warehouse.engine() as engine:
        engine.execute("select pg_internal.wf_set_modified_lag(3600)")
        session.run(f"create schema {schema}", f"create table {schema}.t (a int)", f"insert into {schema}.t values (1)",
                    "select pg_stat_force_next_flush()")  # fmt: skip
        before = modified(session, schema)
        engine.execute(
            "update pg_internal.wf_modified set seen = seen - interval '2 hours' where relid = %s::regclass",
            [f"{schema}.t"],
        )
        engine.execute(
            "update pg_internal.wf_relation set created = created - interval '3 hours' where relid = %s::regclass",
            [f"{schema}.t"],
        )
        after = modified(session, schema)
        engine.execute("select pg_internal.wf_set_modified_lag(0)")
    assert after < before, "the change is from two hours ago now, later than the table itself"
    assert (before - after).total_seconds() < 3 * 3600


def test_the_watch_notices_changes_and_settles_what_was_loaded(own_engine: OwnEngine, session: Session) -> None:
    schema = unique("watched")
    session.run(
        f"create schema {schema}", f"create table {schema}.t as select 1 as a", "select pg_stat_force_next_flush()"
    )

    async def watched() -> tuple[int, int]:
        watch = Watch(own_engine.engine, lag_seconds=0)
        await watch.start()
        try:
            quiet = await watch.tick()
            await asyncio.to_thread(
                session.run, f"insert into {schema}.t values (2)", "select pg_stat_force_next_flush()"
            )
            return quiet, await watch.tick()
        finally:
            await watch.stop()

    created = modified(session, schema)
    quiet, noticed = own_engine.run(watched())
    assert quiet == 0
    assert noticed >= 1 or modified(session, schema) > created


def test_what_ran_is_read_by_its_user_and_by_those_who_may_see_all(warehouse: Warehouse, session: Session) -> None:
    user, table = unique("u"), unique("t")
    session.run(f"create user {user} password 'Abcdef12'", f"create table public.{table} (a int)")
    with warehouse.engine() as engine:
        for number, name in ((1, user), (2, "awsuser")):
            engine.execute(
                "insert into pg_internal.wf_query (query_id, user_name, session_id, kind, status, start_time, end_time, query_text,"
                " table_id, steps, rows, returned_rows) overriding system value values (%s, %s, 1, 'INSERT', 'success', now(),"
                " now() + interval '2 s', 'insert', %s::regclass, '{insert}', 7, 0)",
                [10**9 + int(table.split("_")[-1]) * 10 + number, name, f"public.{table}"],
            )
    steps = f"select distinct user_id, step_name, trim(table_name), output_rows from sys_query_detail where table_id = 'public.{table}'::regclass::oid::int"
    with warehouse.session(user) as guest:
        me = guest.value(f"select usesysid from pg_user where usename = '{user}'")
        assert guest.run(steps) == [(me, "insert", f"dev.public.{table}", 7)]
        assert guest.run(
            f"select trim(query_type), trim(status), elapsed_time from sys_query_history where user_id = {me}"
        ) == [("INSERT", "success", 2000000)]
        assert guest.run(f"select tbl = 'public.{table}'::regclass::oid::int, rows from stl_insert") == [(True, 7)]
    assert len(session.run(steps)) == 2
    with warehouse.session(database="marketing") as there:
        assert there.value(f"select count(*) from sys_query_history where user_id = {me}") == 1
