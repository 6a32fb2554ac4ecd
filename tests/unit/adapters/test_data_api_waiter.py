"""Services that behave as the sandbox does not: they refuse to wait, answer unexpectedly, return results late."""

from __future__ import annotations

from typing import Any

import pytest

from wharfinger.adapters.aws.calls import AnswerLost
from wharfinger.adapters.aws.errors import Place
from wharfinger.adapters.redshift.data_api.session import DataApiSession
from wharfinger.adapters.redshift.data_api.state import State, state_of
from wharfinger.adapters.redshift.data_api.statements import entrance_of
from wharfinger.adapters.redshift.data_api.waiter import LONGEST_PAUSE_SECONDS, EndNotSeen, Waiter
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Failed, Invalid, Unavailable
from wharfinger.core.session import Statement, Stopped, Usage

Answer = dict[str, Any] | Exception


class Service:
    """Plays a script of (operation, answer) and records the requests."""

    def __init__(self, *script: tuple[str, Answer], usage: Usage | None = None) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.usage = usage or Usage()
        self.place = Place("cluster demo")

    def __call__(self, _service: str, operation: str, /, **members: Any) -> dict[str, Any]:
        self.asked.append((operation, members))
        expected, answer = self.script.pop(0)
        assert operation == expected, self.asked
        if isinstance(answer, Exception):
            raise answer
        return answer

    def has_member(self, *_: str) -> bool:
        return True

    def ignoring_stop(self) -> Service:
        return self


def running(**members: Any) -> dict[str, Any]:
    return {"Id": "a", "Status": "STARTED", **members}


def finished(**members: Any) -> dict[str, Any]:
    return {"Id": "a", "Status": "FINISHED", "HasResultSet": False, **members}


def states(service: Service, *, within: float = 60, details: bool = False) -> tuple[list[str], list[float]]:
    """The statuses that a run goes through, and the pauses made on the way."""
    waiter = Waiter(service)  # type: ignore[arg-type]
    pauses: list[float] = []
    waiter.pause = pauses.append  # type: ignore[method-assign]
    members = {"Sql": "select 1"}
    return [s.status for s in waiter.run("ExecuteStatement", members, within=within, details=details)], pauses


@pytest.mark.parametrize(
    "refusal",
    [
        Invalid("no", why='ValidationException: Unknown member "WaitTimeSeconds"'),
        Unavailable("no", why="ActiveWaitingRequestsExceededException: Too many active waiting requests"),
    ],
)
def test_a_service_that_refuses_to_wait_is_not_asked_to_again(refusal: Exception) -> None:
    service = Service(
        ("ExecuteStatement", refusal),
        ("ExecuteStatement", running()),
        ("DescribeStatement", running()),
        ("DescribeStatement", finished()),
    )
    assert states(service)[0] == ["STARTED", "FINISHED"]
    assert ["WaitTimeSeconds" in members for _, members in service.asked] == [True, False, False, False]
    tokens = {members["ClientToken"] for operation, members in service.asked if operation == "ExecuteStatement"}
    assert len(tokens) == 1


def test_waiters_that_are_too_many_only_later_make_it_poll_from_then_on() -> None:
    service = Service(
        ("ExecuteStatement", running()),
        ("DescribeStatement", Unavailable("no", why="ActiveWaitingRequestsExceededException")),
        ("DescribeStatement", running()),
        ("DescribeStatement", finished()),
    )
    assert states(service)[0] == ["STARTED", "FINISHED"]
    assert ["WaitTimeSeconds" in members for _, members in service.asked] == [True, True, False, False]


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (AnswerLost("lost", why="while waiting"), EndNotSeen),
        (Invalid("no", why="ValidationException: something else"), Invalid),
    ],
)
def test_what_has_nothing_to_do_with_waiting_is_raised(error: Exception, raised: type[Exception]) -> None:
    service = Service(("ExecuteStatement", error))
    with pytest.raises(raised):
        states(service)
    assert len(service.asked) == 1


def test_one_that_was_asked_to_wait_and_comes_back_at_once_is_given_pauses_that_grow() -> None:
    service = Service(
        ("ExecuteStatement", {"Id": "a"}), *[("DescribeStatement", running())] * 12, ("DescribeStatement", finished())
    )
    seen, pauses = states(service)
    assert seen == ["STARTED"] * 12 + ["FINISHED"]
    assert pauses == sorted(pauses)
    assert pauses[1] == 0.05
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_a_status_nobody_knows_means_not_yet() -> None:
    service = Service(
        ("ExecuteStatement", {"Id": "a", "Status": "UNKNOWN"}),
        ("DescribeStatement", {"Id": "a", "Status": "RESTING"}),
        ("DescribeStatement", finished()),
    )
    assert states(service)[0] == ["RESTING", "FINISHED"]


def test_what_only_a_description_tells_is_asked_for_once() -> None:
    service = Service(("ExecuteStatement", finished()), ("DescribeStatement", finished(ResultRows=7)))
    assert states(service, details=True)[0] == ["FINISHED"]
    service = Service(("ExecuteStatement", finished()))
    assert states(service)[0] == ["FINISHED"]


def test_time_that_is_over_cancels_and_counts_what_began() -> None:
    service = Service(
        ("ExecuteStatement", running()),
        ("CancelStatement", {"Status": True}),
        ("DescribeStatement", {"Id": "a", "Status": "ABORTED", "Duration": 5}),
    )
    with pytest.raises(EndNotSeen, match="took too long") as lost:
        states(service, within=-1)
    assert lost.value.undone
    assert service.usage.statements == 1


