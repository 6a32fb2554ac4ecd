"""A session of the Data API: statements that share one connection (redshift-facts §1.7)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from wharfinger.adapters.redshift.data_api.state import State
from wharfinger.adapters.redshift.data_api.statements import DataApiStatements, check_text
from wharfinger.adapters.redshift.data_api.waiter import Start, Waiter
from wharfinger.adapters.redshift.sql_words import first_word
from wharfinger.adapters.redshift.transaction import (
    BEGINS,
    ENDS,
    ROLLBACK,
    ROLLS_BACK,
    one_by_one,
    run_in_transaction,
)
from wharfinger.core.errors import Failed, WharfingerError
from wharfinger.core.names import KEEP_CASE, needs_case
from wharfinger.core.session import Outcome, Rows, Session, Statement

KEEP_ALIVE_SECONDS = 60
"""How long the service keeps the connection after a statement. No call ends a session; at most 500 may exist."""

_log = logging.getLogger(__name__)


class PinnedDataApi(DataApiStatements):
    """Implements `core.session.Session`. The first statement opens it; later ones name its SessionId. One at a time.

    The service sometimes closes a session early: each later statement then raises Unavailable, and an open transaction
    is rolled back.
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
            self._in_transaction = self._in_transaction or word in BEGINS
            rows = self._run_alone(statement)
            self._in_transaction = self._in_transaction and word not in ENDS
            # A SET in a transaction is rolled back with it.
            self._keeps_case = self._keeps_case and word not in ROLLS_BACK
            return rows

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`; one after the other."""
        return one_by_one(self, statements)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`."""
        with self._lock:
            try:
                run_in_transaction(self, statements)
            except BaseException:
                self.leave()
                raise

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """This session: it is pinned already."""
        yield self

    def leave(self) -> None:
        """Roll back an open transaction, also after a request to stop.

        When the rollback gets no answer, the service rolls back soon.
        """
        with self._lock:
            if not (self._in_transaction and self._id):
                return
            waiter, self._waiter = self._waiter, Waiter(self._calls, ignore_stop=True)
            try:
                self.run(ROLLBACK)
            except WharfingerError as error:
                _log.debug("the rollback failed: %s", error.what)
            finally:
                self._waiter = waiter

    def _states(
        self, operation: Start, members: dict[str, Any], statements: list[Statement], *, details: bool
    ) -> Iterator[State]:
        for state in super()._states(operation, members, statements, details=details):
            self._id = self._id or state.session
            yield state
        if not self._id and state.status == "FINISHED":
            raise Failed(
                "This Data API has no sessions",
                subject=self._calls.place.target,
                why="it answered without a SessionId",
                next_step="Use a connection with sign-in password, which needs no Data API",
                fields=("sign_in",),
            )

    def _where(self) -> dict[str, Any]:
        if self._id:
            return {"SessionId": self._id}
        return {**super()._where(), "SessionKeepAliveSeconds": KEEP_ALIVE_SECONDS}
