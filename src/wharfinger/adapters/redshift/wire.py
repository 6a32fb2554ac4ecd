"""The Session over the wire protocol, for sign-in by password: one connection for each statement under way.

Values, errors and counting are those of the Data API session; one contract suite holds for both.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from redshift_connector.error import Error as DriverError

from wharfinger.adapters.aws.calls import Backoff
from wharfinger.adapters.aws.errors import Place
from wharfinger.adapters.redshift.errors import of_wire
from wharfinger.adapters.redshift.sql_words import changes_rows, first_word, only_reads
from wharfinger.adapters.redshift.stop_watch import StopWatch
from wharfinger.adapters.redshift.transaction import named, one_by_one, transact
from wharfinger.adapters.redshift.wire_connection import WireConnection
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.errors import Invalid, Unavailable
from wharfinger.core.names import KEEP_CASE, needs_case
from wharfinger.core.session import (
    EndUnknown,
    Outcome,
    ResultColumn,
    Row,
    Rows,
    Session,
    Statement,
    Stopped,
    Usage,
    took_too_long,
)

MAX_STATEMENT_BYTES = 16 * 1024 * 1024
"""The engine's own limit (redshift-facts §6.3); the Data API's 100 KB are not the wire's."""

MOST_IDLE = 4
"""Connections kept for the next statement."""

_LEAVES_NO_TRACE = frozenset({"select", "with", "show", "explain", "values", "insert", "update", "delete", "merge"})
"""After any other statement the connection is not used again: a SET must not reach the next one."""

_log = logging.getLogger(__name__)


