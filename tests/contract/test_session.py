"""What `core.session.Session` promises, for every door: the Data API with each sign-in, and the wire."""

from __future__ import annotations

import gc
import json
import math
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.contract.doors import USERS, Door, OpenDoor, in_a_thread

from wharfinger.core.batches import MAX_STATEMENT_BYTES
from wharfinger.core.errors import Failed, Invalid, NotFound, Refused
from wharfinger.core.secret import Secret
from wharfinger.core.session import Statement, Stopped, Usage

VALUES: list[tuple[str, object]] = [
    ("1::smallint", 1),
    ("-2147483648::bigint", -2147483648),
    ("9223372036854775807::bigint", 2**63 - 1),
    ("1.25::real", 1.25),
    ("0.1::real", 0.1),
    ("0.1::float8", 0.1),
    ("1::float8 / 3", 1 / 3),
    ("'infinity'::float8", math.inf),
    ("true", True),
    ("false", False),
    ("null::varchar(10)", None),
    ("null::integer", None),
    ("null::float8", None),
    ("null::timestamp", None),
    ("''::varchar(10)", ""),
    ("' '::varchar(10)", " "),
    ("'x'::char(3)", "x  "),
    ("1.50::numeric(10,2)", "1.50"),
    ("1234567890123456789012345678.0123456789::numeric(38,10)", "1234567890123456789012345678.0123456789"),
    ("date '2026-02-28'", "2026-02-28"),
    ("date '9999-12-31'", "9999-12-31"),
    ("date '12026-01-01'", "12026-01-01"),
    ("timestamp '2022-02-22 00:00:00'", "2022-02-22 00:00:00"),
    ("timestamp '2020-08-21 17:33:51.887120'", "2020-08-21 17:33:51.88712"),
    ("timestamp '12026-01-01 10:00:00'", "12026-01-01 10:00:00"),
    ("timestamptz '2022-02-22 12:00:00+02'", "2022-02-22 10:00:00+00"),
    ("time '12:34:56'", "12:34:56"),
    ("'abc'::varbyte", b"abc"),
    ("'quoted '' and \\ and \"'::varchar(30)", "quoted ' and \\ and \""),
    ("'käse 東京 🙂'::varchar(40)", "käse 東京 🙂"),
    ("E'two\\nlines'::varchar(40)", "two\nlines"),
]


@pytest.fixture
def table(door: Door) -> str:
    """An empty table for this test alone."""
    door.engine(
        "create schema if not exists contract", "drop table if exists contract.t", "create table contract.t(n int)"
    )
    return "contract.t"


@pytest.fixture(scope="module")
def big() -> list[str]:
    """Twenty megabytes in 20,000 rows."""
    return [
        "create schema if not exists contract",
        "create table if not exists contract.big as "
        "select n, repeat(chr(97 + n % 26), 1000) as text from generate_series(1, 20000) n",
        "grant usage on schema contract to public",
        "grant select on contract.big to public",
    ]


def test_a_session_is_logged_in_as_the_signed_in_user_to_the_chosen_database(every_door: Door) -> None:
    who = Statement("select current_user, current_database()")
    session, other = every_door.open(), every_door.open(database="marketing")
    assert (session.database, session.run(who).one()) == ("dev", (USERS[every_door.name], "dev"))
    assert (other.database, other.run(who).one()) == ("marketing", (USERS[every_door.name], "marketing"))


def test_a_value_is_the_same_through_every_door(every_door: Door) -> None:
    select = ", ".join(f"{sql} as v{number}" for number, (sql, _) in enumerate(VALUES))
    row = every_door.open().run(Statement(f"select {select}")).one()
    assert dict(zip((sql for sql, _ in VALUES), row, strict=True)) == dict(VALUES)
    assert [type(value) for value in row] == [type(value) for _, value in VALUES]


