"""A connection of the wire kept for several statements in order."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from redshift_connector.error import Error as DriverError

from wharfinger.adapters.redshift.sql_words import changes_rows, first_word
from wharfinger.adapters.redshift.transaction import ROLLBACK, UNDOES, one_by_one, transact
from wharfinger.adapters.redshift.wire import Stream, WireSession, check_text
from wharfinger.adapters.redshift.wire_connection import WireConnection
from wharfinger.core.errors import Unavailable, WharfingerError
from wharfinger.core.session import Outcome, Rows, Session, Statement


class PinnedWire:
    """One connection of `parent`, opened by the first statement. Implements `core.session.Session`.

    Rows that are still unread when the next statement comes are read into memory first.
    """

    def __init__(self, parent: WireSession) -> None:
        self._parent = parent
        self._line: WireConnection | None = None
        self._gone = False
        self._unread: Stream | None = None
        self._lock = threading.RLock()

    @property
    def database(self) -> str:
        """The database the connection is logged in to."""
        return self._parent.database

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`; waits while another thread's statement runs."""
        check_text(statement)
        with self._lock:
            line = self._free_line()
            try:
                columns = self._parent.execute(line, statement)
            except WharfingerError:
                if not (line.done and line.is_alive()):
                    self._forget(self._parent.drop)
                raise
            except BaseException:
                self._forget(self._parent.drop)
                raise
            if first_word(statement.sql) in UNDOES:
                line.keeps_case = False  # what was set in a transaction is undone with it
            affected = line.affected if changes_rows(statement.sql) else -1
            self._unread = Stream(self._parent, line, statement, _skip_rest)
            return Rows(columns, self._unread, affected)

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`; one after the other."""
        return one_by_one(self, statements)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`."""
        with self._lock:
            try:
                transact(self, statements)
            except BaseException:
                if self._line is not None and self._line.in_transaction:
                    self.run(ROLLBACK)
                raise

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """Itself: it is pinned already."""
        yield self

    def close(self) -> None:
        """See `Session.close`; the connection itself ends when the block does."""
        self.leave()

    def leave(self) -> None:
        """Close the connection: the server rolls back what is open."""
        with self._lock:
            self._forget(self._parent.end)

    def _free_line(self) -> WireConnection:
        if self._gone:
            raise Unavailable(
                "The connection is gone",
                subject=self.database,
                why="it was lost or closed; what was set on it, and an open transaction, are lost with it",
                next_step="Start again",
            )
        if self._line is None:
            self._line = self._parent.lease()
        unread, self._unread = self._unread, None
        if unread is not None:
            unread.read_rest()
        return self._line

    def _forget(self, end: Callable[[WireConnection], None]) -> None:
        line, self._line, self._gone = self._line, None, True
        if line is not None:
            end(line)


def _skip_rest(line: WireConnection, _: Statement) -> None:
    # A line that broke meanwhile says so to the next statement.
    with contextlib.suppress(DriverError, OSError):
        while not line.done:
            line.read_on()
            line.take()
