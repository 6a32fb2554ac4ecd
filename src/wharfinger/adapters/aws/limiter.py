"""Keeps our calls within the service's quotas: a token bucket per operation, shared by all threads of the process.

The quotas belong to an AWS account in a region, so there is one `Limiter` for each such pair, handed out by `Limiters`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wharfinger.core.session import Stopped

QUOTAS: Mapping[str, float] = {
    "ExecuteStatement": 30,
    "GetStatementResult": 20,
    "DescribeStatement": 100,
    "BatchExecuteStatement": 20,
    "CancelStatement": 3,
    "DescribeTable": 3,
    "ListDatabases": 3,
    "ListSchemas": 3,
    "ListTables": 3,
    "ListStatements": 3,
}
"""Calls a second for one account in one region (redshift-facts §1.10; from BatchExecuteStatement on unverified)."""

OTHER_CALLS = 10.0
"""Calls a second for an operation without a known quota: sign-in, discovery, secrets. A careful guess."""

BURST = 0.5
"""The part of a second's calls that may go out at once; less than what the service itself is assumed to allow."""

RECOVERY_SECONDS = 60.0
"""After throttling, the full rate is restored gradually over this time."""

SETTLE_SECONDS = 1.0
"""Calls sent together are throttled together: within this time they halve the rate once only."""

LOWEST = 1 / 32
"""The rate never falls below this part of the quota, so that a run never stops altogether."""

_LOOK_AT_STOP_SECONDS = 0.1


class Clock(Protocol):
    """Time for the limiter; tests replace it and never sleep."""

    def now(self) -> float:
        """Seconds that only grow."""
        ...

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Release `condition` (held by the caller) until notified, at most `seconds`."""
        ...


class _RealClock:
    def now(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(seconds)


@dataclass(slots=True)
class _Bucket:
    quota: float
    clock: Clock
    rate: float = 0
    tokens: float = 0
    filled_at: float = 0
    slowed_at: float = float("-inf")
    queue: deque[object] = field(default_factory=deque)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.rate = self.quota
        self.tokens = self.burst
        self.filled_at = self.clock.now()

    @property
    def burst(self) -> float:
        return max(1.0, self.rate * BURST)

    def refill(self) -> None:
        now = self.clock.now()
        passed = now - self.filled_at
        self.filled_at = now
        self.rate = min(self.quota, self.rate + self.quota * passed / RECOVERY_SECONDS)
        self.tokens = min(self.burst, self.tokens + passed * self.rate)

    def acquire(self, stop: threading.Event) -> None:
        ticket = object()
        with self.changed:
            self.queue.append(ticket)
            try:
                self._wait_for_turn(ticket, stop)
                self.tokens -= 1
            finally:
                self.queue.remove(ticket)
                self.changed.notify_all()

    def _wait_for_turn(self, ticket: object, stop: threading.Event) -> None:
        while True:
            if stop.is_set():
                raise Stopped
            if self.queue[0] is ticket:
                self.refill()
                # A rounding error may leave the bucket slightly short of a whole token.
                if self.tokens > 1 - 1e-9:
                    return
                seconds = (1 - self.tokens) / self.rate
            else:
                seconds = _LOOK_AT_STOP_SECONDS
            self.clock.wait(self.changed, min(seconds, _LOOK_AT_STOP_SECONDS))

    def slow(self) -> None:
        with self.changed:
            self.refill()
            now = self.clock.now()
            if now - self.slowed_at >= SETTLE_SECONDS:
                self.rate = max(self.quota * LOWEST, self.rate / 2)
                self.slowed_at = now
            self.tokens = min(self.tokens, 0.0)


class Limiter:
    """Paces the calls of one account in one region. Thread-safe; the thread that has waited longest goes first."""

    def __init__(self, quotas: Mapping[str, float] = QUOTAS, clock: Clock | None = None) -> None:
        self._quotas = quotas
        self._clock = clock or _RealClock()
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def acquire(self, operation: str, stop: threading.Event) -> None:
        """Wait until one call of `operation` may go out. Raises Stopped as soon as `stop` is set."""
        self._bucket(operation).acquire(stop)

    def slow(self, operation: str) -> None:
        """The service throttled a call of `operation`: halve its rate, to be restored gradually."""
        self._bucket(operation).slow()

    def rate(self, operation: str) -> float:
        """The calls a second that `operation` may make now."""
        bucket = self._bucket(operation)
        with bucket.changed:
            bucket.refill()
            return bucket.rate

    def _bucket(self, operation: str) -> _Bucket:
        with self._lock:
            if operation not in self._buckets:
                self._buckets[operation] = _Bucket(self._quotas.get(operation, OTHER_CALLS), self._clock)
            return self._buckets[operation]


@dataclass(slots=True)
class _Known:
    place: tuple[str, str]
    account: str
    find_account: Callable[[], str]
    limiter: Limiter


class Limiters:
    """One limiter for each account and region, shared by all identities of that account.

    To find the account of an access key takes a call to STS. It is made only when a second identity is used in the
    same region at the same endpoint, because only then does the answer matter.
    """

    def __init__(self, make: Callable[[], Limiter] = Limiter) -> None:
        self._make = make
        self._known: dict[tuple[str, str, object], _Known] = {}
        self._lock = threading.Lock()

    def of(
        self, identity: object, region: str, endpoint_url: str, *, account: str, find_account: Callable[[], str]
    ) -> Limiter:
        """The limiter for `identity` (any hashable value) in `region` at `endpoint_url`.

        `account` is its account, empty when not known; `find_account` finds it, or answers empty when it cannot: then
        the identity keeps its own limiter.
        """
        place = (region, endpoint_url)
        with self._lock:
            found = self._known.get((*place, identity))
            if found is None:
                found = _Known(place, account, find_account, self._make())
                self._share(found)
                self._known[(*place, identity)] = found
            return found.limiter

    def _share(self, new: _Known) -> None:
        others = [known for known in self._known.values() if known.place == new.place]
        if not others:
            return
        for known in (new, *others):
            known.account = known.account or known.find_account()
        for other in others:
            if new.account and other.account == new.account:
                new.limiter = other.limiter
                return
