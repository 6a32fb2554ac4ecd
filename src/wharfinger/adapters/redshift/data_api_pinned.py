"""A session of the Data API: statements that share one connection (redshift-facts §1.7)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from wharfinger.adapters.redshift.data_api import DataApiSession, check_text
from wharfinger.adapters.redshift.data_api_state import State
from wharfinger.adapters.redshift.data_api_wait import Start, Waiter
from wharfinger.adapters.redshift.sql_words import first_word
from wharfinger.adapters.redshift.transaction import ENDS, OPENS, ROLLBACK, UNDOES, one_by_one, transact
from wharfinger.core.errors import Failed, WharfingerError
from wharfinger.core.names import KEEP_CASE, needs_case
from wharfinger.core.session import Outcome, Rows, Session, Statement

KEEP_ALIVE_SECONDS = 60
"""How long the service keeps the connection after a statement. There is no call that ends one; at most 500 may be."""

_log = logging.getLogger(__name__)


class PinnedDataApi(DataApiSession):
    """Opened by its first statement, told apart by SessionId after it. One statement at a time.

    The service closes sessions early now and then: each later statement is Unavailable then, and nothing that a
    transaction had done is kept.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._id = ""
        self._in_transaction = False
        self._keeps_case = False
        self._lock = threading.RLock()

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`; waits while another thread's statement runs."""
        check_text(statement)
        word = first_word(statement.sql)
        with self._lock:
            if needs_case(statement.sql) and not self._keeps_case:
                self._run_alone(Statement(KEEP_CASE))
                self._keeps_case = True
            self._in_transaction = self._in_transaction or word in OPENS
            rows = self._run_alone(statement)
            self._in_transaction = self._in_transaction and word not in ENDS
            # What was set in a transaction is undone with it.
            self._keeps_case = self._keeps_case and word not in UNDOES
            return rows

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`; one after the other, so that a failure in a transaction is seen by the next."""
        return one_by_one(self, statements)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`."""
        with self._lock:
            try:
                transact(self, statements)
            except BaseException:
                self.leave()
                raise

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """Itself: it is pinned already."""
        yield self

    def leave(self) -> None:
        """Roll back what is open, whoever wants to stop. Without an answer the service does it by itself soon."""
        with self._lock:
            if not (self._in_transaction and self._id):
                return
            heeding, self._waiter = self._waiter, Waiter(self._calls, deaf=True)
            try:
                self.run(ROLLBACK)
            except WharfingerError as error:
                _log.debug("not rolled back by hand: %s", error.what)
            finally:
                self._waiter = heeding

    def _states(
        self, operation: Start, members: dict[str, Any], statements: list[Statement], *, details: bool
    ) -> Iterator[State]:
        for state in super()._states(operation, members, statements, details=details):
            self._id = self._id or state.session
            yield state
        if not self._id and state.status == "FINISHED":
            raise Failed(
                "The Data API here keeps no sessions",
                subject=self._calls.place.target,
                why="it answered without a SessionId",
                next_step="Use a connection with --sign-in password, which has a line of its own",
            )

    def _place(self) -> dict[str, Any]:
        if self._id:
            return {"SessionId": self._id}
        return {**super()._place(), "SessionKeepAliveSeconds": KEEP_ALIVE_SECONDS}
