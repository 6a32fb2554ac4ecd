"""What `Session.together` and `Session.pinned` promise, for the Data API and the wire."""

from __future__ import annotations

from contextlib import suppress

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.contract.doors import Door, in_a_thread

from wharfinger.core.errors import Failed, Invalid, NotFound, Unavailable, WharfingerError
from wharfinger.core.session import EndUnknown, Statement, Stopped, Usage

ROWS = " union all ".join(f"select {number} as n" for number in range(2000))
KILL = "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('awsuser', 'IAM:admin')"


@pytest.fixture
def table(door: Door) -> str:
    """An empty table for this test alone."""
    door.engine(
        "create schema if not exists contract", "drop table if exists contract.p", "create table contract.p(n int)"
    )
    return "contract.p"


def inserts(table: str, count: int, first: int = 1) -> list[Statement]:
    return [Statement(f"insert into {table} values ({first + number})") for number in range(count)]


def count(door: Door, table: str) -> object:
    return door.run(f"select count(*) from {table}")[0][0]


def counted(door: Door, usage: Usage) -> bool:
    calls = door.calls()
    operations = 0 if door.is_wire else sum(calls["operations"].values())
    return usage.statements == len(calls["statements"]) and (door.is_wire or usage.api_calls == operations)


@pytest.mark.parametrize("number", [1, 3, 40, 41, 55])
def test_together_all_of_them_take_effect(door: Door, table: str, number: int) -> None:
    usage = Usage()
    door.open(usage).together(inserts(table, number))
    assert counted(door, usage)
    if not door.is_wire:
        wanted = {"BatchExecuteStatement"} if number <= 40 else {"ExecuteStatement"}
        assert set(door.calls()["operations"]) - {"DescribeStatement"} == wanted
    assert count(door, table) == number


@pytest.mark.parametrize("number", [3, 45])
def test_together_none_of_them_takes_effect_when_one_fails_and_it_is_named(door: Door, table: str, number: int) -> None:
    usage = Usage()
    statements = [*inserts(table, number), Statement("select * from contract.not_there", label="the odd one")]
    with pytest.raises(NotFound) as caught:
        door.open(usage).together([*statements, *inserts(table, 1)])
    assert caught.value.subject == "the odd one"
    assert counted(door, usage)
    assert count(door, table) == 0


@pytest.mark.parametrize("before", [1, 44])
def test_one_that_fails_without_a_label_is_named_by_its_number(door: Door, table: str, before: int) -> None:
    with pytest.raises(Failed) as caught:
        door.open().together([*inserts(table, before), Statement("select 1/0"), *inserts(table, 1)])
    assert caught.value.subject == f"statement {before + 1}"


def test_together_nothing_is_nothing_sent(door: Door) -> None:
    usage = Usage()
    door.open(usage).together([])
    assert (usage.statements, usage.api_calls, door.calls()["operations"]) == (0, 0, {})


def test_an_empty_statement_is_told_before_any_other_is_sent(door: Door, table: str) -> None:
    usage = Usage()
    with pytest.raises(Invalid):
        door.open(usage).together([*inserts(table, 2), Statement(" ")])
    assert (usage.statements, count(door, table)) == (0, 0)


def test_parameters_stay_with_their_own_statement(door: Door, table: str) -> None:
    statement = f"insert into {table} values (:n::int)"
    door.open().together([Statement(statement, (("n", "7"),)), Statement(statement, (("n", "8"),))])
    assert sorted(door.run(f"select n from {table}")) == [(7,), (8,)]


def test_users_and_grants_are_made_together_or_not_at_all(door: Door, table: str) -> None:
    name = f"together_{door.name.replace(' ', '_').replace('-', '_')}"
    wanted = [
        Statement(f"create user {name} password disable"),
        Statement(f"create group {name}_team"),
        Statement(f"alter group {name}_team add user {name}"),
        Statement(f"grant select on {table} to group {name}_team"),
    ]
    with pytest.raises(WharfingerError):
        door.open().together([*wanted, Statement("grant select on contract.not_there to public")])
    assert door.run(f"select count(*) from pg_user where usename = '{name}'") == [(0,)]
    door.open().together(wanted)
    assert door.run(f"select count(*) from pg_user where usename = '{name}'") == [(1,)]
    door.run(f"revoke all on {table} from group {name}_team")
    door.run(f"drop group {name}_team")
    door.run(f"drop user {name}")


