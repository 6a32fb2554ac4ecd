"""The engine's side of a wire session: a connection through the private socket, logged in as the user's role."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wharfinger_sandbox.dialect import reword
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.startup import ConnectionRefused

SERVER_VERSION = "8.0.2"
BUFFER = 256 * 1024

# A cancel request that arrives before its statement starts is lost; with this setting the backend notices by itself
# that the connection is closed.
_CHECK_CONNECTION = {"client_connection_check_interval": "250ms"}

# The parameters that PostgreSQL 8.0 reports to a client; the engine reports more.
REPORTED = (
    "server_version", "server_encoding", "client_encoding", "datestyle", "timezone", "integer_datetimes",
    "standard_conforming_strings", "application_name", "is_superuser", "session_authorization",
)  # fmt: skip


@dataclass
class Backend:
    """One connection to the engine, ready for statements.

    `pid` and `key` identify it in a CancelRequest. `statuses` are the parameters reported to the client.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    socket: Path
    pid: int = 0
    key: bytes = field(default=b"", repr=False)
    statuses: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def connect(cls, socket: Path, login: Login, database: str, parameters: Mapping[str, str]) -> Backend:
        """Log in as `login`'s role. Raises ConnectionRefused with the engine's reworded message."""
        reader, writer = await asyncio.open_unix_connection(socket, limit=BUFFER)
        backend = cls(reader, writer, socket)
        try:
            writer.write(
                messages.startup({**_CHECK_CONNECTION, **parameters, "user": login.role, "database": database})
            )
            await backend._wait_until_ready(login)
        except BaseException:
            writer.close()
            raise
        return backend

    async def read(self) -> tuple[bytes, bytes]:
        """The type and the body of the next message."""
        head = await self.reader.readexactly(5)
        return head[:1], await self.reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)

    async def run(self, sql: str) -> None:
        """Run one statement at the start of a session. Raises ConnectionRefused."""
        self.writer.write(messages.message(b"Q", messages.text(sql)))
        refusal: ConnectionRefused | None = None
        while True:
            kind, body = await self.read()
            if kind == b"E":
                refusal = _refused(body)
            elif kind == b"S":
                self.set_status(body)
            elif kind == b"Z":
                break
        if refusal:
            raise refusal

    def set_status(self, body: bytes) -> tuple[str, str] | None:
        """Store a ParameterStatus; returns the name and value to report to the client, None to report nothing."""
        (name, value), _ = messages.read_texts(body, 2)
        if name.lower() not in REPORTED:
            return None
        if name == "server_version":
            value = SERVER_VERSION
        elif name in ("is_superuser", "session_authorization"):
            value = self.statuses.get(name, value)
        self.statuses[name] = value
        return name, value

    async def cancel(self) -> None:
        """Cancel the statement that runs on this connection."""
        await send_cancel(self.socket, self.pid, self.key)

    def close(self) -> None:
        """Send Terminate and close the connection."""
        if not self.writer.is_closing():
            self.writer.write(messages.message(b"X"))
            self.writer.close()

    async def _wait_until_ready(self, login: Login) -> None:
        self.statuses.update(is_superuser="on" if login.superuser else "off", session_authorization=login.user)
        while True:
            kind, body = await self.read()
            if kind == b"E":
                raise _refused(body)
            if kind == b"S":
                self.set_status(body)
            elif kind == b"K":
                self.pid, self.key = struct.unpack("!I", body[:4])[0], body[4:]
            elif kind == b"Z":
                return


async def send_cancel(socket: Path, pid: int, key: bytes) -> None:
    """Ask the engine to cancel the statement of the connection with that pid and key; a wrong key has no effect."""
    _, writer = await asyncio.open_unix_connection(socket)
    writer.write(messages.cancel(pid, key))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def _refused(body: bytes) -> ConnectionRefused:
    fields = messages.read_fields(body)
    return ConnectionRefused(*reword(fields.get("C", "XX000"), fields.get("M", "")))
