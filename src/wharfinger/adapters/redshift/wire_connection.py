"""One connection of redshift_connector, made to stream: rows come in portions, and what runs can be cancelled.

The driver by itself keeps a whole result in memory, never lifts its connect timeout (redshift-facts §3.1), and has no
way to cancel. What is taken from its inside (`handle_messages`, `_usock`, `_backend_key_data`, `redshift_types`) is the
same in 2.1 and 2.2; pyproject keeps it below 3.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import ssl
import struct
from collections import deque
from pathlib import Path
from typing import Any

import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.cursor import Cursor
from redshift_connector.error import Error, InterfaceError

from wharfinger.adapters.redshift.wire_types import TYPE_NAMES, readers
from wharfinger.core.addresses import is_this_machine
from wharfinger.core.secret import Secret
from wharfinger.core.session import ResultColumn, Row

CONNECT_SECONDS = 10
CANCEL_SECONDS = 5
PORTION_ROWS = 1000
PORTION_BYTES = 1024 * 1024
"""One portion ends with the first of the two; a single row may be larger and still comes whole."""

_READY = b"Z"
_CANCEL_REQUEST, _TLS_REQUEST = 80877102, 80877103

# The driver's debug lines carry rows and passwords.
logging.getLogger("redshift_connector").setLevel(logging.INFO)


class _Driver(Connection):
    """The driver's connection, which reads a portion where the driver would read all."""

    def __init__(self, **arguments: Any) -> None:
        self.done = True
        try:
            super().__init__(**arguments)
        except BaseException:
            # The driver leaves the socket of a refused login open.
            with contextlib.suppress(AttributeError):
                self._usock.close()
            raise
        self.autocommit = True
        self.redshift_types = readers()

    def handle_messages(self, cursor: Cursor) -> None:
        """Read messages until the server is ready or enough rows are here; called again, it reads on."""
        if self.done:
            self.error = None
            self.done = False
        size = 0
        while size < PORTION_BYTES and len(cursor._cached_rows) < PORTION_ROWS:
            head = self._read(5)
            if len(head) < 5:
                raise InterfaceError("server socket closed")
            code, length = struct.unpack("!ci", head)
            self.message_types[code](self._read(length - 4), cursor)
            size += length
            if code == _READY:
                self.done = True
                break
        if self.done and self.error is not None:
            raise self.error


class WireConnection:
    """A login over TLS; runs one statement at a time. Raises what the driver raises, and OSError."""

    def __init__(self, host: str, port: int, database: str, user: str, password: Secret) -> None:
        self._host, self._port = host, port
        self.keeps_case = False
        self._driver = _Driver(
            host=host,
            port=port,
            database=database,
            user=user,
            password=password.reveal(),
            ssl=True,
            # Through a tunnel the name can never fit, and the tunnel is the user's own; elsewhere it must.
            sslmode="verify-ca" if is_this_machine(host) else "verify-full",
            timeout=CONNECT_SECONDS,
            application_name="wharfinger",
            client_protocol_version=0,
            max_prepared_statements=0,
        )

    @property
    def done(self) -> bool:
        """Whether the running statement's answer was read to its end."""
        return self._driver.done

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was left open."""
        return bool(self._driver.in_transaction)

    def execute(self, sql: str, parameters: dict[str, str], *, seconds: float) -> tuple[ResultColumn, ...]:
        """Run `sql` (`:name` parameters bound as untyped text) and read the first portion. Answers the columns.

        `seconds` bounds each wait for the server.
        """
        self._driver._usock.settimeout(seconds)
        self._cursor = Cursor(self._driver, paramstyle="named")
        try:
            self._cursor.execute(sql, parameters or None)
        finally:
            self._driver._caches.clear()
        return tuple(
            ResultColumn(name, TYPE_NAMES.get(oid, "varchar")) for name, oid, *_ in self._cursor.description or ()
        )

    @property
    def affected(self) -> int:
        """Rows changed by the last statement, as far as the engine says."""
        return int(self._cursor.rowcount)

    def take(self) -> deque[Row]:
        """The rows read so far and not taken yet."""
        rows: deque[Row] = deque(tuple(row) for row in self._cursor._cached_rows)
        self._cursor._cached_rows.clear()
        return rows

    def read_on(self) -> None:
        """Read the next portion."""
        self._driver.handle_messages(self._cursor)

    def is_alive(self) -> bool:
        """Whether an idle connection is still there: a server that hung up leaves its farewell to read."""
        with contextlib.suppress(OSError, ValueError):
            readable, _, _ = select.select([self._driver._usock], [], [], 0)
            return not readable
        return False

    def cancel(self) -> None:
        """Ask the server to end what runs, by the protocol's CancelRequest over a connection of its own.

        libpq and JDBC drivers do the same; that Redshift heeds it is unverified, so `hang_up` follows.
        """
        with socket.create_connection((self._host, self._port), timeout=CANCEL_SECONDS) as plain:
            plain.sendall(struct.pack("!ii", 8, _TLS_REQUEST))
            if plain.recv(1) != b"S":
                return
            with _tls_context(self._host).wrap_socket(plain, server_hostname=self._host) as line:
                line.sendall(struct.pack("!ii", 16, _CANCEL_REQUEST) + (self._driver._backend_key_data or b"")[:8])
                line.recv(1)

    def hang_up(self) -> None:
        """Cut the line without ceremony; whoever reads from it gets an error."""
        with contextlib.suppress(OSError):
            # Past SSLSocket.shutdown, which would take the TLS state away from a reading thread.
            socket.socket.shutdown(self._driver._usock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye when nothing is under way, and close the socket."""
        if not self._driver.done:
            self.hang_up()
        with contextlib.suppress(Error, OSError):
            self._driver.close()


def _tls_context(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(Path(redshift_connector.__file__).parent / "files" / "redshift-ca-bundle.crt")
    context.check_hostname = not is_this_machine(host)
    return context
