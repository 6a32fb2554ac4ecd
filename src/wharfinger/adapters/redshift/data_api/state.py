"""The state of a statement or a batch, as the Data API returns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})


@dataclass(frozen=True, slots=True)
class State:
    """A statement, a batch or a member of a batch.

    `rows` counts rows returned or changed, -1 when not known. `nanoseconds` is the duration, 0 or less before it ran.
    `session` is the SessionId of a pinned session. `described` is whether DescribeStatement answered this, the only
    call that answers error, rows and members.
    """

    id: str
    status: str
    has_result: bool = False
    rows: int = -1
    nanoseconds: int = 0
    error: str = ""
    user: str = ""
    session: str = ""
    parts: tuple[State, ...] = ()
    described: bool = False

    @property
    def ended(self) -> bool:
        """Whether this is the last state. An unknown status counts as still running (redshift-facts §1.3)."""
        return self.status in _ENDED

    @property
    def texts_begun(self) -> int:
        """How many SQL texts have begun to run: members of a batch, else 0 or 1.

        A text that failed at the login, or was aborted before its turn, has not begun.
        """
        if self.parts:
            return sum(part.texts_begun for part in self.parts)
        if self.status == "FAILED":
            return int(self.described and (self.nanoseconds > 0 or not self.error.startswith("FATAL")))
        if self.status == "ABORTED":
            return int(self.nanoseconds > 0)
        return int(self.status in ("STARTED", "FINISHED"))


def state_of(answer: dict[str, Any], *, described: bool) -> State:
    """The state in an answer of Execute, BatchExecute or Describe, or in one of its SubStatements.

    Older services return no status when they start a statement: it is SUBMITTED then.
    """
    return State(
        id=answer["Id"],
        status=answer.get("Status", "SUBMITTED"),
        has_result=bool(answer.get("HasResultSet")),
        rows=answer.get("ResultRows", -1),
        nanoseconds=answer.get("Duration", 0),
        error=answer.get("Error", ""),
        user=answer.get("DbUser", ""),
        session=answer.get("SessionId", ""),
        parts=tuple(state_of(part, described=described) for part in answer.get("SubStatements", [])),
        described=described,
    )
