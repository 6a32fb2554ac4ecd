"""The Session over the wire protocol: one connection for each running statement.

Values, errors and counts are those of the Data API session; one contract suite holds for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from wharfinger.adapters.redshift.sql_words import changes_rows
from wharfinger.adapters.redshift.transaction import labelled, one_by_one, run_in_transaction
from wharfinger.adapters.redshift.wire.pinned import PinnedWire
from wharfinger.adapters.redshift.wire.pool import ConnectionPool
from wharfinger.adapters.redshift.wire.stream import Stream, check_text
from wharfinger.core.session import Outcome, Rows, Session, Statement


class WireSession:
    """One database user in one database. Implements `core.session.Session`."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    @property
    def database(self) -> str:
        """The database that every statement signs in to."""
        return self._pool.database

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`."""
        check_text(statement)
        connection = self._pool.lease()
        try:
            columns = self._pool.execute(connection, statement)
        except BaseException:
            self._pool.drop(connection)
            raise
        affected = connection.affected if changes_rows(statement.sql) else -1
        return Rows(columns, Stream(self._pool, connection, statement, self._pool.give_back), affected)

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`; one after the other."""
        return one_by_one(self, statements)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`."""
        statements = labelled(statements)
        for statement in statements:
            check_text(statement)
        if statements:
            with self.pinned() as session:
                run_in_transaction(session, statements)

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """See `Session.pinned`: a separate connection; closing it afterwards rolls back an open transaction."""
        session = PinnedWire(self._pool)
        try:
            yield session
        finally:
            session.leave()

    def close(self) -> None:
        """Close all connections; running statements are cancelled, unread rows are lost."""
        self._pool.close()
