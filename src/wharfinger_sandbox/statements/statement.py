"""One ExecuteStatement or BatchExecuteStatement request and the SQL texts it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wharfinger_sandbox.statements.cancellation import Cancellable
from wharfinger_sandbox.statements.origin import Origin
from wharfinger_sandbox.statements.sessions import Session
from wharfinger_sandbox.statements.sql_text import ENDED, NOT_RUN, SqlText, Status


@dataclass(slots=True)
class Statement(Cancellable):
    """One request to run SQL.

    `summary` is what DescribeStatement reports for `id`: the one SQL text, or the totals of a batch. `texts` are the
    SQL texts in order. `pid` is the backend's process id, 0 until the statement has a connection; `waiting` counts
    the requests that wait for its end.
    """

    origin: Origin
    sqls: list[str]
    is_batch: bool = False
    mode: Literal["TRANSACTION", "AUTO_COMMIT"] = "TRANSACTION"
    name: str | None = None
    parameters: list[dict[str, str]] = field(default_factory=list)
    result_format: Literal["JSON", "CSV"] = "JSON"
    session: Session | None = None
    summary: SqlText = field(init=False)
    texts: list[SqlText] = field(init=False)
    pid: int = 0
    waiting: int = 0

    def __post_init__(self) -> None:
        self.summary = SqlText(self.id, "" if self.is_batch else self.sqls[0])
        self.texts = (
            [SqlText(f"{self.id}:{number}", sql) for number, sql in enumerate(self.sqls, 1)]
            if self.is_batch
            else [self.summary]
        )

    @property
    def status(self) -> Status:
        """The status of the request as a whole."""
        return self.summary.status

    @property
    def has_result_set(self) -> bool:
        """Whether the statement, or any member of the batch, returned a result set."""
        return any(text.has_result_set for text in self.texts)

    def text(self, id: str) -> SqlText | None:
        """The summary for the statement's own id, the batch member for its sub id, None for any other id."""
        if id == self.id:
            return self.summary
        return next((text for text in self.texts if text.id == id), None)

    def end(self, status: Status, error: str | None = None) -> None:
        """Set the final status once, release the session and wake the waiting requests.

        A batch gets the totals of its members; members that did not run become ABORTED.
        """
        if self.is_batch:
            for text in self.texts:
                if text.status not in ENDED:
                    text.end("ABORTED", NOT_RUN)
            if status == "FINISHED":
                self.summary.rows = sum(max(text.rows, 0) for text in self.texts)
                self.summary.size = sum(max(text.size, 0) for text in self.texts)
        if self.summary.status not in ENDED:
            self.summary.end(status, error)
        if self.session is not None:
            self.session.release()
        self.ended.set()

    def remove_results(self) -> None:
        """Delete the result files of all texts."""
        for text in self.texts:
            if text.result is not None:
                text.result.remove()
