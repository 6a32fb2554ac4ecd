"""The rows of one statement on a leased connection, and what the wire protocol takes as a statement."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from redshift_connector.error import Error as DriverError

from wharfinger.adapters.redshift.wire.connection import WireConnection
from wharfinger.adapters.redshift.wire.pool import ConnectionPool
from wharfinger.core.errors import Invalid
from wharfinger.core.session import Row, Statement

MAX_STATEMENT_BYTES = 16 * 1024 * 1024
"""The engine's own limit (redshift-facts §6.3); the Data API's 100 KB do not apply to the wire protocol."""


class Stream:
    """The rows of one statement. Holds its connection until the last row is read, or until `close` or deletion.

    `release` gets the connection and the statement then.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        connection: WireConnection,
        statement: Statement,
        release: Callable[[WireConnection, Statement], None],
    ) -> None:
        self._pool, self._statement = pool, statement
        self._release = release
        self._rows: deque[Row] = connection.take()
        self._connection: WireConnection | None = connection
        self._release_when_done()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        while not self._rows:
            if self._connection is None:
                raise StopIteration
            self._read_more(self._connection)
        return self._rows.popleft()

    def close(self) -> None:
        """Release the connection; unread rows are lost."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._release(connection, self._statement)

    def read_rest(self) -> None:
        """Read the remaining rows into memory, so that the connection is free for another statement."""
        while self._connection is not None:
            self._read_more(self._connection)

    def __del__(self) -> None:
        self.close()

    def _read_more(self, connection: WireConnection) -> None:
        try:
            connection.read_more()
        except (DriverError, OSError) as error:
            self._connection = None
            self._pool.drop(connection)
            raise self._pool.error_of(error, self._statement) from None
        self._rows.extend(connection.take())
        self._release_when_done()

    def _release_when_done(self) -> None:
        if self._connection is not None and self._connection.done:
            self.close()


def check_text(statement: Statement) -> None:
    """Raises Invalid for an empty text, and for one longer than Redshift takes."""
    length = len(statement.sql.encode())
    if not statement.sql.strip() or length > MAX_STATEMENT_BYTES:
        raise Invalid(
            "Not a statement that can be run",
            subject=statement.label,
            why=f"Redshift takes 1 byte to 16 MB, this has {length:,} bytes",
            next_step="Make it shorter, or split it" if length else "Write a statement",
        )