def test_super_is_its_json_text(door: Door) -> None:
    sql = """select json_parse('{"a": [1, null, "x  y", 12345678901234567890.50]}')"""
    (text,) = door.open().run(Statement(sql)).one()
    assert isinstance(text, str)
    assert json.loads(text, parse_float=str) == {"a": [1, None, "x  y", "12345678901234567890.50"]}


def test_no_number_is_no_number(door: Door) -> None:
    (read,) = door.open().run(Statement("select 'NaN'::float8")).one()
    assert isinstance(read, float)
    assert math.isnan(read)


def test_columns_carry_label_and_type(door: Door) -> None:
    rows = door.open().run(
        Statement("select 1::smallint as a, 'x'::varchar(9) as \"b c\", 1.5::numeric(9,2) as d, true as e where false")
    )
    assert [(column.name, column.type_name) for column in rows.columns] == [
        ("a", "int2"), ("b c", "varchar"), ("d", "numeric"), ("e", "bool"),
    ]  # fmt: skip
    assert list(rows) == []


def test_a_statement_without_a_result_has_no_columns_and_no_rows(door: Door, table: str) -> None:
    rows = door.open().run(Statement(f"create table {table}2 (n int)"))
    door.engine(f"drop table {table}2")
    assert (rows.columns, list(rows), rows.affected) == ((), [], -1)


def test_changed_rows_are_counted(door: Door, table: str) -> None:
    session = door.open()
    assert session.run(Statement(f"insert into {table} values (1), (2), (3)")).affected == 3
    assert session.run(Statement(f"update {table} set n = 5 where n > 1")).affected == 2
    assert session.run(Statement(f"delete from {table} where n = 99")).affected == 0
    assert sorted(session.run(Statement(f"select n from {table}"))) == [(1,), (5,), (5,)]


def test_a_long_text_arrives_whole(door: Door) -> None:
    (text,) = door.open().run(Statement("select repeat('wärf ', 10000)::varchar(65535) as t")).one()
    assert text == "wärf " * 10000


