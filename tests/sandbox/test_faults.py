"""Faults, quotas and latency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from tests.conftest import Sandbox, wait_until
from tests.sandbox.front import aws, own, refusal

from wharfinger_sandbox.faults import QUOTAS, Fault, FaultQueue, InvalidFault, Quotas

CLUSTER = {"ClusterIdentifier": "demo-cluster", "Database": "dev"}


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Callable[..., None]]:
    """A function that sets faults; they are removed after the test."""

    def put(*wanted: dict[str, Any]) -> None:
        assert own(sandbox, "PUT", "faults", list(wanted))[0] == 200

    yield put
    own(sandbox, "DELETE", "faults")


@pytest.fixture
def data(sandbox: Sandbox) -> Any:
    return aws(sandbox, "redshift-data")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("throttle", ("ThrottlingException", 400, "Rate exceeded")),
        ("expired_token", ("ExpiredTokenException", 400, "The security token included in the request is expired")),
        ("internal_error", ("InternalServerException", 500, "An internal error occurred.")),
    ],
)
def test_a_fault_occurs_as_often_as_requested(
    data: Any, faults: Callable[..., None], kind: str, answer: tuple[str, int, str]
) -> None:
    faults({"operation": "ListStatements", "kind": kind, "count": 2})
    assert [refusal(data.list_statements) for _ in range(2)] == [answer, answer]
    assert "Statements" in data.list_statements()


def test_throttling_can_hide_in_a_validation_exception(data: Any, faults: Callable[..., None]) -> None:
    faults({"operation": "ExecuteStatement", "kind": "throttle_in_validation", "count": 1})
    code, status, said = refusal(data.execute_statement, Sql="select 1", **CLUSTER)
    assert (code, status) == ("ValidationException", 400)
    assert "Service returned error code ThrottlingException" in said


def test_a_fault_applies_to_its_operation_only(sandbox: Sandbox, data: Any, faults: Callable[..., None]) -> None:
    faults({"operation": "DescribeStatement", "kind": "throttle"})
    assert "Statements" in data.list_statements()
    assert "Account" in aws(sandbox, "sts").get_caller_identity()


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "Throttling"),
        ("redshift", "describe_clusters", "Throttling"),
        ("redshift-serverless", "list_workgroups", "ThrottlingException"),
        ("secretsmanager", "list_secrets", "ThrottlingException"),
    ],
)
def test_a_star_applies_to_every_service_with_its_own_error(
    sandbox: Sandbox, faults: Callable[..., None], service: str, operation: str, code: str
) -> None:
    faults({"operation": "*", "kind": "throttle", "count": 1})
    assert refusal(getattr(aws(sandbox, service), operation))[0] == code
    getattr(aws(sandbox, service), operation)()


def test_a_client_that_retries_recovers_from_a_fault(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults({"operation": "ListStatements", "kind": "throttle", "count": 2})
    own(sandbox, "DELETE", "calls")
    assert "Statements" in aws(sandbox, "redshift-data", attempts=4).list_statements()
    assert own(sandbox, "GET", "calls")[1]["operations"] == {"ListStatements": 3}


def test_a_dropped_connection_loses_the_response_but_not_the_effect(
    sandbox: Sandbox, data: Any, faults: Callable[..., None]
) -> None:
    faults({"operation": "ExecuteStatement", "kind": "drop_connection", "count": 1})
    own(sandbox, "DELETE", "calls")
    sent = {"Sql": "select 'dropped'", "ClientToken": "the-same-token", **CLUSTER}
    with pytest.raises(ConnectionClosedError):
        data.execute_statement(**sent)
    started = data.execute_statement(**sent, WaitTimeSeconds=30)
    assert data.describe_statement(Id=started["Id"], WaitTimeSeconds=30)["Status"] == "FINISHED"
    assert [one["sql"] for one in own(sandbox, "GET", "calls")[1]["statements"]] == ["select 'dropped'"]


def test_a_slow_response_is_complete(data: Any, faults: Callable[..., None]) -> None:
    faults({"operation": "ListStatements", "kind": "slow", "count": 1, "seconds": 0.05})
    assert "Statements" in data.list_statements()


def test_without_long_polling_execute_does_not_return_the_status(data: Any, faults: Callable[..., None]) -> None:
    faults({"operation": "*", "kind": "no_long_poll"})
    started = data.execute_statement(Sql="select 1", WaitTimeSeconds=30, **CLUSTER)
    assert set(started) & {"Status", "HasResultSet", "RedshiftPid"} == set()
    assert data.describe_statement(Id=started["Id"], WaitTimeSeconds=30)["Status"] in (
        "SUBMITTED",
        "PICKED",
        "STARTED",
        "FINISHED",
    )


@pytest.mark.parametrize(
    ("kind", "said"), [("dead_session", "Session is not available"), ("lost_session", "Session with Id: {} is invalid")]
)
def test_a_session_that_dies_stays_dead(data: Any, faults: Callable[..., None], kind: str, said: str) -> None:
    waiting = {"Sql": "select 1", "WaitTimeSeconds": 30}
    session = data.execute_statement(**waiting, SessionKeepAliveSeconds=600, **CLUSTER)["SessionId"]
    faults({"operation": "ExecuteStatement", "kind": kind, "count": 1})
    data.execute_statement(**waiting, **CLUSTER)
    for _ in range(2):
        answer = refusal(data.execute_statement, **waiting, SessionId=session)
        assert answer == ("ValidationException", 400, said.format(session))


def test_removing_the_faults_ends_them(sandbox: Sandbox, data: Any, faults: Callable[..., None]) -> None:
    faults({"operation": "*", "kind": "throttle"})
    assert refusal(data.list_statements)[0] == "ThrottlingException"
    assert own(sandbox, "DELETE", "faults")[0] == 200
    assert "Statements" in data.list_statements()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"kind": "throttle"}, "must be a JSON list"),
        (["throttle"], "each fault must be a JSON object"),
        ([{"operation": "*"}], "kind must be one of throttle, "),
        ([{"kind": "fire"}], "kind must be one of throttle, "),
        ([{"kind": "throttle", "count": 0}], "count must be an integer"),
        ([{"kind": "throttle", "count": "3"}], "count must be an integer"),
        ([{"kind": "throttle", "probability": 0}], "probability must be above 0"),
        ([{"kind": "throttle", "probability": 1.5}], "probability must be above 0"),
        ([{"kind": "slow", "seconds": -1}], "seconds must be a finite number"),
        ([{"kind": "slow", "seconds": float("inf")}], "seconds must be a finite number"),
        ([{"kind": "slow", "operation": ""}], "operation must be the name of an operation"),
        ([{"kind": "throttle", "times": 3}], "unknown member 'times'"),
    ],
)
def test_an_invalid_document_changes_nothing(
    sandbox: Sandbox, data: Any, faults: Callable[..., None], document: Any, words: str
) -> None:
    faults({"operation": "ListStatements", "kind": "throttle"})
    status, answer = own(sandbox, "PUT", "faults", document)
    assert status == 400
    assert words in answer["error"]
    assert refusal(data.list_statements)[0] == "ThrottlingException"


def test_faults_apply_in_order_each_as_often_as_requested() -> None:
    faults = FaultQueue()
    faults.replace([{"kind": "throttle", "count": 2}, {"operation": "A", "kind": "slow", "count": 1}])
    struck = [faults.take("A", in_session=False) for _ in range(4)]
    assert [fault and fault.kind for fault in struck] == ["throttle", "throttle", "slow", None]


def test_a_session_fault_applies_to_requests_in_a_session_only() -> None:
    faults = FaultQueue()
    faults.replace([{"kind": "dead_session", "count": 1}])
    assert faults.take("ExecuteStatement", in_session=False) is None
    assert faults.take("ExecuteStatement", in_session=True) is not None
    assert faults.take("ExecuteStatement", in_session=True) is None


def test_a_probability_gives_the_same_sequence_of_faults_in_every_run() -> None:
    def strikes() -> list[bool]:
        faults = FaultQueue()
        faults.replace([{"kind": "throttle", "probability": 0.25}])
        return [faults.take("A", in_session=False) is not None for _ in range(1000)]

    assert 200 < sum(strikes()) < 300
    assert strikes() == strikes()


def test_a_fault_that_is_not_an_object_is_refused() -> None:
    with pytest.raises(InvalidFault):
        Fault.parse(None)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_quota_allows_one_seconds_requests_and_refills() -> None:
    clock = Clock()
    quotas = Quotas(clock=clock)
    for operation, rate in QUOTAS.items():
        clock.now += 10
        assert [quotas.admits(operation, "us-east-1") for _ in range(int(rate) + 1)] == [True] * int(rate) + [False]
        clock.now += 1.001 / rate
        assert [quotas.admits(operation, "us-east-1") for _ in range(2)] == [True, False]
        clock.now += 3600
        assert [quotas.admits(operation, "us-east-1") for _ in range(int(rate) + 1)] == [True] * int(rate) + [False]


def test_a_quota_is_for_one_operation_in_one_region() -> None:
    quotas = Quotas({"A": 1, "B": 1}, clock=Clock())
    assert quotas.admits("A", "here")
    assert not quotas.admits("A", "here")
    assert quotas.admits("A", "there")
    assert quotas.admits("B", "here")
    assert all(quotas.admits("GetCallerIdentity", "here") for _ in range(1000))


def test_real_quotas_throttle_and_spare_the_other_services(own_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = own_sandbox("--quotas", "real", "--latency-ms", "1")
    data = aws(sandbox, "redshift-data")
    said = [outcome(data)]
    assert said == ["listed"]

    def refused() -> bool:
        said[0] = outcome(data)
        return said[0] != "listed"

    wait_until(refused)
    assert said == ["ThrottlingException: Rate exceeded"]
    assert all("Account" in aws(sandbox, "sts").get_caller_identity() for _ in range(8))
    assert "Statements" in aws(sandbox, "redshift-data", attempts=5).list_statements()


def outcome(data: Any) -> str:
    try:
        data.list_statements()
    except data.exceptions.ClientError as error:
        return "{Code}: {Message}".format(**error.response["Error"])
    return "listed"
