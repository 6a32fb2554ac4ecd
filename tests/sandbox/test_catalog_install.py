"""The catalog in a database: put in again without harm, there in every new database, out of its users' reach."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

import psycopg
import pytest
from tests.sandbox.data_api import OwnEngine
from tests.sandbox.warehouse import Warehouse, unique

from wharfinger_sandbox import catalog


def test_it_can_be_installed_again_over_what_users_made(own_engine: OwnEngine, warehouse: Warehouse) -> None:
    schema = unique("kept")
    with warehouse.session() as session:
        session.run(
            f"create schema {schema}", f"create table {schema}.t (a int primary key) distkey (a)",
            f"create view {schema}.v as select usename, getdate() as g, (select avg(a) from {schema}.t) as m from pg_user",
            f"create view {schema}.l as select a from {schema}.t with no schema binding",
        )  # fmt: skip

    async def again() -> None:
        connection = await own_engine.engine.connect("dev", "rdsdb")
        try:
            await catalog.install(connection)
            await catalog.install(connection)
        finally:
            await connection.close()

    own_engine.run(again())
    with warehouse.session() as session:
        assert session.value(f"select count(*) from {schema}.v where usename = 'awsuser'") == 1
        assert session.run(f"select a from {schema}.l") == []
        assert session.run(
            f"select attname from pg_attribute where attrelid = '{schema}.t'::regclass and attisdistkey"
        ) == [("a",)]
        session.run(f"drop table {schema}.t cascade")
        assert session.refusal(f"select * from {schema}.l") == f'relation "{schema}.t" does not exist'


def test_a_new_database_has_it(warehouse: Warehouse) -> None:
    name = unique("fresh")
    with warehouse.session() as session:
        session.run(f"create database {name}")
        with warehouse.session(database=name) as there:
            there.run("create table public.t (a int distkey)", "insert into public.t values (1)")
            assert there.run("select table_name from svv_all_tables where database_name = current_database()") == [
                ("t",)
            ]
            assert there.value("select nvl(null, getdate()) is not null") is True
        session.run(f"drop database {name}")


@pytest.mark.parametrize(
    "sql",
    [
        "select pg_internal.wf_login('awsuser')",
        "select * from pg_internal.wf_query",
        "select rolpassword from pg_authid",
        "select pg_internal.wf_link(10, 10, true)",
        "select pg_internal.wf_set_properties('awsuser'::regrole, '{}')",
        "select pg_internal.wf_set_superuser('u'::regrole, true)",
        "select pg_catalog.wf_record('pg_class'::regclass, '{\"diststyle\": \"all\"}')",
        "select pg_catalog.wf_bind_late('pg_catalog.pg_user'::regclass, 'as select 1')",
        "select pg_catalog.wf_drop_as_owner('view', 'pg_catalog.pg_user'::regclass, true)",
        "select pg_catalog.wf_change_owner_of('schema', 'public', 'awsuser')",
        'call pg_catalog.wf_create_user(\'{"name": "x"}\')',
        "call pg_internal.wf_ensure_iam_user('IAM:x', true)",
        "set role wf_superuser",
        "grant wf_superuser to current_user",
    ],
)
def test_its_own_procedures_give_nobody_a_right(warehouse: Warehouse, sql: str) -> None:
    """Asked below the dialect, as somebody would who knows them."""
    user = unique("sly")
    with warehouse.session() as admin:
        admin.run(f"create user {user} password 'Abcdef12'")
    with warehouse.session(user) as session:
        with pytest.raises(psycopg.Error) as refused:
            session.connection.execute(sql.encode())
        assert refused.value.sqlstate in ("42501", "42704", "0LP01"), refused.value
        assert session.connection.execute("select pg_has_role('wf_superuser', 'member')").fetchall() == [(False,)]


def test_a_foreign_key_is_found_by_the_search_path(warehouse: Warehouse) -> None:
    schema = unique("path")
    with warehouse.session() as session:
        session.run(
            f"create schema {schema}", f"set search_path to {schema}", "create table p (id int primary key)",
            "create table c (id int references p)", "create temp table q (id int, foreign key (id) references p (id))",
        )  # fmt: skip
        found = session.run(
            "select conname, confrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = 'p'::regclass order by 1"
        )
        assert found == [("c_id_fkey", "p"), ("q_id_fkey", "p")]
        assert session.refusal("create table d (id int references nothing)") == 'relation "nothing" does not exist'
