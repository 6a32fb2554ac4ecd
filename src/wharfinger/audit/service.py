"""The verb of the audit log: list who did what, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from wharfinger.core.acting import Acts
from wharfinger.core.ages import age
from wharfinger.core.errors import Invalid
from wharfinger.core.events import Event

LIMIT = 100
"""The number of events that are listed by default."""


class Log(Protocol):
    """The recorded events; `store.audit` provides them."""

    def events(self, since: datetime | None, limit: int) -> list[Event]:
        """The newest `limit` events, the newest first; with `since`, only those that began at that time or later."""


def _now() -> datetime:
    return datetime.now(UTC)


class AuditReading:
    """The verb `audit:list`."""

    def __init__(self, log: Log, acts: Acts, clock: Callable[[], datetime] = _now) -> None:
        self._log = log
        self._acts = acts
        self._clock = clock

    def events(self, since: str = "", limit: int = LIMIT) -> list[Event]:
        """The newest `limit` events, the newest first.

        `since` leaves out what began longer ago than that, such as `7d`; empty leaves out nothing. Raises Invalid for
        another form of `since` and for a limit below 1, Refused when the actor may not read the log.
        """
        self._acts.require("audit:list")
        if limit < 1:
            raise Invalid(
                "The limit is too low", subject=str(limit), next_step="Ask for 1 event or more", fields=("limit",)
            )
        began = self._clock() - age(since, "since") if since else None
        return self._log.events(began, limit)