class WireSession:
    """One database user in one database. Implements `core.session.Session`.

    `find_endpoint` looks host and port up where the connection has none; it is asked once.
    """

    def __init__(
        self,
        connection: Connection,
        secrets: Secrets,
        usage: Usage,
        place: Place,
        *,
        find_endpoint: Callable[[], tuple[str, int]],
        statement_seconds: float,
        backoff: Backoff,
    ) -> None:
        self._connection, self._secrets, self._usage, self._place = connection, secrets, usage, place
        self._find_endpoint = find_endpoint
        self._seconds = statement_seconds
        self._backoff = backoff
        self._endpoint: tuple[str, int] | None = (connection.host, connection.port) if connection.host else None
        self._idle: list[WireConnection] = []
        self._leased: set[WireConnection] = set()
        self._lock = threading.RLock()
        self._closed = False
        self._watch = StopWatch(usage.stop, lambda: bool(self._leased), self._cancel_all)

    @property
    def database(self) -> str:
        """The database that every statement logs in to."""
        return self._place.database

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`."""
        check_text(statement)
        line = self.lease()
        try:
            columns = self.execute(line, statement)
        except BaseException:
            self.drop(line)
            raise
        affected = line.affected if changes_rows(statement.sql) else -1
        return Rows(columns, Stream(self, line, statement, self._give_back), affected)

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`; one after the other."""
        return one_by_one(self, statements)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`."""
        statements = named(statements)
        for statement in statements:
            check_text(statement)
        if statements:
            with self.pinned() as session:
                transact(session, statements)

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """See `Session.pinned`: a connection of its own, closed afterwards, which rolls back what is open."""
        from wharfinger.adapters.redshift.wire_pinned import PinnedWire

        session = PinnedWire(self)
        try:
            yield session
        finally:
            session.leave()

    def close(self) -> None:
        """Close all connections; running statements are cancelled, unread rows are lost."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()
        self._cancel_all()

    def execute(self, line: WireConnection, statement: Statement) -> tuple[ResultColumn, ...]:
        """Run one statement on a leased line, counted; its columns. Raises what `run` raises; the line stays leased."""
        try:
            self._watch.look()
            if needs_case(statement.sql) and not line.keeps_case:
                self._usage.add(statements=1)
                line.execute(KEEP_CASE, {}, seconds=self._seconds)
                line.keeps_case = True
            self._usage.add(statements=1)
            return line.execute(statement.sql, dict(statement.parameters), seconds=self._seconds)
        except (DriverError, OSError) as error:
            raise self.meaning(error, statement) from None

    def lease(self) -> WireConnection:
        """A line for one statement after the other; `drop` it or give it back. Raises Stopped, or why none is had."""
        with self._lock:
            self._check_open()
            while self._idle:
                line = self._idle.pop()
                if line.is_alive():
                    self._leased.add(line)
                    return line
                line.close()
        line = self._open()
        try:
            self._check_open()
        except Stopped:
            line.close()
            raise
        with self._lock:
            self._leased.add(line)
        return line

    def _open(self) -> WireConnection:
        if self._secrets.password is None:
            raise Invalid(
                "The password is missing",
                subject=self._connection.user,
                next_step="Add the connection anew with --password-from",
                check="sign-in",
            )
        if self._endpoint is None:
            self._endpoint = self._find_endpoint()
        host, port = self._endpoint
        self._place = replace(self._place, host=f"{host}:{port}")
        attempt = 0
        while True:
            attempt += 1
            try:
                return WireConnection(host, port, self.database, self._connection.user, self._secrets.password)
            except (DriverError, OSError) as error:
                found = of_wire(error, self._place)
            if attempt >= found.cause.attempts:
                raise found.error(self._place.target)
            self._backoff.pause(attempt, self._usage.stop)

    def _give_back(self, line: WireConnection, statement: Statement) -> None:
        clean = line.done and not line.in_transaction and first_word(statement.sql) in _LEAVES_NO_TRACE
        with self._lock:
            self._leased.discard(line)
            if clean and not self._closed and len(self._idle) < MOST_IDLE:
                self._idle.append(line)
                return
        line.close()

    def end(self, line: WireConnection) -> None:
        """Say goodbye on a leased line, and close it."""
        with self._lock:
            self._leased.discard(line)
        line.close()

    def drop(self, line: WireConnection) -> None:
        """End a leased line without ceremony."""
        with self._lock:
            self._leased.discard(line)
        line.hang_up()
        line.close()

    def meaning(self, error: Exception, statement: Statement) -> Exception:
        """What an exception of the driver means, as what `run` raises."""
        if self._usage.stop.is_set() or self._closed:
            return Stopped()
        if isinstance(error, TimeoutError):
            return took_too_long(statement.label or self._place.target, self._seconds)
        found = of_wire(error, self._place, sql=statement.sql)
        lost = found.cause.kind is Unavailable and found.cause.id == "hung-up"
        if lost and not only_reads(statement.sql):
            return EndUnknown.of(statement.label or self._place.target, found.said)
        return found.error(statement.label or self._place.target)

    def _check_open(self) -> None:
        if self._closed or self._usage.stop.is_set():
            raise Stopped

    def _cancel_all(self) -> None:
        with self._lock:
            lines = list(self._leased)
            self._leased.clear()
        for line in lines:
            try:
                line.cancel()
            except OSError as error:
                _log.debug("not cancelled: %s", type(error).__name__)
            line.hang_up()


class Stream:
    """The rows of one statement. Holds its connection until the last row, `close`, or until nobody wants them.

    `give_back` gets the connection then.
    """

    def __init__(
        self,
        session: WireSession,
        line: WireConnection,
        statement: Statement,
        give_back: Callable[[WireConnection, Statement], None],
    ) -> None:
        self._session, self._statement = session, statement
        self._give_back = give_back
        self._rows: deque[Row] = line.take()
        self._line: WireConnection | None = line
        self._let_go_when_done()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        while not self._rows:
            if self._line is None:
                raise StopIteration
            self._read_on(self._line)
        return self._rows.popleft()

    def close(self) -> None:
        """Give the connection back, what is unread is lost."""
        line, self._line = self._line, None
        if line is not None:
            self._give_back(line, self._statement)

    def read_rest(self) -> None:
        """Read what is left into memory, so that the connection is free for another statement."""
        while self._line is not None:
            self._read_on(self._line)

    def __del__(self) -> None:
        self.close()

    def _read_on(self, line: WireConnection) -> None:
        try:
            line.read_on()
        except (DriverError, OSError) as error:
            self._line = None
            self._session.drop(line)
            raise self._session.meaning(error, self._statement) from None
        self._rows.extend(line.take())
        self._let_go_when_done()

    def _let_go_when_done(self) -> None:
        if self._line is not None and self._line.done:
            self.close()


def check_text(statement: Statement) -> None:
    """Raises Invalid for an empty text, or one longer than Redshift takes."""
    length = len(statement.sql.encode())
    if not statement.sql.strip() or length > MAX_STATEMENT_BYTES:
        raise Invalid(
            "Not a statement that can be run",
            subject=statement.label,
            why=f"Redshift takes 1 byte to 16 MB, this has {length:,} bytes",
            next_step="Make it shorter, or split it" if length else "Write one",
        )
