"""Sessions of the Data API: a connection that stays open after the statement that opened it (redshift-facts §1.7)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Literal

from wharfinger_sandbox.dialect import Context
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.engine.commands import Connection
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.cancellation import Cancellable, cancel_until_ended
from wharfinger_sandbox.statements.origin import Origin
from wharfinger_sandbox.statements.sql_text import now

SessionStatus = Literal["AVAILABLE", "BUSY", "CLOSED"]
ConnectionSlot = Callable[[Login], AbstractAsyncContextManager[None]]
"""Takes one connection of a login's CONNECTION LIMIT for the length of the block; raises LoginRefused."""


class Session:
    """One session: a login, its connection and the dialect's context.

    It closes `keep_alive` seconds after its last statement ended, and `max_seconds` after it was opened. It runs one
    statement at a time, `current`. `ttl` is the epoch second at which it will close.
    """

    def __init__(self, origin: Origin, login: Login, *, keep_alive: int, max_seconds: int) -> None:
        self.id = str(uuid.uuid4())
        self.origin = origin
        self.login = login
        self.keep_alive = keep_alive
        self.max_seconds = max_seconds
        self.created_at = self.updated_at = now()
        self.ttl = self.created_at + max_seconds
        self.closed = False
        self.current: Cancellable | None = None
        self.context: Context | None = None
        self._connection: Connection | None = None
        self._slot = AsyncExitStack()
        loop = asyncio.get_running_loop()
        self._hard_end = loop.call_later(max_seconds, self._expire)
        self._idle_end: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def status(self) -> SessionStatus:
        """The status that ListSessions shows."""
        if self.closed:
            return "CLOSED"
        return "BUSY" if self.current else "AVAILABLE"

    def acquire(self, statement: Cancellable) -> None:
        """Reserve the session for `statement` and stop the keep-alive timer."""
        self.current = statement
        self.updated_at = now()
        if self._idle_end:
            self._idle_end.cancel()

    def release(self) -> None:
        """Free the session after its statement and start the keep-alive timer; close it if the connection is lost."""
        self.current = None
        self.updated_at = now()
        if self._connection is None or self._connection.closed:
            self._expire()
        elif not self.closed:
            loop = asyncio.get_running_loop()
            self.ttl = min(self.created_at + self.max_seconds, now() + self.keep_alive)
            self._idle_end = loop.call_later(self.keep_alive, self._expire)

    async def connection(self, engine: Engine, connection_slot: ConnectionSlot) -> Connection:
        """The session's connection, opened at the first call. Raises LoginRefused, psycopg.OperationalError."""
        if self._connection is None:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(connection_slot(self.login))
                self._connection = await engine.connect(self.origin.database, self.login.role)
                self._slot = stack.pop_all()
        return self._connection

    async def close(self) -> None:
        """Cancel the running statement and close the connection; returns when both have ended."""
        self._expire()
        if self._closing:
            await self._closing

    def _expire(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.updated_at = now()
        self._hard_end.cancel()
        if self._idle_end:
            self._idle_end.cancel()
        if self._connection is not None:
            self._closing = asyncio.ensure_future(self._end(self._connection))

    async def _end(self, connection: Connection) -> None:
        if self.current is not None:
            # The task that reads from the connection must end before the connection is closed.
            self.current.cancelled = True
            await cancel_until_ended(connection, self.current)
        await connection.close()
        await self._slot.aclose()
