"""The cost of the session over the Data API, and its handling of throttling, lost answers and old services."""

from __future__ import annotations

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.contract.doors import Door, OpenDoor, in_a_thread

from wharfinger.adapters.aws.calls import AnswerLost
from wharfinger.adapters.aws.limiter import Limiter, Limiters
from wharfinger.adapters.redshift.sessions import SessionOpener
from wharfinger.core.errors import Failed, NotFound, Refused, Unavailable
from wharfinger.core.session import EndUnknown, Statement, Stopped, Usage

SELECTS = [Statement(f"select {number}") for number in range(3)]


@pytest.fixture
def table(data_api: Door) -> str:
    """An empty table for this test alone."""
    data_api.engine(
        "create schema if not exists contract", "drop table if exists contract.w", "create table contract.w(n int)"
    )
    return "contract.w"


def seen(door: Door) -> dict[str, int]:
    operations: dict[str, int] = door.calls()["operations"]
    return operations


def test_a_quick_statement_costs_two_calls_and_one_without_result_costs_one(
    data_api: Door, table: str, long_first_wait: None
) -> None:
    usage = Usage()
    session = data_api.open(usage)
    assert session.run(Statement("select 1")).one() == (1,)
    assert (usage.api_calls, seen(data_api)) == (2, {"ExecuteStatement": 1, "GetStatementResult": 1})
    data_api.forget()
    session.run(Statement(f"truncate table {table}"))
    assert (usage.api_calls, seen(data_api)) == (3, {"ExecuteStatement": 1})


def test_only_an_error_or_a_count_of_rows_takes_a_look_at_the_statement(
    data_api: Door, table: str, long_first_wait: None
) -> None:
    session = data_api.open()
    assert session.run(Statement(f"insert into {table} values (1)")).affected == 1
    assert seen(data_api) == {"ExecuteStatement": 1, "DescribeStatement": 1}
    data_api.forget()
    with pytest.raises(Failed):
        session.run(Statement("select 1/0"))
    assert seen(data_api) == {"ExecuteStatement": 1, "DescribeStatement": 1}


def test_a_batch_costs_two_calls_and_one_for_each_result(data_api: Door, long_first_wait: None) -> None:
    usage = Usage()
    outcomes = data_api.open(usage).run_all([*SELECTS, Statement("select 1/0")])
    assert [outcome.rows and outcome.rows.one() for outcome in outcomes] == [(0,), (1,), (2,), None]
    assert seen(data_api) == {"BatchExecuteStatement": 1, "DescribeStatement": 1, "GetStatementResult": 3}
    assert usage.api_calls == 5


def test_a_statement_that_takes_its_time_is_waited_for_and_not_asked_after(data_api: Door) -> None:
    session = data_api.open()
    with data_api.endless() as slow:
        thread, ended = in_a_thread(lambda: session.run(Statement(slow)).one())
        wait_until(lambda: data_api.statuses() == ["STARTED"])
    thread.join(timeout=LAST_RESORT)
    assert ended == [(1,)]
    assert seen(data_api).get("DescribeStatement", 0) <= 1


@pytest.mark.parametrize("kind", ["throttle", "throttle_in_validation", "internal_error", "expired_token"])
@pytest.mark.parametrize("operation", ["ExecuteStatement", "GetStatementResult"])
def test_a_passing_fault_is_lived_through_and_every_attempt_counted(
    data_api: Door, operation: str, kind: str, long_first_wait: None
) -> None:
    usage = Usage()
    session = data_api.open(usage)
    times = 3
    data_api.fault(operation, kind, times)
    assert session.run(Statement("select 1")).one() == (1,)
    assert usage.api_calls == sum(seen(data_api).values()) == 2 + times
    assert usage.statements == len(data_api.calls()["statements"]) == 1


def test_throttling_without_end_is_unavailable(data_api: Door) -> None:
    data_api.fault("ExecuteStatement", "throttle", None)
    usage = Usage()
    with pytest.raises(Unavailable, match="throttles"):
        data_api.open(usage).run(Statement("select 1"))
    assert usage.statements == 0


def test_credentials_that_stay_expired_are_told_as_such(data_api: Door) -> None:
    data_api.fault("*", "expired_token", None)
    with pytest.raises(Refused) as caught:
        data_api.open().run(Statement("select 1"))
    assert caught.value.check == "identity"
    assert "expired" in caught.value.what


