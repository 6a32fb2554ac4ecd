"""Faults that a test can request, and AWS's request quotas (contract, Sandbox)."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

KINDS = (
    "throttle", "throttle_in_validation", "expired_token", "internal_error", "drop_connection", "slow",
    "dead_session", "lost_session", "no_long_poll",
)  # fmt: skip
MEMBERS = ("operation", "kind", "count", "probability", "seconds")
SESSION_KINDS = ("dead_session", "lost_session")
SLOW_SECONDS = 2.0

# Requests a second of one account in one region (redshift-facts §1.10; the 3s and the batch's 20 are unverified).
QUOTAS: Mapping[str, float] = {
    "ExecuteStatement": 30,
    "BatchExecuteStatement": 20,
    "DescribeStatement": 100,
    "GetStatementResult": 20,
    "GetStatementResultV2": 20,
    "CancelStatement": 3,
    "DescribeTable": 3,
    "ListDatabases": 3,
    "ListSchemas": 3,
    "ListTables": 3,
    "ListStatements": 3,
    "ListSessions": 3,
}


class InvalidFault(ValueError):
    """A fault document is not valid; the text names the wrong member and what is allowed."""


@dataclass
class Fault:
    """One requested fault.

    It applies to `operation` (`*`: every operation), `count` more times (None: without limit), with `probability`
    (above 0, at most 1). `seconds` is the delay of the kind `slow`.
    """

    operation: str
    kind: str
    count: int | None = None
    probability: float = 1.0
    seconds: float = SLOW_SECONDS

    @classmethod
    def parse(cls, raw: Any) -> Fault:
        """The fault that one object of the PUT document describes. Raises InvalidFault."""
        if not isinstance(raw, dict):
            raise InvalidFault("each fault must be a JSON object")
        unknown = sorted(set(raw) - set(MEMBERS))
        if unknown:
            raise InvalidFault(f"unknown member {unknown[0]!r}; a fault has {', '.join(MEMBERS)}")
        if raw.get("kind") not in KINDS:
            raise InvalidFault(f"kind must be one of {', '.join(KINDS)}")
        count, probability, seconds = raw.get("count"), raw.get("probability", 1.0), raw.get("seconds", SLOW_SECONDS)
        if count is not None and (not isinstance(count, int) or count < 1):
            raise InvalidFault("count must be an integer of at least 1")
        if not isinstance(probability, int | float) or not 0 < probability <= 1:
            raise InvalidFault("probability must be above 0 and at most 1")
        if not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
            raise InvalidFault("seconds must be a finite number of at least 0")
        operation = raw.get("operation", "*")
        if not isinstance(operation, str) or not operation:
            raise InvalidFault("operation must be the name of an operation, or *")
        return cls(operation, raw["kind"], count, float(probability), float(seconds))


class FaultQueue:
    """The requested faults. Those with probability 1 are applied in order, each `count` times."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(20120101)  # noqa: S311 - no secret; the same sequence in every run

    def replace(self, document: Any) -> None:
        """Replace all faults by those of a PUT document. Raises InvalidFault and then changes nothing."""
        if not isinstance(document, list):
            raise InvalidFault("the document must be a JSON list of faults")
        self._faults = [Fault.parse(raw) for raw in document]

    def clear(self) -> None:
        """Remove all faults."""
        self._faults = []

    def take(self, operation: str, *, in_session: bool) -> Fault | None:
        """The fault for a request of `operation`, None when there is none; reduces its count.

        Session faults apply only when the request names a session (`in_session`).
        """
        for fault in self._faults:
            if fault.operation not in ("*", operation) or (fault.kind in SESSION_KINDS and not in_session):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            self._use(fault)
            return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count == 0:
            self._faults.remove(fault)


class Quotas:
    """One token bucket for each operation and region; `rates` are requests per second, a bucket holds one second's."""

    def __init__(self, rates: Mapping[str, float] = QUOTAS, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def admits(self, operation: str, region: str) -> bool:
        """True when the quota allows one more request of `operation`; takes its token."""
        rate = self._rates.get(operation)
        if rate is None:
            return True
        now = self._clock()
        tokens, seen = self._buckets.get((operation, region), (rate, now))
        tokens = min(rate, tokens + (now - seen) * rate)
        admitted = tokens >= 1
        self._buckets[operation, region] = (tokens - 1 if admitted else tokens, now)
        return admitted
