"""One connection of redshift_connector that reads rows in portions and can cancel a running statement.

The driver itself keeps a whole result in memory, applies its connect timeout to statements too (redshift-facts §3.1),
and cannot cancel. The private members used here (`handle_messages`, `_usock`, `_backend_key_data`, `redshift_types`)
are the same in 2.1 and 2.2; pyproject requires a version below 3.
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

from wharfinger.adapters.redshift.wire.types import TYPE_NAMES, readers
from wharfinger.core.addresses import is_this_machine
from wharfinger.core.secret import Secret
from wharfinger.core.session import ResultColumn, Row

CONNECT_SECONDS = 10
CANCEL_SECONDS = 5
PORTION_ROWS = 1000
PORTION_BYTES = 1024 * 1024
"""A portion ends at the first of the two limits; a larger single row is still read whole."""

_READY = b"Z"
_CANCEL_REQUEST, _TLS_REQUEST = 80877102, 80877103

# The driver's debug lines hold rows and passwords.
logging.getLogger("redshift_connector").setLevel(logging.INFO)


class _Driver(Connection):
    """The driver's connection, reading a portion where the driver would read the whole result."""

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
        """Read messages until the server is ready or a portion is read; the next call reads the next portion."""
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
    """A connection over TLS that runs one statement at a time. Raises what the driver raises, and OSError.

    `keeps_case` is whether identifiers keep their case on it, which its user sets.
    """

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
            # Through a tunnel the host name never matches the certificate; the tunnel is the user's own.
            sslmode="verify-ca" if is_this_machine(host) else "verify-full",
            timeout=CONNECT_SECONDS,
            application_name="wharfinger",
            client_protocol_version=0,
            max_prepared_statements=0,
        )

    @property
    def done(self) -> bool:
        """Whether the answer of the last statement was read to its end."""
        return self._driver.done

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return bool(self._driver.in_transaction)

    def execute(self, sql: str, parameters: dict[str, str], *, seconds: float) -> tuple[ResultColumn, ...]:
        """Run `sql` (`:name` parameters bound as untyped text) and read the first portion of rows. Returns the columns.

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
        """The number of rows that the last statement changed, as the engine counts them."""
        return int(self._cursor.rowcount)

    def take(self) -> deque[Row]:
        """The rows that were read since the last call."""
        rows: deque[Row] = deque(tuple(row) for row in self._cursor._cached_rows)
        self._cursor._cached_rows.clear()
        return rows

    def read_more(self) -> None:
        """Read the next portion."""
        self._driver.handle_messages(self._cursor)

    def is_alive(self) -> bool:
        """Whether an idle connection still works: data to read means that the server has closed it."""
        with contextlib.suppress(OSError, ValueError):
            readable, _, _ = select.select([self._driver._usock], [], [], 0)
            return not readable
        return False

    def cancel(self) -> None:
        """Ask the server to cancel the running statement, by the protocol's CancelRequest over a second connection.

        libpq and JDBC drivers do the same. Whether Redshift acts on it is unverified, so callers `hang_up` after it.
        """
        with socket.create_connection((self._host, self._port), timeout=CANCEL_SECONDS) as plain:
            plain.sendall(struct.pack("!ii", 8, _TLS_REQUEST))
            if plain.recv(1) != b"S":
                return
            with _tls_context(self._host).wrap_socket(plain, server_hostname=self._host) as secured:
                secured.sendall(struct.pack("!ii", 16, _CANCEL_REQUEST) + (self._driver._backend_key_data or b"")[:8])
                secured.recv(1)

    def hang_up(self) -> None:
        """Cut the connection; a thread that reads from it gets an error."""
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which would remove the TLS state that a reading thread uses.
            socket.socket.shutdown(self._driver._usock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection in good order when no statement runs, else cut it."""
        if not self._driver.done:
            self.hang_up()
        with contextlib.suppress(Error, OSError):
            self._driver.close()


def _tls_context(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(Path(redshift_connector.__file__).parent / "files" / "redshift-ca-bundle.crt")
    context.check_hostname = not is_this_machine(host)
    return context
