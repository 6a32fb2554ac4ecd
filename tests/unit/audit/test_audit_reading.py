"""Who may read the audit log, and how its options are passed to the log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wharfinger.audit.service import AuditReading
from wharfinger.core.acting import LOCAL, Actor, Acts
from wharfinger.core.errors import Invalid, Refused
from wharfinger.core.events import Event, Outcome

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Log:
    """Records the arguments of its calls."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime | None, int]] = []

    def events(self, since: datetime | None, limit: int) -> list[Event]:
        self.asked.append((since, limit))
        return [Event("keys:move", "local")]

    def begin(self, event: Event) -> int:
        raise AssertionError(f"to read the log is no act: {event}")

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        raise AssertionError(f"to read the log is no act: {number} {outcome} {detail}")


def test_since_is_counted_from_now() -> None:
    log = Log()
    reading = AuditReading(log, Acts(LOCAL, log), lambda: NOW)
    reading.events("36h", 5)
    reading.events()

    assert log.asked == [(datetime(2026, 3, 9, 0, tzinfo=UTC), 5), (None, 100)]


@pytest.mark.parametrize("role", ["member", "editor"])
def test_only_an_administrator_reads_the_log(role: str) -> None:
    log = Log()
    with pytest.raises(Refused, match="audit:list"):
        AuditReading(log, Acts(Actor("ann", role), log)).events()  # type: ignore[arg-type]

    assert log.asked == []


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_invalid(limit: int) -> None:
    log = Log()
    with pytest.raises(Invalid) as caught:
        AuditReading(log, Acts(LOCAL, log)).events(limit=limit)

    assert caught.value.fields == ("limit",)