def test_a_batch_that_ended_before_the_wish_to_stop_was_heard_is_counted() -> None:
    usage = Usage()

    class AskedToStop(Service):
        def __call__(self, service: str, operation: str, /, **members: Any) -> dict[str, Any]:
            answer = super().__call__(service, operation, **members)
            usage.stop.set()
            return answer

    parts = [{"Id": f"a:{n}", "Status": "FINISHED", "Duration": 5, "HasResultSet": True} for n in (1, 2)]
    service = AskedToStop(
        ("BatchExecuteStatement", finished()), ("DescribeStatement", finished(SubStatements=parts)), usage=usage
    )
    with pytest.raises(Stopped):
        list(session(service).run_all([Statement("select 1"), Statement("select 2")]))
    assert usage.statements == 2
    assert service.script == []


def test_a_cancel_that_comes_too_late_is_no_error() -> None:
    service = Service(
        ("ExecuteStatement", running()),
        (
            "CancelStatement",
            Invalid("no", why="ValidationException: Could not cancel a query that is already finished"),
        ),
        ("DescribeStatement", Unavailable("gone")),
    )
    with pytest.raises(EndNotSeen, match="took too long") as lost:
        states(service, within=-1)
    assert not lost.value.undone
    assert service.script == []


@pytest.mark.parametrize(
    ("answer", "begun"),
    [
        ({"Status": "SUBMITTED"}, 0),
        ({"Status": "PICKED"}, 0),
        ({"Status": "STARTED"}, 1),
        ({"Status": "FINISHED"}, 1),
        ({"Status": "FAILED", "Error": "ERROR: no", "Duration": 9}, 1),
        ({"Status": "FAILED", "Error": "ERROR: no", "Duration": -1}, 1),
        ({"Status": "FAILED", "Error": "FATAL: no such user", "Duration": -1}, 0),
        ({"Status": "ABORTED", "Duration": -1}, 0),
        ({"Status": "ABORTED", "Duration": 100}, 1),
        ({"Status": "FAILED", "SubStatements": [
            {"Id": "a:1", "Status": "FINISHED"}, {"Id": "a:2", "Status": "FAILED", "Error": "ERROR: x"},
            {"Id": "a:3", "Status": "ABORTED", "Duration": -1},
        ]}, 2),
    ],
)  # fmt: skip
def test_what_has_begun_to_run_is_counted_and_nothing_else(answer: dict[str, Any], begun: int) -> None:
    assert state_of({"Id": "a", **answer}, described=True).texts_begun == begun


def test_a_failure_that_is_not_described_yet_is_not_counted_yet() -> None:
    assert State("a", "FAILED").texts_begun == 0


def batch(*statuses: str, status: str) -> dict[str, Any]:
    parts = [{"Id": f"a:{n}", "Status": one, "HasResultSet": True} for n, one in enumerate(statuses, 1)]
    return {"Id": "a", "Status": status, "SubStatements": parts}


def session(service: Service) -> DataApiSession:
    connection = Connection("c", "cluster", "demo", "us-east-1", "dev")
    entrance = entrance_of(connection, "dev")
    return DataApiSession(service, entrance, database="dev", statement_seconds=60)  # type: ignore[arg-type]


def page() -> dict[str, Any]:
    return {"ColumnMetadata": [{"name": "n", "typeName": "int4"}], "Records": [[{"longValue": 1}]]}


def test_a_members_result_that_is_kept_back_until_the_batch_has_ended_is_read_then() -> None:
    kept_back = Failed("no", why="ResourceNotFoundException: Query does not have result. Please check …")
    service = Service(
        ("BatchExecuteStatement", running()),
        ("DescribeStatement", batch("FINISHED", "STARTED", status="STARTED")),
        ("GetStatementResult", kept_back),
        ("DescribeStatement", batch("FINISHED", "FINISHED", status="FINISHED")),
        ("GetStatementResult", page()),
        ("GetStatementResult", page()),
    )
    outcomes = list(session(service).run_all([Statement("select 1"), Statement("select 2")]))
    assert [outcome.unwrap().one() for outcome in outcomes] == [(1,), (1,)]
    assert [members["Id"] for operation, members in service.asked if operation == "GetStatementResult"] == [
        "a:1", "a:1", "a:2",
    ]  # fmt: skip


def test_a_batch_that_does_not_name_its_members_fails_them_all() -> None:
    service = Service(
        ("BatchExecuteStatement", {"Id": "a", "Status": "FAILED"}),
        ("DescribeStatement", {"Id": "a", "Status": "FAILED", "Error": 'FATAL: database "x" does not exist'}),
    )
    outcomes = list(session(service).run_all([Statement("select 1"), Statement("select 2")]))
    assert [outcome.error and outcome.error.kind for outcome in outcomes] == ["not_found", "not_found"]
    assert service.usage.statements == 0


def test_empty_parameters_are_told_before_anything_is_sent() -> None:
    service = Service()
    with pytest.raises(Invalid, match="empty parameter"):
        session(service).run(Statement("select :a", (("a", ""),)))
    assert service.asked == []


def test_a_closed_session_runs_nothing() -> None:
    service = Service()
    closed = session(service)
    closed.close()
    with pytest.raises(Stopped):
        closed.run(Statement("select 1"))
    assert service.asked == []
