from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from botocore.stub import Stubber

from wharfinger.adapters.aws import clients as aws_module
from wharfinger.adapters.aws.calls import AnswerLost, AwsCalls, Backoff
from wharfinger.adapters.aws.clients import Aws, AwsPool, AwsSource
from wharfinger.adapters.aws.errors import Place
from wharfinger.adapters.aws.limiter import Limiter
from wharfinger.connections.model import Identity, Secrets
from wharfinger.core.errors import Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.secret import Secret
from wharfinger.core.session import Stopped, Usage

SERVICE = "redshift-data"
KEYS = Identity("keys", access_key_id="AKIAEXAMPLE")
SECRETS = Secrets(secret_access_key=Secret("very-secret"))
ANSWER = {"Id": "d9b6c0c9-0747-4bf4-b142-e8883122f766"}


class Calls:
    """Calls to a real client with scripted answers, since no service fails in these ways on demand."""

    def __init__(self, *, stop: threading.Event | None = None) -> None:
        self.pauses: list[float] = []
        self.usage = Usage(stop=stop or threading.Event())
        self.aws = Aws(AwsSource(KEYS, SECRETS, "us-east-1"))
        self.client = self.aws.client(SERVICE)
        self.stubber = Stubber(self.client)
        self.limiter = Limiter({"ExecuteStatement": 1000.0})
        backoff = Backoff(wait=lambda seconds, _: self.pauses.append(seconds))
        self.make = AwsCalls(self.aws, self.limiter, self.usage, Place("cluster demo", "us-east-1"), backoff)

    def fails(self, code: str, message: str = "", times: int = 1) -> None:
        for _ in range(times):
            self.stubber.add_client_error("execute_statement", code, message)

    def answers(self) -> None:
        self.stubber.add_response("execute_statement", ANSWER)

    def raises(self, error: Exception) -> None:
        """From now on requests fail before they are answered."""

        def fail(**_: Any) -> None:
            raise error

        self.client.meta.events.register("before-send.redshift-data.*", fail)

    def execute(self) -> dict[str, Any]:
        with self.stubber:
            return self.make(SERVICE, "ExecuteStatement", Sql="select 1", Database="dev", ClientToken="same")


def test_an_answer_costs_one_call() -> None:
    calls = Calls()
    calls.answers()
    assert calls.execute()["Id"] == ANSWER["Id"]
    assert (calls.usage.api_calls, calls.usage.statements, calls.pauses) == (1, 0, [])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ThrottlingException", "Rate exceeded"),
        ("ValidationException", "Service returned error code ThrottlingException (Service: RedshiftServerless)"),
    ],
)
def test_throttling_is_waited_out_counted_and_slows_the_limiter(code: str, message: str) -> None:
    calls = Calls()
    calls.fails(code, message, times=3)
    calls.answers()
    assert calls.execute()["Id"] == ANSWER["Id"]
    assert calls.usage.api_calls == 4
    assert len(calls.pauses) == 3
    assert calls.limiter.rate("ExecuteStatement") < 600


def test_too_many_active_statements_are_queued_here() -> None:
    calls = Calls()
    calls.fails("ActiveStatementsExceededException", times=5)
    calls.answers()
    assert calls.execute()["Id"] == ANSWER["Id"]
    assert calls.usage.api_calls == 6


def test_patience_ends_with_unavailable() -> None:
    calls = Calls()
    calls.fails("ThrottlingException", times=10)
    with pytest.raises(Unavailable) as caught:
        calls.execute()
    assert not isinstance(caught.value, AnswerLost)
    assert calls.usage.api_calls == 10


def test_pauses_grow_and_stay_bounded() -> None:
    seen: list[float] = []
    backoff = Backoff(first=1, longest=8, wait=lambda seconds, _: seen.append(seconds))
    for attempt in range(1, 20):
        for _ in range(20):
            backoff.pause(attempt, threading.Event())
        assert max(seen[-20:]) <= min(8, 2 ** (attempt - 1))
    assert max(seen) > 4


def test_a_refusal_is_told_at_once() -> None:
    calls = Calls()
    calls.fails("AccessDeniedException", "User: a is not authorized to perform: redshift-data:ExecuteStatement")
    with pytest.raises(Refused) as caught:
        calls.execute()
    assert calls.usage.api_calls == 1
    assert caught.value.subject == "ExecuteStatement on cluster demo"


def test_an_unknown_error_keeps_its_code() -> None:
    calls = Calls()
    calls.fails("BrandNewException", "never heard of")
    with pytest.raises(Failed, match="BrandNewException: never heard of"):
        calls.execute()


def test_a_lost_answer_is_marked_since_the_work_may_be_done() -> None:
    calls = Calls()
    calls.fails("InternalServerException", times=5)
    with pytest.raises(AnswerLost):
        calls.execute()
    assert calls.usage.api_calls == 5


