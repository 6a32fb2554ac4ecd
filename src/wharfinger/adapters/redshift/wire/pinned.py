"""One connection for several statements in order."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from redshift_connector.error import Error as DriverError

from wharfinger.adapters.redshift.sql_words import changes_rows, first_word
from wharfinger.adapters.redshift.transaction import ROLLBACK, ROLLS_BACK, one_by_one, run_in_transaction
from wharfinger.adapters.redshift.wire.connection import WireConnection
from wharfinger.adapters.redshift.wire.pool import ConnectionPool
from wharfinger.adapters.redshift.wire.stream import Stream, check_text
from wharfinger.core.errors import Unavailable, WharfingerError
from wharfinger.core.session import Outcome, Rows, Session, Statement


class PinnedWire:
    """One connection of `pool`, leased by the first statement. Implements `core.session.Session`.

    Rows of a statement that are unread when the next one starts are read into memory first.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: WireConnection | None = None
        self._gone = False
        self._unread: Stream | None = None
        self._lock = threading.RLock()

    @property
    def database(self) -> str:
        """The database that the connection is signed in to."""
        return self._pool.database

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`; waits while another thread's statement runs."""
        check_text(statement)
        with self._lock:
            connection = self._free_connection()
            try:
                columns = self._pool.execute(connection, statement)
            except WharfingerError:
                if not (connection.done and connection.is_alive()):
                    self._end_connection(self._pool.drop)
                raise
            except BaseException:
                self._end_connection(self._pool.drop)
                raise
            if first_word(statement.sql) in ROLLS_BACK:
                connection.keeps_case = False  # a SET in a transaction is rolled back with it
            affected = connection.affected if changes_rows(statement.sql) else -1
            self._unread = Stream(self._pool, connection, statement, _skip_rest)
            return Rows(columns, self._unread, affected)

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`; one after the other."""
        return one_by_one(self, statements)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`."""
        with self._lock:
            try:
                run_in_transaction(self, statements)
            except BaseException:
                if self._connection is not None and self._connection.in_transaction:
                    self.run(ROLLBACK)
                raise

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """This session: it is pinned already."""
        yield self

    def close(self) -> None:
        """See `Session.close`; the connection itself ends when the block does."""
        self.leave()

    def leave(self) -> None:
        """Close the connection: the server rolls back what is open."""
        with self._lock:
            self._end_connection(self._pool.end)

    def _free_connection(self) -> WireConnection:
        if self._gone:
            raise Unavailable(
                "The connection was lost",
                subject=self.database,
                why="its settings and its open transaction were lost with it",
                next_step="Start again with a new connection",
            )
        if self._connection is None:
            self._connection = self._pool.lease()
        unread, self._unread = self._unread, None
        if unread is not None:
            unread.read_rest()
        return self._connection

    def _end_connection(self, end: Callable[[WireConnection], None]) -> None:
        connection, self._connection, self._gone = self._connection, None, True
        if connection is not None:
            end(connection)


def _skip_rest(connection: WireConnection, _: Statement) -> None:
    # If the connection is lost meanwhile, the next statement reports it.
    with contextlib.suppress(DriverError, OSError):
        while not connection.done:
            connection.read_more()
            connection.take()