def test_a_start_whose_answer_was_lost_is_not_run_twice(data_api: Door, table: str) -> None:
    usage = Usage()
    session = data_api.open(usage)
    data_api.fault("ExecuteStatement", "drop_connection", 2)
    assert session.run(Statement(f"insert into {table} values (1)")).affected == 1
    data_api.fault("BatchExecuteStatement", "drop_connection", 2)
    outcomes = session.run_all([Statement(f"insert into {table} values ({number})") for number in (2, 3)])
    assert [outcome.unwrap().affected for outcome in outcomes] == [1, 1]
    assert sorted(session.run(Statement(f"select n from {table}"))) == [(1,), (2,), (3,)]
    assert usage.statements == len(data_api.calls()["statements"]) == 4


def test_a_result_whose_answer_was_lost_is_fetched_again(data_api: Door) -> None:
    session = data_api.open()
    data_api.fault("GetStatementResult", "drop_connection", 2)
    assert session.run(Statement("select 1")).one() == (1,)
    data_api.fault("DescribeStatement", "drop_connection", 2)
    assert [outcome.unwrap().one() for outcome in session.run_all(SELECTS)] == [(0,), (1,), (2,)]


def test_when_nobody_knows_whether_it_ran_a_read_may_be_tried_again_and_a_write_may_not(
    data_api: Door, table: str
) -> None:
    session = data_api.open()
    data_api.fault("*", "drop_connection", None)
    with pytest.raises(AnswerLost):
        session.run(Statement("select 1"))
    with pytest.raises(EndUnknown, match="It is not known whether the statement ran"):
        session.run(Statement(f"insert into {table} values (1)"))
    lost = [outcome.error for outcome in session.run_all([*SELECTS, Statement(f"insert into {table} values (2)")])]
    assert [type(error) for error in lost] == [EndUnknown] * 4


@pytest.mark.parametrize("kind", ["throttle", "expired_token"])
def test_of_what_was_started_and_cannot_be_followed_nobody_knows_the_end(data_api: Door, table: str, kind: str) -> None:
    session = data_api.open()
    data_api.fault("DescribeStatement", kind, None)
    with pytest.raises(EndUnknown, match="It is not known whether the statement ran"):
        session.together([Statement(f"insert into {table} values (1)"), Statement(f"insert into {table} values (2)")])
    (read, *_) = session.run_all(SELECTS)
    assert isinstance(read.error, Unavailable | Refused)
    data_api.no_faults()
    assert sorted(session.run(Statement(f"select n from {table}"))) == [(1,), (2,)]


def test_an_old_service_that_does_not_wait_is_asked_again_with_pauses(data_api: Door, table: str) -> None:
    usage = Usage()
    session = data_api.open(usage)
    data_api.fault("*", "no_long_poll", None)
    assert session.run(Statement("select 1")).one() == (1,)
    assert session.run(Statement(f"insert into {table} values (1), (2)")).affected == 2
    outcomes = list(session.run_all([*SELECTS, Statement("select 1/0")]))
    assert [outcome.error is None for outcome in outcomes] == [True, True, True, False]
    with data_api.endless() as slow:
        thread, ended = in_a_thread(lambda: session.run(Statement(slow)).one())
        wait_until(lambda: seen(data_api)["DescribeStatement"] >= 8)
    thread.join(timeout=LAST_RESORT)
    assert ended == [(1,)]
    assert usage.api_calls == sum(seen(data_api).values())
    assert usage.statements == len(data_api.calls()["statements"]) == 7


