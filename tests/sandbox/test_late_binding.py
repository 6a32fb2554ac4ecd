"""Late-binding views: created without their base relations and resolved when they are read."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import LAST_RESORT
from tests.sandbox.warehouse import Session, Warehouse, unique


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.session() as session:
        session.run(f"create schema {unique('late')}")
        yield session


@pytest.fixture
def schema(session: Session) -> str:
    name = unique("late")
    session.run(f"create schema {name}")
    return name


def late(session: Session, schema: str) -> list[tuple[str, ...]]:
    return session.run(
        "select view_name, col_name, col_type from pg_get_late_binding_view_cols()"
        f" cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)"
        f" where view_schema = '{schema}' order by view_name, col_num"
    )


def test_it_can_be_created_before_its_base(session: Session, schema: str) -> None:
    session.run(f"create view {schema}.v as select a, b from {schema}.t with no schema binding")
    assert session.refusal(f"select * from {schema}.v") == f'relation "{schema}.t" does not exist'
    assert late(session, schema) == []
    session.run(f"create table {schema}.t (a int, b varchar(3))", f"insert into {schema}.t values (1, 'x')")
    assert session.run(f"select b from {schema}.v") == [("x",)]
    assert late(session, schema) == [("v", "a", "integer"), ("v", "b", "character varying(3)")]


def test_its_base_can_be_dropped_and_created_with_other_columns(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.t (a int)", f"create view {schema}.v as select * from {schema}.t with no schema binding",
        f"create view {schema}.w as select * from {schema}.v with no schema binding", f"comment on view {schema}.w is 'kept'",
    )  # fmt: skip
    number = session.value(f"select oid from pg_class where relname = 'w' and relnamespace = '{schema}'::regnamespace")
    session.run(f"drop table {schema}.t")
    assert session.refusal(f"select * from {schema}.w") == f'relation "{schema}.t" does not exist'
    session.run(f"create table {schema}.t (z varchar(9), a bigint)", f"insert into {schema}.t values ('q', 5)")
    assert session.run(f"select * from {schema}.w") == [("q", 5)]
    assert late(session, schema)[2:] == [("w", "z", "character varying(9)"), ("w", "a", "bigint")]
    assert (
        session.value(f"select oid from pg_class where relname = 'w' and relnamespace = '{schema}'::regnamespace")
        == number
    )
    assert (
        session.value(f"select remarks from svv_tables where table_schema = '{schema}' and table_name = 'w'") == "kept"
    )


def test_it_follows_a_swap_by_renames(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.t as select 'old' as a", f"create view {schema}.v as select a from {schema}.t with no schema binding",
        f"create table {schema}.t__tmp as select 'new' as a", f"alter table {schema}.t rename to t__backup",
    )  # fmt: skip
    assert session.refusal(f"select * from {schema}.v") == f'relation "{schema}.t" does not exist'
    session.run(f"alter table {schema}.t__tmp rename to t")
    assert session.run(f"select * from {schema}.v") == [("new",)]
    session.run(f"drop table {schema}.t__backup")
    assert session.run(f"select * from {schema}.v") == [("new",)]


def test_a_lost_column_shows_when_it_is_read(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.t (a int, b int)",
        f"create view {schema}.v as select a, b from {schema}.t with no schema binding",
    )
    session.run(f"alter table {schema}.t drop column b")
    assert session.refusal(f"select a from {schema}.v") == 'column "b" does not exist'
    session.run(f"alter table {schema}.t add b varchar(2)")
    assert session.run(f"select a from {schema}.v") == []


def test_it_can_be_replaced_by_itself_and_by_an_ordinary_view(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.t (a int)", f"create view {schema}.v as select a from {schema}.t with no schema binding",
        f"create or replace view {schema}.v as select 'x'::varchar(1) as c, a from {schema}.t with no schema binding",
    )  # fmt: skip
    assert [row[1] for row in late(session, schema)] == ["c", "a"]
    session.run(f"create or replace view {schema}.v as select 'x'::varchar(1) as c, a from {schema}.t")
    assert late(session, schema) == []
    assert session.refusal(f"drop table {schema}.t").startswith("cannot drop table")


def test_a_rollback_undoes_the_binding(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.t (a int)", f"create view {schema}.v as select a from {schema}.t with no schema binding"
    )
    session.run("begin", f"drop table {schema}.t", "rollback")
    assert session.run(f"select * from {schema}.v") == []


def test_it_can_be_dropped_like_any_view(session: Session, schema: str) -> None:
    session.run(f"create view {schema}.v as select a from {schema}.t with no schema binding", f"drop view {schema}.v")
    assert session.run(f"select 1 from svv_tables where table_schema = '{schema}'") == []


def test_it_needs_qualified_names(session: Session, schema: str) -> None:
    refused = session.refusal(
        f"create view {schema}.v as with c as (select 1) select * from c, t with no schema binding"
    )
    assert refused == "All the relation names inside should be qualified when creating views with no schema binding."
    session.run(f"create view {schema}.v as with c as (select 1 as a) select * from c, pg_user with no schema binding")


def test_sessions_that_change_its_bases_at_once_do_not_fail_each_other(
    warehouse: Warehouse, session: Session, schema: str
) -> None:
    bases = [f"{schema}.t{number}" for number in range(3)]
    session.run(
        *[f"create table {base} as select {number} as a" for number, base in enumerate(bases)],
        f"create view {schema}.v as {' union all '.join(f'select a from {base}' for base in bases)} with no schema binding",
        f"create view {schema}.broken as select a from {schema}.never with no schema binding",
    )

    def rebuild(base: str) -> None:
        with warehouse.session() as own:
            for turn in range(3):
                own.run("begin", f"create table {base}_tmp as select {turn} as a", f"alter table {base} rename to {base.split('.')[1]}_old",
                        f"alter table {base}_tmp rename to {base.split('.')[1]}", f"drop table {base}_old", "commit")  # fmt: skip

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(rebuild, bases))
    assert session.run(f"select * from {schema}.v") == [(2,), (2,), (2,)]
    assert session.refusal(f"select * from {schema}.broken") == f'relation "{schema}.never" does not exist'


def test_an_unbound_view_blocks_no_other_session(warehouse: Warehouse, session: Session, schema: str) -> None:
    session.run(f"create view {schema}.v as select a from {schema}.never with no schema binding")
    session.run("begin", f"create table {schema}.slow (a int)")
    with warehouse.session() as other:
        other.run(f"set statement_timeout to {LAST_RESORT * 1000}", f"create table {schema}.quick (a int)")
    session.run("commit")