def test_an_answer_once_lost_stays_lost_whatever_the_next_attempts_say() -> None:
    calls = Calls()
    calls.fails("InternalServerException")
    calls.fails("ThrottlingException", "Rate exceeded", times=10)
    with pytest.raises(AnswerLost, match="throttles"):
        calls.execute()


def test_a_line_that_breaks_after_sending_is_a_lost_answer_and_one_that_never_stood_is_not() -> None:
    dropped = Calls()
    dropped.raises(ConnectionClosedError(endpoint_url="https://x"))
    with pytest.raises(AnswerLost):
        dropped.make(SERVICE, "ExecuteStatement", Sql="select 1", Database="dev")
    assert dropped.usage.api_calls == 5
    unreachable = Calls()
    unreachable.raises(EndpointConnectionError(endpoint_url="https://x"))
    with pytest.raises(Unavailable) as caught:
        unreachable.make(SERVICE, "ExecuteStatement", Sql="select 1", Database="dev")
    assert not isinstance(caught.value, AnswerLost)
    assert unreachable.usage.api_calls == 3


@pytest.mark.parametrize("times", [1, 4])
def test_expired_credentials_are_renewed_before_each_further_attempt(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    calls = Calls()
    calls.fails("ExpiredTokenException", times=times)
    calls.answers()
    renewed: list[int] = []
    monkeypatch.setattr(calls.aws, "renew", renewed.append)
    assert calls.execute()["Id"] == ANSWER["Id"]
    assert (calls.usage.api_calls, renewed, len(calls.pauses)) == (times + 1, [0] * times, times)


def test_credentials_that_stay_expired_are_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    calls.fails("ExpiredTokenException", times=5)
    monkeypatch.setattr(calls.aws, "renew", lambda _: None)
    with pytest.raises(Refused, match="expired"):
        calls.execute()
    assert calls.usage.api_calls == 5


def test_one_sort_of_trouble_is_not_cut_short_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr(Aws, "renew", lambda *_: None)
    calls.fails("ThrottlingException", "Rate exceeded", times=6)
    calls.fails("ExpiredTokenException", "expired")
    calls.answers()
    assert calls.execute()["Id"] == ANSWER["Id"]
    assert calls.usage.api_calls == 8


def test_patience_ends_with_mixed_trouble_too() -> None:
    calls = Calls()
    calls.fails("ThrottlingException", "Rate exceeded", times=8)
    calls.fails("InternalServerException", "trouble")
    with pytest.raises(Unavailable, match="internal error"):
        calls.execute()
    assert calls.usage.api_calls == 9


def test_what_the_sdk_tells_of_its_work_stays_out_of_our_logs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    caplog.set_level(logging.DEBUG)
    Aws(AwsSource(Identity(), Secrets(), "us-east-1")).client(SERVICE)

    assert [record for record in caplog.records if record.name.startswith(("boto", "urllib3"))] == []


def test_threads_that_meet_the_same_expiry_renew_together() -> None:
    aws = Aws(AwsSource(KEYS, SECRETS, "us-east-1"))
    generation = aws.generation
    first = aws.client(SERVICE)
    assert aws.client(SERVICE) is first
    aws.renew(generation)
    second = aws.client(SERVICE)
    aws.renew(generation)
    assert second is not first
    assert aws.client(SERVICE) is second


def test_the_wish_to_stop_ends_the_waiting_and_sends_nothing_more() -> None:
    calls = Calls()
    calls.usage.stop.set()
    with pytest.raises(Stopped):
        calls.execute()
    assert calls.usage.api_calls == 0


def test_what_stops_something_goes_out_in_spite_of_the_wish_to_stop() -> None:
    calls = Calls()
    calls.usage.stop.set()
    calls.stubber.add_response("cancel_statement", {"Status": True})
    with calls.stubber:
        assert calls.make.ignoring_stop()(SERVICE, "CancelStatement", Id=ANSWER["Id"]) == {"Status": True}
    assert calls.usage.api_calls == 1


def test_a_programming_error_is_not_dressed_up() -> None:
    with pytest.raises(AttributeError):
        Calls().make(SERVICE, "NoSuchOperation")


def test_a_bad_argument_is_told_without_its_value() -> None:
    calls = Calls()
    with pytest.raises(Invalid) as caught:
        calls.make(SERVICE, "ExecuteStatement", Sql=["a secret"], Database="dev")
    assert "a secret" not in str(caught.value)


def test_the_installed_model_is_asked_what_it_knows() -> None:
    calls = Calls()
    assert calls.make.has_member(SERVICE, "BatchExecuteStatement", "ExecutionMode")
    assert not calls.make.has_member(SERVICE, "ExecuteStatement", "Telepathy")


@pytest.mark.parametrize(
    ("identity", "secrets", "region", "endpoint", "error"),
    [
        (Identity("keys", access_key_id="AKIA"), Secrets(), "us-east-1", "", Invalid),
        (Identity("profile", profile="nobody"), Secrets(), "us-east-1", "", NotFound),
        (KEYS, SECRETS, "", "", Invalid),
        (KEYS, SECRETS, "us east", "", Invalid),
        (KEYS, SECRETS, "us-east-1", "nonsense", Invalid),
        (Identity(), Secrets(), "us-east-1", "", Invalid),
    ],
    ids=["half a key", "no such profile", "no region", "no such region", "malformed endpoint", "empty chain"],
)
def test_settings_that_cannot_work_are_told_before_anything_is_sent(
    identity: Identity, secrets: Secrets, region: str, endpoint: str, error: type[WharfingerError]
) -> None:
    usage = Usage()
    aws = Aws(AwsSource(identity, secrets, region, endpoint))
    with pytest.raises(error) as caught:
        AwsCalls(aws, Limiter(), usage, Place("cluster demo", region))(SERVICE, "ListDatabases", Database="dev")
    assert caught.value.check in ("identity", "region")
    assert caught.value.next_step


def test_a_client_is_told_to_make_one_attempt_and_keeps_keys_out_of_sight() -> None:
    source = AwsSource(KEYS, SECRETS, "us-east-1", "http://127.0.0.1:1")
    client = Aws(source).client("sts")
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert "very-secret" not in repr(source)


@pytest.mark.parametrize("named_by", ["the connection", "the environment"])
def test_no_other_machine_is_asked_without_tls(named_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://10.0.0.7:4700"
    if named_by == "the environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    usage = Usage()
    source = AwsSource(KEYS, SECRETS, "us-east-1", url if named_by == "the connection" else "")
    with pytest.raises(Refused, match="without TLS") as caught:
        AwsCalls(Aws(source), Limiter(), usage, Place("cluster demo"))(SERVICE, "ListDatabases", Database="dev")
    assert (caught.value.subject, caught.value.check) == ("http://10.0.0.7", "region")
    assert usage.api_calls == 0


@pytest.mark.parametrize("url", ["https://10.0.0.7", "http://localhost:1", "http://[::1]:1", "http://127.0.0.2:1"])
def test_this_machine_may_be_asked_without_tls(url: str) -> None:
    assert Aws(AwsSource(KEYS, SECRETS, "us-east-1", url)).client("sts").meta.endpoint_url == url


def test_clients_are_shared_by_all_who_use_the_same_source() -> None:
    pool = AwsPool()
    one = pool.of(AwsSource(KEYS, SECRETS, "us-east-1"))
    same = pool.of(AwsSource(KEYS, Secrets(secret_access_key=Secret("very-secret")), "us-east-1"))
    other = pool.of(AwsSource(KEYS, Secrets(secret_access_key=Secret("another")), "us-east-1"))
    assert one is same
    assert one is not other


def test_a_roles_account_is_read_from_its_arn() -> None:
    role = Identity(role_arn="arn:aws:iam::123456789012:role/reader")
    assert AwsSource(role, Secrets(), "us-east-1").account == "123456789012"
    assert AwsSource(Identity(), Secrets(), "us-east-1").account == ""


class Sts:
    """Replaces AWS's STS, which does not issue credentials that are about to expire."""

    def __init__(self, lifetime: timedelta) -> None:
        self.clock = datetime(2026, 1, 1, tzinfo=UTC)
        self.lifetime = lifetime
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **members: Any) -> dict[str, Any]:
        self.asked.append(members)
        keys = {"AccessKeyId": f"ASIA{len(self.asked)}", "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": {**keys, "Expiration": self.clock + self.lifetime}}


def test_a_role_is_assumed_again_before_its_credentials_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    sts = Sts(timedelta(hours=1))
    role = Identity("keys", access_key_id="AKIA", role_arn="arn:aws:iam::1:role/r", external_id="x-1")
    aws = Aws(AwsSource(role, SECRETS, "us-east-1"), now=lambda: sts.clock)
    real = aws_module._client
    monkeypatch.setattr(aws_module, "_client", lambda *given: sts if given[1] == "sts" else real(*given))
    credentials = aws.client(SERVICE)._get_credentials()
    used = []
    for minutes in (0, 30, 44, 46, 80, 100):
        sts.clock = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        used.append(credentials.get_frozen_credentials().access_key)
    assert used == ["ASIA1", "ASIA1", "ASIA1", "ASIA2", "ASIA2", "ASIA3"]
    assert sts.asked[0] == {"RoleArn": role.role_arn, "RoleSessionName": "wharfinger", "ExternalId": "x-1"}
