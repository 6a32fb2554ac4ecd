"""What the Data API tells of a statement or a batch, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})


@dataclass(frozen=True, slots=True)
class State:
    """A statement, a batch or a member of one, as an answer told it.

    `rows` are rows returned or changed, -1 where that is not known; `nanoseconds` its duration, 0 or less before it
    ran; `session` the id of the service's session, where one is kept; `described` tells whether DescribeStatement said
    it, with error, rows and members.
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
        """Whether nothing more will change. A status nobody knows means: not yet (redshift-facts §1.3)."""
        return self.status in _ENDED

    @property
    def texts_begun(self) -> int:
        """How many SQL texts have begun to run: members of a batch, else this one.

        What failed at the login, or was aborted before its turn, has not.
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

    An older service says nothing of the status when it starts something: then it is SUBMITTED.
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
