from __future__ import annotations

import threading

import pytest
from tests.conftest import wait_until

from wharfinger.adapters.aws.limiter import OTHER_CALLS, QUOTAS, RECOVERY_SECONDS, Limiter, Limiters
from wharfinger.core.session import Stopped

NEVER = threading.Event()


class JumpingClock:
    """Waiting costs no time: the clock jumps instead."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, _condition: threading.Condition, seconds: float) -> None:
        self.time += seconds


class HeldClock:
    """Time stands still until the test moves it; threads really wait."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, _seconds: float) -> None:
        condition.wait(0.005)


def test_a_burst_goes_out_at_once_and_then_the_quotas_pace_holds() -> None:
    clock = JumpingClock()
    limiter = Limiter({"ExecuteStatement": 30}, clock)
    for _ in range(15):
        limiter.acquire("ExecuteStatement", NEVER)
    assert clock.time == 0
    for _ in range(60):
        limiter.acquire("ExecuteStatement", NEVER)
    assert clock.time == pytest.approx(2.0)


def test_no_second_holds_more_than_quota_and_burst() -> None:
    clock = JumpingClock()
    limiter = Limiter({"GetStatementResult": 20}, clock)
    times = []
    for _ in range(200):
        limiter.acquire("GetStatementResult", NEVER)
        times.append(clock.time)
    assert max(sum(start <= time < start + 1 for time in times) for start in times) <= 30


def test_operations_do_not_wait_for_each_other() -> None:
    clock = JumpingClock()
    limiter = Limiter(QUOTAS, clock)
    for _ in range(1):
        limiter.acquire("CancelStatement", NEVER)
    before = clock.time
    limiter.acquire("DescribeStatement", NEVER)
    assert clock.time == before


def test_an_operation_without_a_known_quota_is_paced_all_the_same() -> None:
    assert Limiter(QUOTAS, JumpingClock()).rate("GetSecretValue") == OTHER_CALLS


def test_throttling_halves_the_rate_once_for_calls_that_were_under_way_together() -> None:
    limiter = Limiter({"ExecuteStatement": 32}, JumpingClock())
    for _ in range(10):
        limiter.slow("ExecuteStatement")
    assert limiter.rate("ExecuteStatement") == 16


def test_throttling_again_and_again_slows_to_a_crawl_but_never_to_a_halt() -> None:
    clock = JumpingClock()
    limiter = Limiter({"ExecuteStatement": 32}, clock)
    for _ in range(50):
        limiter.slow("ExecuteStatement")
        clock.time += 1
    assert 1 <= limiter.rate("ExecuteStatement") < 3


def test_the_rate_comes_back_by_and_by_and_not_above_the_quota() -> None:
    clock = JumpingClock()
    limiter = Limiter({"ExecuteStatement": 30}, clock)
    limiter.slow("ExecuteStatement")
    rates = []
    for _ in range(8):
        rates.append(limiter.rate("ExecuteStatement"))
        clock.time += RECOVERY_SECONDS / 10
    assert rates == sorted(rates)
    assert rates[0] == 15
    assert rates[1] == pytest.approx(18)
    assert rates[-1] == 30


def test_after_throttling_the_next_call_waits_even_when_tokens_were_left() -> None:
    clock = JumpingClock()
    limiter = Limiter({"ExecuteStatement": 30}, clock)
    limiter.slow("ExecuteStatement")
    limiter.acquire("ExecuteStatement", NEVER)
    assert clock.time > 0.05


def test_who_waits_longest_goes_first() -> None:
    clock = HeldClock()
    limiter = Limiter({"CancelStatement": 1}, clock)
    limiter.acquire("CancelStatement", NEVER)
    served: list[int] = []
    threads = []
    for number in range(5):
        thread = threading.Thread(
            target=lambda number=number: (limiter.acquire("CancelStatement", NEVER), served.append(number))
        )
        thread.start()
        threads.append(thread)
        wait_until(lambda number=number: len(limiter._buckets["CancelStatement"].queue) == number + 1)
    for number in range(5):
        clock.time += 1
        wait_until(lambda number=number: len(served) == number + 1)
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_waiting_ends_with_the_wish_to_stop_and_the_others_go_on() -> None:
    clock = HeldClock()
    limiter = Limiter({"CancelStatement": 1}, clock)
    limiter.acquire("CancelStatement", NEVER)
    stop = threading.Event()
    outcome: list[str] = []

    def first() -> None:
        try:
            limiter.acquire("CancelStatement", stop)
        except Stopped:
            outcome.append("stopped")

    def second() -> None:
        limiter.acquire("CancelStatement", NEVER)
        outcome.append("served")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    wait_until(lambda: len(limiter._buckets["CancelStatement"].queue) == 1)
    threads[1].start()
    wait_until(lambda: len(limiter._buckets["CancelStatement"].queue) == 2)
    stop.set()
    wait_until(lambda: outcome == ["stopped"])
    clock.time += 1
    for thread in threads:
        thread.join()
    assert outcome == ["stopped", "served"]


def _of(limiters: Limiters, identity: str, account: str, asked: list[str], *, region: str = "us-east-1") -> Limiter:
    def find() -> str:
        asked.append(identity)
        return account

    return limiters.of(identity, region, "", account="", find_account=find)


def test_two_identities_of_one_account_share_a_limiter() -> None:
    limiters, asked = Limiters(), list[str]()
    assert _of(limiters, "alice", "111", asked) is _of(limiters, "bob", "111", asked)
    assert sorted(asked) == ["alice", "bob"]


def test_one_identity_alone_is_never_asked_for_its_account() -> None:
    limiters, asked = Limiters(), list[str]()
    assert _of(limiters, "alice", "111", asked) is _of(limiters, "alice", "111", asked)
    assert asked == []


def test_other_accounts_regions_and_unknown_accounts_have_their_own() -> None:
    limiters, asked = Limiters(), list[str]()
    known = {
        id(_of(limiters, "alice", "111", asked)),
        id(_of(limiters, "bob", "222", asked)),
        id(_of(limiters, "alice", "111", asked, region="eu-west-1")),
        id(_of(limiters, "carol", "", asked)),
        id(_of(limiters, "dave", "", asked)),
    }
    assert len(known) == 5


def test_an_account_that_is_known_is_not_asked_for() -> None:
    def find() -> str:
        raise AssertionError("nobody needs to be asked")

    limiters = Limiters()
    first = limiters.of("alice", "us-east-1", "", account="111", find_account=find)
    assert limiters.of("bob", "us-east-1", "", account="111", find_account=find) is first
    assert limiters.of("carol", "us-east-1", "", account="222", find_account=find) is not first
