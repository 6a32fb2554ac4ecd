"""What the engine still has to answer in a wire session, and the SQL texts the responses belong to."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from wharfinger_sandbox.calls import StatementEntry
from wharfinger_sandbox.dialect import Refused
from wharfinger_sandbox.wire.probe import Probe
from wharfinger_sandbox.wire.recorder import SessionRecorder
from wharfinger_sandbox.wire.translator import PreparedStatement

CANCELED = "57014"

Kind = Literal["parse", "bind", "describe", "close", "execute", "query", "sync", "counters", "probe"]


@dataclass
class RunningText:
    """One SQL text that will run or runs; `start` adds it to the call log. `formats` are the formats of its result."""

    prepared: PreparedStatement
    recorder: SessionRecorder
    formats: Sequence[int] = ()
    entry: StatementEntry | None = None
    began: float = 0.0

    def start(self) -> None:
        """Record the start. A portal that is read in several parts starts once."""
        if self.entry is None:
            self.began = time.monotonic()
            self.entry = self.recorder.started(self.prepared.redacted)

    def end(self, status: str, *, tag: str = "", error: str | None = None) -> None:
        """Record the end with `FINISHED`, `FAILED` or `ABORTED`; `tag` is the engine's command tag."""
        self.start()
        if self.entry is not None:
            seconds = time.monotonic() - self.began
            self.entry.finished(status, seconds)
            self.recorder.ended(self.entry, self.prepared.translation, seconds, tag=tag, error=error)

    def suspended(self) -> None:
        """Record that a portal has returned the requested number of rows; more may follow."""
        if self.entry is not None:
            self.entry.finished("FINISHED", time.monotonic() - self.began)


@dataclass
class PendingResponse:
    """One request that the engine has to answer.

    `runs` are the SQL texts of the request, the current one first. `probe` is set for a query of the sandbox itself.
    """

    kind: Kind
    runs: deque[RunningText] = field(default_factory=deque)
    probe: Probe | None = None

    @property
    def refused(self) -> Refused | None:
        """The dialect's refusal of the current text, None when it was accepted."""
        return self.runs[0].prepared.refused if self.runs else None

    @property
    def as_written(self) -> bool:
        """True when the engine got the client's own text, so that a position in it is meaningful to the client."""
        run = self.runs[0] if self.runs else None
        if run is None or run.prepared.translation is None:
            return True
        return len(self.runs) == 1 and run.prepared.translation.sql == run.prepared.sql

    def failed(self, sqlstate: str, message: str) -> None:
        """Record that the current text failed; the texts after it do not run."""
        if self.runs:
            self.runs[0].end("ABORTED" if sqlstate == CANCELED else "FAILED", error=f"ERROR: {message}")
            self.runs.clear()

    def suspended(self) -> None:
        """Record that the current text has returned the requested number of rows."""
        if self.runs:
            self.runs[0].suspended()

    def completed(self, tag: str = "") -> PreparedStatement | None:
        """Record that the current text finished and the next one starts; returns the finished statement."""
        if not self.runs:
            return None
        run = self.runs.popleft()
        run.end("FINISHED", tag=tag)
        if self.runs:
            self.runs[0].start()
        return run.prepared
