"""psycopg and libpq as clients of the wire port."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import pq
from tests.conftest import Sandbox
from tests.sandbox.front import database, engine, own

SUPER, VARBYTE = 4000, 6551


@pytest.fixture
def facts(connection: psycopg.Connection[Any], table: str) -> str:
    connection.execute(f"create table {table} (n int, doc super, raw varbyte(10))")
    connection.execute(f"insert into {table} values (1, json_parse('{{\"a\": [1, \"x  y\"]}}'), 'abc'::varbyte)")
    connection.execute(f"insert into {table} values (2, null, null)")
    return table


@pytest.mark.parametrize("how", ["simple", "extended", "prepared", "cursor", "pipeline"])
def test_redshifts_own_types_have_their_numbers_and_spelling(sandbox: Sandbox, facts: str, how: str) -> None:
    sql = f"select doc, raw, n from {facts} order by n"
    with database(sandbox, autocommit=how != "cursor") as connection:
        if how == "pipeline":
            with connection.pipeline(), connection.cursor() as cursor:
                cursor.execute(sql, [])
                rows, description = cursor.fetchall(), cursor.description
        else:
            makers: dict[str, Any] = {
                "simple": lambda: psycopg.ClientCursor(connection),
                "cursor": lambda: connection.cursor("portal"),
            }
            again: dict[str, Any] = {"prepare": True} if how == "prepared" else {}
            with makers.get(how, connection.cursor)() as cursor:
                for _ in range(2):
                    cursor.execute(sql, **again)
                    rows, description = cursor.fetchall(), cursor.description
    assert rows == [('{"a":[1,"x  y"]}', "616263", 1), (None, None, 2)]
    assert [column.type_code for column in description] == [SUPER, VARBYTE, 23]


def test_binary_results_have_them_too(connection: psycopg.Connection[Any], facts: str) -> None:
    cursor = connection.cursor(binary=True).execute(f"select doc, raw, n from {facts} where n = %s", [1])
    assert cursor.fetchall() == [(b'{"a":[1,"x  y"]}', b"abc", 1)]


def test_several_results_of_one_text_are_each_read_by_their_own_types(
    connection: psycopg.Connection[Any], facts: str
) -> None:
    answers = connection.pgconn.exec_(
        f"select n from {facts}; select doc from {facts}; select n, raw from {facts} order by 1".encode()
    )
    assert answers.status == pq.ExecStatus.TUPLES_OK
    assert [answers.get_value(0, 0), answers.get_value(0, 1)] == [b"1", b"616263"]


@pytest.mark.parametrize(
    "sql", ["copy {table} from stdin", "copy {table} to stdout", "copy {table} from 's3://bucket/key' iam_role default"]
)
def test_copy_is_refused_and_the_connection_goes_on(connection: psycopg.Connection[Any], facts: str, sql: str) -> None:
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="COPY"):
        connection.execute(sql.format(table=facts))
    assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("how", ["simple", "extended", "prepared"])
@pytest.mark.parametrize("autocommit", [True, False])
def test_an_alias_may_be_used_again_in_its_own_select(sandbox: Sandbox, facts: str, how: str, autocommit: bool) -> None:
    with database(sandbox, autocommit=autocommit) as connection:
        cursor = psycopg.ClientCursor(connection) if how == "simple" else connection.cursor()
        again: dict[str, Any] = {"prepare": True} if how == "prepared" else {}
        for _ in range(2):
            cursor.execute(f"select n * %s as m, m + 1 as k from {facts} where m > 10 order by 1", [10], **again)
            assert cursor.fetchall() == [(20, 21)]
        # A column of FROM takes priority.
        cursor.execute(f"select n * 100 as n, n + 1 as k from {facts} order by 2", **again)
        assert cursor.fetchall() == [(100, 2), (200, 3)]
        with pytest.raises(psycopg.errors.UndefinedColumn, match='column "nothing" does not exist'):
            cursor.execute(f"select n as m, nothing + m from {facts}", **again)


def test_asking_the_engine_about_aliases_leaves_no_trace(
    sandbox: Sandbox, connection: psycopg.Connection[Any], facts: str
) -> None:
    connection.autocommit = False
    connection.execute("select 1")
    own(sandbox, "DELETE", "calls")
    sql = f"select n * 10 as m, m + 1 as k from {facts}"
    connection.execute(sql)
    _, calls = own(sandbox, "GET", "calls")
    assert [one["sql"] for one in calls["statements"] if facts in one["sql"]] == [sql]
    assert connection.info.transaction_status == pq.TransactionStatus.INTRANS
    pid = connection.info.backend_pid
    connection.rollback()
    with engine(sandbox) as bare:
        assert bare.execute("select state from pg_stat_activity where pid = %s", [pid]).fetchone() == ("idle",)


def test_views_and_tables_are_made_of_queries_with_aliases(connection: psycopg.Connection[Any], facts: str) -> None:
    query = f"select n * 10 as m, m + 1 as k from {facts}"
    for head, tail in (
        ("create view {}", ""),
        ("create view {}", " with no schema binding"),
        ("create materialized view {}", ""),
        ("create table {} diststyle all", ""),
    ):
        name = f"{facts}_made"
        with connection.transaction(force_rollback=True):
            connection.execute(f"{head.format(name)} as {query}{tail}")
            assert connection.execute(f"select * from {name} order by 1").fetchall() == [(10, 11), (20, 21)]
    connection.execute(f"insert into {facts} (n) select n + 5 as m from {facts} where m > 6")
    assert connection.execute(f"select max(n) from {facts}").fetchone() == (7,)


def test_an_integer_is_a_condition_and_a_number_ends_where_a_word_begins(connection: psycopg.Connection[Any]) -> None:
    assert connection.execute("select case 1when 1then 2else 3end where 1").fetchall() == [(2,)]


def test_the_leader_node_has_arrays_and_comments(connection: psycopg.Connection[Any], facts: str) -> None:
    connection.execute(f"comment on table {facts} is 'made by a client'")
    schema, name = facts.split(".")
    asked = (
        "select obj_description(c.oid, 'pg_class'), array_to_string(array[1, 2], '-') from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where relname = %s and nspname = %s"
    )
    assert connection.execute(asked, [name, schema]).fetchall() == [("made by a client", "1-2")]


def test_keys_are_listed_as_indexes_though_nothing_is_indexed(
    connection: psycopg.Connection[Any], sandbox: Sandbox, table: str
) -> None:
    connection.execute(f"create table {table} (a int, b int, c int unique, primary key (b, a))")
    _, name = table.split(".")
    found = connection.execute(
        "select i.relname, x.indisprimary, x.indkey::text, a.attname from pg_index x"
        " join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid"
        " join pg_attribute a on a.attrelid = i.oid where t.relname = %s order by 1, a.attnum",
        [name],
    ).fetchall()
    assert found == [
        (f"{name}_c_key", False, "3", "c"), (f"{name}_pkey", True, "2 1", "b"), (f"{name}_pkey", True, "2 1", "a"),
    ]  # fmt: skip
    with engine(sandbox) as bare:
        assert bare.execute("select count(*) from pg_index where indrelid = %s::regclass", [table]).fetchone() == (0,)


def test_a_session_reports_its_user_and_database(connection: psycopg.Connection[Any]) -> None:
    assert connection.execute("show transaction isolation level").fetchone() == ("read committed",)
    assert connection.execute("show session authorization").fetchone() == ("awsuser",)
    assert connection.execute("show time zone").fetchone() == ("UTC",)
