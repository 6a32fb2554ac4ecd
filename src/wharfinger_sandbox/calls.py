"""The call log: which API operations were asked and which SQL texts ran, for `/_sandbox/calls`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class StatementEntry:
    """One SQL text that ran. `session` is the Data API session or the wire connection, None for neither.

    `seconds` stays None while it runs.
    """

    id: str
    sql: str
    database: str
    db_user: str
    session: str | None = None
    status: str = "STARTED"
    seconds: float | None = None

    def finished(self, status: str, seconds: float) -> None:
        """Note the end: `FINISHED`, `FAILED` or `ABORTED`, after `seconds`."""
        self.status = status
        self.seconds = round(seconds, 6)


class CallLog:
    """Counts operations and keeps statements in the order they started, until `clear`."""

    def __init__(self) -> None:
        self._operations: Counter[str] = Counter()
        self._statements: list[StatementEntry] = []

    def operation(self, name: str) -> None:
        """Count one request for the AWS operation `name`."""
        self._operations[name] += 1

    def statement_started(
        self, id: str, sql: str, *, database: str, db_user: str, session: str | None = None
    ) -> StatementEntry:
        """Note that one SQL text began to run; each member of a batch is one text of its own, `id` its sub id."""
        entry = StatementEntry(id, sql, database, db_user, session)
        self._statements.append(entry)
        return entry

    def document(self) -> dict[str, Any]:
        """What `GET /_sandbox/calls` answers (contract, Sandbox)."""
        return {
            "operations": dict(self._operations),
            "statements": [asdict(entry) for entry in self._statements],
        }

    def clear(self) -> None:
        """Forget everything so far."""
        self._operations.clear()
        self._statements.clear()