def test_a_big_result_is_streamed_and_never_held_whole(either: Door, big: list[str]) -> None:
    either.engine(*big)
    usage = Usage()
    session = either.open(usage)
    assert session.run(Statement("select 1 as n, 'x' as text")).one() == (1, "x")
    gc.collect()
    tracemalloc.start()
    try:
        total = read = 0
        for number, text in session.run(Statement("select n, text from contract.big")):
            total += int(number or 0)
            read += len(str(text))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (total, read) == (20000 * 20001 // 2, 20_000_000)
    assert peak < 10_000_000
    if not either.is_wire:
        assert either.calls()["operations"]["GetStatementResult"] >= 20
        assert usage.api_calls == sum(either.calls()["operations"].values())


def test_rows_that_nobody_reads_hold_nothing_back(either: Door, big: list[str]) -> None:
    either.engine(*big)
    session = either.open()
    for _ in range(6):
        rows = session.run(Statement("select n, text from contract.big"))
        next(rows.stream)
    assert session.run(Statement("select 1")).one() == (1,)


def test_two_results_may_be_read_side_by_side(either: Door, big: list[str]) -> None:
    either.engine(*big)
    session = either.open()
    first = session.run(Statement("select n from contract.big order by n"))
    second = session.run(Statement("select n from contract.big order by n desc"))
    pairs = list(zip(first, second, strict=True))
    assert (pairs[0], pairs[-1], len(pairs)) == ((((1,), (20000,))), (((20000,), (1,))), 20000)


def test_outcomes_come_in_order_and_a_failure_touches_no_other(door: Door, table: str) -> None:
    usage = Usage()
    session = door.open(usage)
    statements = [
        Statement(f"insert into {table} values (1)", label="first"),
        Statement("select * from contract.not_there", label="second"),
        Statement(f"insert into {table} values (2)", label="third"),
        Statement(f"select count(*) from {table}", label="fourth"),
    ]
    outcomes = []
    for outcome in session.run_all(statements):
        outcomes.append((outcome.index, outcome.error and (outcome.error.kind, outcome.error.subject)))
        if outcome.index == 3:
            assert outcome.unwrap().one() == (2,)
        elif outcome.index == 0:
            assert outcome.unwrap().affected == 1
    assert outcomes == [(0, None), (1, ("not_found", "second")), (2, None), (3, None)]
    assert usage.statements == len(door.calls()["statements"]) == 4


def test_many_statements_travel_together(door: Door, long_first_wait: None) -> None:
    usage = Usage()
    session = door.open(usage)
    outcomes = session.run_all([Statement(f"select {number}") for number in range(85)])
    assert [(outcome.index, outcome.unwrap().one()) for outcome in outcomes] == [(n, (n,)) for n in range(85)]
    calls = door.calls()
    assert usage.statements == len(calls["statements"]) == 85
    if not door.is_wire:
        assert calls["operations"]["BatchExecuteStatement"] == 3
        assert calls["operations"]["GetStatementResult"] == 85
        assert calls["operations"]["DescribeStatement"] <= 3
        assert usage.api_calls == sum(calls["operations"].values())


def test_nothing_to_run_is_nothing_sent(door: Door) -> None:
    usage = Usage()
    assert list(door.open(usage).run_all([])) == []
    assert (usage.statements, usage.api_calls) == (0, 0)


def test_parameters_are_bound_by_name_and_cast_by_the_engine(door: Door) -> None:
    statement = Statement(
        "select :text || '!' as a, 40 + :number::int as b, :text as c -- not :this",
        parameters=(("text", "o'clock; drop"), ("number", "2")),
    )
    session = door.open()
    assert session.run(statement).one() == ("o'clock; drop!", 42, "o'clock; drop")
    alone, other = session.run_all([statement, Statement("select 2")])
    assert alone.unwrap().one()[1] == 42
    assert other.unwrap().one() == (2,)


def test_the_engines_words_are_kept(door: Door) -> None:
    session = door.open()
    with pytest.raises(Failed) as caught:
        session.run(Statement("select 1/0", label="a division"))
    assert caught.value.subject == "a division"
    assert "division by zero" in caught.value.why.lower()
    with pytest.raises(Failed, match='syntax error at or near "slect"'):
        session.run(Statement("slect 1"))
    with pytest.raises(NotFound, match=r"contract\.nowhere"):
        session.run(Statement("select * from contract.nowhere"))


def test_a_value_in_the_engines_words_is_left_out(door: Door) -> None:
    with pytest.raises(Failed) as caught:
        door.open().run(Statement("select ('no-number-but-a-secret'::varchar(22))::int"))
    assert "secret" not in str(caught.value)


@pytest.fixture(params=["workgroup iam", "cluster iam", "wire password"])
def stranger(request: pytest.FixtureRequest, open_door: OpenDoor) -> Iterator[tuple[Door, str]]:
    """A user with PUBLIC's rights only, and its name as a GRANT writes it."""
    if "iam" in request.param:
        yield open_door(request.param, "analyst"), '"IAM:analyst"'
        return
    admin = open_door("workgroup iam")
    admin.run("create user contract_stranger password 'Str4nger-in-town'")
    door = open_door("wire password", user="contract_stranger")
    door.secrets = replace(door.secrets, password=Secret("Str4nger-in-town"))
    yield door, "contract_stranger"
    admin.run("drop user contract_stranger")


def test_a_missing_right_names_the_grant(stranger: tuple[Door, str]) -> None:
    door, grantee = stranger
    door.engine(
        "create schema if not exists contract_private",
        'create table if not exists contract_private."the orders"(n int)',
    )
    with pytest.raises(Refused) as caught:
        door.run('select * from contract_private."the orders"')
    assert caught.value.next_step == f"As owner or superuser: GRANT USAGE ON SCHEMA contract_private TO {grantee}"
    door.engine("grant usage on schema contract_private to public")
    with pytest.raises(Refused) as caught:
        door.run('select * from contract_private."the orders"')
    assert f'GRANT SELECT ON contract_private."the orders" TO {grantee}' in caught.value.next_step
    door.engine("revoke usage on schema contract_private from public")


def test_an_over_long_statement_is_told_before_anything_is_sent(door: Door) -> None:
    usage = Usage()
    session = door.open(usage)
    long = Statement("select 1 -- " + "x" * MAX_STATEMENT_BYTES, label="too long")
    if door.is_wire:
        assert session.run(long).one() == (1,)
        return
    with pytest.raises(Invalid, match="too long"):
        session.run(long)
    assert (usage.statements, usage.api_calls, door.calls()["operations"]) == (0, 0, {})
    first, second, third = session.run_all([Statement("select 1"), long, Statement("select 3")])
    assert (first.unwrap().one(), third.unwrap().one()) == ((1,), (3,))
    assert isinstance(second.error, Invalid)


def test_an_empty_statement_is_invalid(door: Door) -> None:
    with pytest.raises(Invalid):
        door.open().run(Statement("  "))


def test_the_wish_to_stop_cancels_what_runs(either: Door) -> None:
    usage = Usage()
    session = either.open(usage)
    with either.endless() as endless:
        thread, ended = in_a_thread(lambda: session.run(Statement(endless)))
        wait_until(lambda: either.statuses() == ["STARTED"])
        usage.stop.set()
        thread.join(timeout=LAST_RESORT)
        assert [type(end) for end in ended] == [Stopped]
        wait_until(lambda: either.statuses() == ["ABORTED"])
    assert usage.statements == 1
    with pytest.raises(Stopped):
        session.run(Statement("select 1"))


def test_closing_cancels_what_runs(either: Door) -> None:
    session = either.open()
    with either.endless() as endless:
        thread, ended = in_a_thread(lambda: session.run(Statement(endless)))
        wait_until(lambda: either.statuses() == ["STARTED"])
        if not either.is_wire:
            wait_until(lambda: either.calls()["operations"].get("DescribeStatement"))
        session.close()
        thread.join(timeout=LAST_RESORT)
        assert [type(end) for end in ended] == [Stopped]
        wait_until(lambda: either.statuses() == ["ABORTED"])


def test_a_statement_that_takes_too_long_is_cancelled(either: Door) -> None:
    session = either.open(seconds=1)
    with either.endless() as endless:
        with pytest.raises(Failed, match="took too long"):
            session.run(Statement(endless, label="for ever"))
        wait_until(lambda: either.statuses() == ["ABORTED"])

    def goes_on() -> bool:
        try:
            return session.run(Statement("select 1")).one() == (1,)
        except Failed as error:
            if "took too long" not in error.what:  # a busy machine may take a second for this one too
                raise
            return False

    wait_until(goes_on)


def test_outcomes_left_unread_end_what_runs(either: Door) -> None:
    with either.endless() as endless:
        outcomes = either.open().run_all([Statement("select 1"), Statement(endless), Statement("select 3")])
        assert next(outcomes).unwrap().one() == (1,)
        outcomes.close()  # type: ignore[attr-defined]
        wait_until(lambda: "STARTED" not in either.statuses())
    assert "select 3" not in [one["sql"] for one in either.calls()["statements"]]


def test_threads_share_a_session(door: Door) -> None:
    usage = Usage()
    session = door.open(usage)
    found: list[object] = []

    def work(number: int) -> None:
        found.extend(session.run(Statement(f"select {number}, pg_backend_pid() > 0")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LAST_RESORT)
    assert sorted(found) == [(number, True) for number in range(8)]  # type: ignore[type-var]
    assert usage.statements == len(door.calls()["statements"]) == 8


def test_a_login_that_fails_says_which_check_it_fails_and_runs_no_statement(door: Door) -> None:
    usage = Usage()
    with pytest.raises(NotFound) as caught:
        door.open(usage, database="no such database").run(Statement("select 1"))
    assert caught.value.check == "database"
    assert usage.statements == len(door.calls()["statements"]) == 0
