"""One SQL text of a Data API request: its status, its times, what it returned."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from wharfinger_sandbox.statements.results import Result

Status = Literal["SUBMITTED", "PICKED", "STARTED", "FINISHED", "FAILED", "ABORTED"]
"""The statuses of DescribeStatement (redshift-facts §1.3)."""

ENDED = ("FINISHED", "FAILED", "ABORTED")
NOT_RUN = "Connection or an prior query failed."
"""The Error of a batch member that did not run, in the service's own words."""


def now() -> float:
    """The current time in the Data API's form: epoch seconds, to the millisecond."""
    return round(time.time(), 3)


@dataclass(slots=True)
class SqlText:
    """One SQL text: the whole of an ExecuteStatement, or one member of a batch (`id` then ends in `:n`).

    `rows` counts returned or affected rows, `size` returned bytes; both are -1 until known. `created_at` and
    `updated_at` are epoch seconds, `began` a monotonic time, `seconds` the duration, None until the text has ended.
    """

    id: str
    sql: str
    status: Status = "SUBMITTED"
    error: str | None = None
    created_at: float = field(default_factory=now)
    updated_at: float = field(default_factory=now)
    began: float | None = None
    seconds: float | None = None
    rows: int = -1
    size: int = -1
    query_id: int = 0
    query_uuid: str = ""
    result: Result | None = None

    @property
    def has_result_set(self) -> bool:
        """Whether the text returned a result set, even one without rows."""
        return self.result is not None

    @property
    def nanoseconds(self) -> int:
        """The duration; the time so far while the text runs, -1 before it starts."""
        if self.seconds is not None:
            return int(self.seconds * 1e9)
        return -1 if self.began is None else int((time.monotonic() - self.began) * 1e9)

    def set_status(self, status: Status) -> None:
        """Change the status and `updated_at`."""
        self.status = status
        self.updated_at = now()

    def start(self) -> None:
        """Set the status STARTED and start measuring the duration."""
        self.began = time.monotonic()
        self.set_status("STARTED")

    def end(self, status: Status, error: str | None = None) -> None:
        """Set the final `status`, the `error` and the duration."""
        if self.began is not None:
            self.seconds = time.monotonic() - self.began
        self.error = error
        self.set_status(status)