def test_what_is_set_on_a_pinned_session_lives_on_and_ends_with_it(door: Door, table: str) -> None:
    usage = Usage()
    session = door.open(usage)
    with session.pinned() as pinned:
        assert pinned.database == "dev"
        pid = pinned.run(Statement("select pg_backend_pid()")).one()
        pinned.run(Statement("set search_path to contract"))
        pinned.run(Statement("create temporary table mine (n int)"))
        assert pinned.run(Statement("insert into mine values (1), (2)")).affected == 2
        assert pinned.run(Statement("select count(*) from mine")).one() == (2,)
        assert pinned.run(Statement("select count(*) from p")).one() == (0,)
        assert pinned.run(Statement("select pg_backend_pid()")).one() == pid
    assert counted(door, usage)
    with pytest.raises(NotFound):
        session.run(Statement("select * from mine"))


def test_a_superuser_acts_as_another_user_until_it_stops(door: Door) -> None:
    name = f"pinned_{door.name.replace(' ', '_').replace('-', '_')}"
    door.run(f"create user {name} password disable")
    with door.open().pinned() as pinned:
        pinned.run(Statement(f"set session authorization {name}"))
        assert pinned.run(Statement("select current_user")).one() == (name,)
        with pytest.raises(WharfingerError):
            pinned.run(Statement("create group not_for_me"))
        pinned.run(Statement("reset session authorization"))
        assert pinned.run(Statement("select current_user")).one() != (name,)
    door.run(f"drop user {name}")


@pytest.mark.parametrize("end", ["left", "raised", "failed"])
def test_an_open_transaction_is_rolled_back_on_leaving(door: Door, table: str, end: str) -> None:
    with suppress(RuntimeError), door.open().pinned() as pinned:
        pinned.run(Statement("begin"))
        pinned.run(inserts(table, 1)[0])
        assert pinned.run(Statement(f"select count(*) from {table}")).one() == (1,)
        if end == "raised":
            raise RuntimeError
        if end == "failed":
            with pytest.raises(Failed):
                pinned.run(Statement("select 1/0"))
            with pytest.raises(Failed, match="failed before"):
                pinned.run(Statement("select 1"))
    assert count(door, table) == 0
    door.engine(f"set lock_timeout = '{LAST_RESORT}s'", f"truncate {table}")


def test_after_a_failure_the_pinned_connection_goes_on(door: Door) -> None:
    with door.open().pinned() as pinned:
        pinned.run(Statement("set search_path to contract"))
        with pytest.raises(Failed):
            pinned.run(Statement("select 1/0"))
        assert pinned.run(Statement("show search_path")).one() == ("contract",)


def test_statements_of_a_pinned_session_run_in_order_and_each_has_its_outcome(door: Door, table: str) -> None:
    usage = Usage()
    with door.open(usage).pinned() as pinned:
        outcomes = list(
            pinned.run_all([
                Statement("begin"), *inserts(table, 1), Statement(f"select count(*) from {table}"),
                Statement("select 1/0"), Statement("select 1"), Statement("rollback"),
            ])
        )  # fmt: skip
        assert [outcome.error is None for outcome in outcomes] == [True, True, True, False, False, True]
        assert outcomes[2].unwrap().one() == (1,)
    assert counted(door, usage)
    assert count(door, table) == 0


def test_rows_of_an_earlier_statement_are_still_there_after_the_next(door: Door) -> None:
    with door.open().pinned() as pinned:
        many = pinned.run(Statement(ROWS))
        assert pinned.run(Statement("select 1")).one() == (1,)
        assert [row[0] for row in many] == list(range(2000))
        left = pinned.run(Statement(ROWS))
        next(left.stream)
        del left
        assert pinned.run(Statement("select 2")).one() == (2,)


