"""The call log behind `/_sandbox/calls`: counts of AWS operations, and the SQL texts that ran."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class StatementEntry:
    """One SQL text that ran or runs.

    `session` is the Data API session or `wire-<pid>`, None for a statement without a session. `seconds` is the
    duration, None until the text has ended.
    """

    id: str
    sql: str
    database: str
    db_user: str
    session: str | None = None
    status: str = "STARTED"
    seconds: float | None = None

    def finished(self, status: str, seconds: float) -> None:
        """Set the final status (`FINISHED`, `FAILED` or `ABORTED`) and the duration."""
        self.status = status
        self.seconds = round(seconds, 6)


class CallLog:
    """Counts operations and lists statements in the order they started, until `clear`."""

    def __init__(self) -> None:
        self._operations: Counter[str] = Counter()
        self._statements: list[StatementEntry] = []

    def operation(self, name: str) -> None:
        """Count one request for the AWS operation `name`."""
        self._operations[name] += 1

    def statement_started(
        self, id: str, sql: str, *, database: str, db_user: str, session: str | None = None
    ) -> StatementEntry:
        """Add an entry for one SQL text that starts; each member of a batch has its own, with its sub id as `id`."""
        entry = StatementEntry(id, sql, database, db_user, session)
        self._statements.append(entry)
        return entry

    def document(self) -> dict[str, Any]:
        """The JSON document of `GET /_sandbox/calls` (contract, Sandbox)."""
        return {
            "operations": dict(self._operations),
            "statements": [asdict(entry) for entry in self._statements],
        }

    def clear(self) -> None:
        """Remove all counts and entries."""
        self._operations.clear()
        self._statements.clear()
