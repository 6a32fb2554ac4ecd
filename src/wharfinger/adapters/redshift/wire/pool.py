"""The connections of one session: opened when needed, leased for one statement, then reused for the next one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from redshift_connector.error import Error as DriverError

from wharfinger.adapters.aws.calls import Backoff
from wharfinger.adapters.aws.errors import Place
from wharfinger.adapters.redshift.errors import of_wire
from wharfinger.adapters.redshift.sql_words import first_word, only_reads
from wharfinger.adapters.redshift.stop_monitor import StopMonitor
from wharfinger.adapters.redshift.wire.connection import WireConnection
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.errors import Invalid, Unavailable
from wharfinger.core.names import KEEP_CASE, needs_case
from wharfinger.core.session import EndUnknown, ResultColumn, Statement, Stopped, Usage, took_too_long

MOST_IDLE = 4
"""Connections kept open for the next statement."""

_LEAVES_NO_STATE = frozenset({"select", "with", "show", "explain", "values", "insert", "update", "delete", "merge"})
"""After any other statement the connection is not reused: a SET must not affect the next statement."""

_log = logging.getLogger(__name__)


class ConnectionPool:
    """Opens, leases and closes connections of one database user to one database. Thread-safe.

    `find_endpoint` looks up host and port where the connection has none; it is called once. A statement is cancelled
    after `statement_seconds`. `usage` counts statements; setting its `stop` cancels running ones.
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
        self._saved, self._secrets, self._usage, self._place = connection, secrets, usage, place
        self._find_endpoint = find_endpoint
        self._seconds = statement_seconds
        self._backoff = backoff
        self._endpoint: tuple[str, int] | None = (connection.host, connection.port) if connection.host else None
        self._idle: list[WireConnection] = []
        self._leased: set[WireConnection] = set()
        self._lock = threading.RLock()
        self._closed = False
        self._monitor = StopMonitor(usage.stop, lambda: bool(self._leased), self._cancel_all)

    @property
    def database(self) -> str:
        """The database that every connection signs in to."""
        return self._place.database

    def lease(self) -> WireConnection:
        """A connection for one statement after the other, until `give_back`, `end` or `drop`.

        Raises Stopped, or the error for which no connection can be opened.
        """
        with self._lock:
            self._check_open()
            while self._idle:
                connection = self._idle.pop()
                if connection.is_alive():
                    self._leased.add(connection)
                    return connection
                connection.close()
        connection = self._open()
        try:
            self._check_open()
        except Stopped:
            connection.close()
            raise
        with self._lock:
            self._leased.add(connection)
        return connection

    def execute(self, connection: WireConnection, statement: Statement) -> tuple[ResultColumn, ...]:
        """Run one statement on a leased connection and count it; returns its columns.

        Raises what `Session.run` raises; the connection stays leased.
        """
        try:
            self._monitor.start()
            if needs_case(statement.sql) and not connection.keeps_case:
                self._usage.add(statements=1)
                connection.execute(KEEP_CASE, {}, seconds=self._seconds)
                connection.keeps_case = True
            self._usage.add(statements=1)
            return connection.execute(statement.sql, dict(statement.parameters), seconds=self._seconds)
        except (DriverError, OSError) as error:
            raise self.error_of(error, statement) from None

    def give_back(self, connection: WireConnection, statement: Statement) -> None:
        """End the lease after `statement`: the connection is kept for the next statement where that is safe."""
        reusable = connection.done and not connection.in_transaction and first_word(statement.sql) in _LEAVES_NO_STATE
        with self._lock:
            self._leased.discard(connection)
            if reusable and not self._closed and len(self._idle) < MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def end(self, connection: WireConnection) -> None:
        """End the lease and close the connection in good order; the server rolls back an open transaction."""
        with self._lock:
            self._leased.discard(connection)
        connection.close()

    def drop(self, connection: WireConnection) -> None:
        """End the lease and cut the connection, even while a statement runs."""
        with self._lock:
            self._leased.discard(connection)
        connection.hang_up()
        connection.close()

    def error_of(self, error: Exception, statement: Statement) -> Exception:
        """What to raise for an exception of the driver while `statement` runs."""
        subject = statement.label or self._place.target
        if self._usage.stop.is_set() or self._closed:
            return Stopped()
        if isinstance(error, TimeoutError):
            return took_too_long(subject, self._seconds)
        found = of_wire(error, self._place, sql=statement.sql)
        lost = found.cause.kind is Unavailable and found.cause.id == "connection-lost"
        if lost and not only_reads(statement.sql):
            return EndUnknown.of(subject, found.message)
        return found.error(subject)

    def close(self) -> None:
        """Close all connections; running statements are cancelled, unread rows are lost."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        self._cancel_all()

    def _open(self) -> WireConnection:
        if self._secrets.password is None:
            raise Invalid(
                "The password is missing",
                subject=self._saved.user,
                next_step="Remove the connection and add it again with its password",
                check="sign-in",
                fields=("password",),
            )
        if self._endpoint is None:
            self._endpoint = self._find_endpoint()
        host, port = self._endpoint
        self._place = replace(self._place, host=f"{host}:{port}")
        attempt = 0
        while True:
            attempt += 1
            try:
                return WireConnection(host, port, self.database, self._saved.user, self._secrets.password)
            except (DriverError, OSError) as error:
                found = of_wire(error, self._place)
            if attempt >= found.cause.attempts:
                raise found.error(self._place.target)
            self._backoff.pause(attempt, self._usage.stop)

    def _check_open(self) -> None:
        if self._closed or self._usage.stop.is_set():
            raise Stopped

    def _cancel_all(self) -> None:
        with self._lock:
            running = list(self._leased)
            self._leased.clear()
        for connection in running:
            try:
                connection.cancel()
            except OSError as error:
                _log.debug("not cancelled: %s", type(error).__name__)
            connection.hang_up()