def test_a_pinned_session_has_transactions_too(door: Door, table: str) -> None:
    with door.open().pinned() as pinned:
        pinned.together(inserts(table, 2))
        with pytest.raises(Failed):
            pinned.together([*inserts(table, 2), Statement("select 1/0")])
        assert pinned.run(Statement(f"select count(*) from {table}")).one() == (2,)
        with pinned.pinned() as same:
            same.run(inserts(table, 1)[0])
    assert count(door, table) == 3


def test_a_pinned_session_whose_connection_is_lost_says_so_from_then_on(either: Door) -> None:
    with either.open().pinned() as pinned:
        pinned.run(Statement("begin"))
        either.engine(KILL)
        for _ in range(2):
            with pytest.raises(WharfingerError) as caught:
                pinned.run(Statement("select 1"))
        assert isinstance(caught.value, Unavailable)


@pytest.mark.parametrize("kind", ["dead_session", "lost_session"])
def test_a_session_that_the_service_reclaims_keeps_nothing(data_api: Door, kind: str) -> None:
    data_api.engine("create schema if not exists contract", "create table if not exists contract.r(n int)")
    data_api.engine("truncate contract.r")
    session = data_api.open()
    with session.pinned() as pinned:
        pinned.run(Statement("begin"))
        pinned.run(inserts("contract.r", 1)[0])
        data_api.fault("ExecuteStatement", kind)
        with pytest.raises(Unavailable, match="session is gone"):
            pinned.run(Statement("commit"))
        with pytest.raises(Unavailable, match="session is gone"):
            pinned.run(Statement("commit"))
    data_api.no_faults()
    assert count(data_api, "contract.r") == 0


class CutLine(Usage):
    """Cuts the connection once `cut_at` statements have run."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.cut_at = 0

    def add(self, *, statements: int = 0, api_calls: int = 0) -> None:
        super().add(statements=statements, api_calls=api_calls)
        if self.statements == self.cut_at:
            self._door.fault("*", "drop_connection", None)


def test_an_answer_lost_before_the_commit_leaves_no_doubt_and_at_the_commit_it_does(data_api: Door) -> None:
    data_api.engine("create schema if not exists contract", "create table if not exists contract.l(n int)")
    data_api.engine("truncate contract.l")
    usage = CutLine(data_api)
    session = data_api.open(usage)

    def lose_at(statement: int) -> list[Statement]:
        """Run forty-one statements; the connection is cut when the given number has run."""
        usage.statements, usage.cut_at = 0, statement
        return [Statement("grant select on contract.l to public")] * 41

    with pytest.raises(Unavailable, match="in the middle of a transaction"):
        session.together(lose_at(5))
    data_api.no_faults()
    with pytest.raises(EndUnknown):
        session.together(lose_at(42))
    data_api.no_faults()
    data_api.fault("*", "drop_connection", None)
    with pytest.raises(EndUnknown):
        session.together(inserts("contract.l", 2))
    with pytest.raises(Unavailable):
        session.together(inserts("contract.l", 41))  # the BEGIN was lost: nothing can have been committed


def test_a_batch_whose_login_fails_is_told_as_such(door: Door) -> None:
    with pytest.raises(NotFound) as caught:
        door.open(database="not there").together(inserts("contract.p", 2))
    assert caught.value.check == "database"


@pytest.mark.parametrize("way", ["together", "pinned"])
def test_the_wish_to_stop_ends_it_and_nothing_is_kept(either: Door, way: str) -> None:
    either.engine("create schema if not exists contract", "create table if not exists contract.s(n int)")
    either.engine("truncate contract.s")
    usage = Usage()
    session = either.open(usage)

    def work(endless: str) -> None:
        if way == "together":
            session.together([*inserts("contract.s", 1), Statement(endless)])
        else:
            with session.pinned() as pinned:
                pinned.run(Statement("begin"))
                pinned.run(inserts("contract.s", 1)[0])
                pinned.run(Statement(endless))

    with either.endless() as endless:
        thread, ended = in_a_thread(lambda: work(endless))
        wait_until(lambda: "STARTED" in either.statuses())
        usage.stop.set()
        thread.join(timeout=LAST_RESORT)
        assert [type(end) for end in ended] == [Stopped]
        wait_until(lambda: "STARTED" not in either.statuses())
    assert count(either, "contract.s") == 0