def test_an_old_model_without_waiting_and_single_commits_does_with_polling_and_single_statements(
    data_api: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wharfinger.adapters.aws.calls.AwsCalls.has_member", lambda *_: False)
    usage = Usage()
    session = data_api.open(usage)
    assert [outcome.unwrap().one() for outcome in session.run_all(SELECTS)] == [(0,), (1,), (2,)]
    assert seen(data_api)["ExecuteStatement"] == 3
    assert "BatchExecuteStatement" not in seen(data_api)
    assert usage.statements == 3


@pytest.mark.parametrize("service", ["as of today", "without waiting"])
def test_the_wish_to_stop_reaches_a_statement_that_is_being_waited_for(data_api: Door, service: str) -> None:
    usage = Usage()
    session = data_api.open(usage)
    if service == "without waiting":
        data_api.fault("*", "no_long_poll", None)
    with data_api.endless() as endless:
        thread, ended = in_a_thread(lambda: session.run(Statement(endless)))
        wait_until(lambda: seen(data_api).get("DescribeStatement"))
        usage.stop.set()
        thread.join(timeout=LAST_RESORT)
        assert [type(end) for end in ended] == [Stopped]
        wait_until(lambda: data_api.statuses() == ["ABORTED"])
    assert usage.statements == 1


def test_stopping_a_batch_counts_only_what_had_begun(data_api: Door) -> None:
    usage = Usage()
    session = data_api.open(usage)
    with data_api.endless() as endless:
        statements = [Statement("select 1"), Statement(endless), Statement("select 3")]
        thread, ended = in_a_thread(lambda: list(session.run_all(statements)))
        wait_until(lambda: data_api.statuses() == ["FINISHED", "STARTED"])
        usage.stop.set()
        thread.join(timeout=LAST_RESORT)
        assert [type(end) for end in ended] == [Stopped]
        wait_until(lambda: data_api.statuses() == ["FINISHED", "ABORTED"])
    assert usage.statements == 2


def test_outcomes_are_handed_on_while_the_batch_still_runs(data_api: Door) -> None:
    with data_api.endless() as endless:
        outcomes = data_api.open().run_all([Statement("select 1"), Statement(endless)])
        assert next(outcomes).unwrap().one() == (1,)
        assert data_api.statuses() == ["FINISHED", "STARTED"]
        outcomes.close()  # type: ignore[attr-defined]


def test_a_batch_whose_login_fails_fails_each_of_its_statements(data_api: Door) -> None:
    usage = Usage()
    session = data_api.open(usage, database="not there")
    errors = [outcome.error for outcome in session.run_all(SELECTS)]
    assert [type(error) for error in errors] == [NotFound] * 3
    assert {error.check for error in errors if error} == {"database"}
    assert usage.statements == len(data_api.calls()["statements"]) == 0


def test_statements_say_what_they_are_for_and_no_more(data_api: Door) -> None:
    session = data_api.open()
    session.run(Statement("select 1", label="profile: dev.\"a b\" 'x'\n;"))
    list(session.run_all([Statement("select 1", label="one"), Statement("select 2", label="two")]))
    client = data_api.pool.of(session._calls.aws.source).client("redshift-data")  # type: ignore[attr-defined]
    names = [one.get("StatementName") for one in client.list_statements(Status="ALL")["Statements"]]
    assert "wharfinger: one, two" in names
    assert "wharfinger: profile: dev. a b   x " in names


@pytest.mark.parametrize(
    ("door", "identity", "changes", "error", "check"),
    [
        ("cluster iam", "admin", {"target": "no-such-cluster"}, NotFound, "target"),
        ("workgroup iam", "admin", {"target": "no-such-workgroup"}, NotFound, "target"),
        ("workgroup iam", "admin", {"region": "eu-west-1"}, NotFound, "target"),
        ("workgroup iam", "nobody", {}, Refused, "sign-in"),
        ("cluster db-user", "analyst", {}, Refused, "sign-in"),
        ("cluster db-user", "admin", {"db_user": "no_such_user"}, Refused, "sign-in"),
        ("cluster secret", "analyst", {}, Refused, "sign-in"),
        ("cluster secret", "admin", {"secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:no-x"},
         NotFound, "sign-in"),
    ],
)  # fmt: skip
def test_a_way_in_that_is_closed_says_which_check_fails_and_what_to_do(
    open_door: OpenDoor, door: str, identity: str, changes: dict[str, str], error: type[Exception], check: str
) -> None:
    closed = open_door(door, identity, **changes)
    usage = Usage()
    with pytest.raises(error) as caught:
        closed.open(usage).run(Statement("select 1"))
    assert caught.value.check == check  # type: ignore[attr-defined]
    assert caught.value.next_step  # type: ignore[attr-defined]
    assert usage.statements == len(closed.calls()["statements"]) == 0


def test_two_identities_of_one_account_share_the_accounts_quota(open_door: OpenDoor) -> None:
    made: list[Limiter] = []

    def make() -> Limiter:
        made.append(Limiter())
        return made[-1]

    admin, analyst = open_door("workgroup iam", "admin"), open_door("workgroup iam", "analyst")
    opener = SessionOpener(admin.pool, Limiters(make))
    sessions = [opener.open(door.connection, door.secrets, Usage()) for door in (admin, analyst)]
    assert [session.run(Statement("select current_user")).one() for session in sessions] == [
        ("IAM:admin",), ("IAM:analyst",),
    ]  # fmt: skip
    assert sessions[0]._calls.limiter is sessions[1]._calls.limiter  # type: ignore[attr-defined]
    assert admin.calls()["operations"]["GetCallerIdentity"] == 2
