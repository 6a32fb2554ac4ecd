"""Sessions of the Data API: a connection that outlives the statement which made it (redshift-facts §1.7)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Literal

from wharfinger_sandbox.statements.model import Origin, now

if TYPE_CHECKING:
    from wharfinger_sandbox.dialect import Context
    from wharfinger_sandbox.engine import Engine
    from wharfinger_sandbox.engine.commands import Connection
    from wharfinger_sandbox.statements.model import Statement
    from wharfinger_sandbox.users import Login

CANCEL_AGAIN_SECONDS = 0.2
SessionStatus = Literal["AVAILABLE", "BUSY", "CLOSED"]
ConnectionSlot = Callable[["Login"], AbstractAsyncContextManager[None]]
"""Holds one connection of a login against its limit; raises LoginRefused."""


class Session:
    """One session. It ends `keep_alive` seconds after its last statement, and `max_seconds` seconds after its start.

    One statement at a time; `current` is the one that runs.
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
        self.current: Statement | None = None
        self.context: Context | None = None
        self._connection: Connection | None = None
        self._slot = AsyncExitStack()
        loop = asyncio.get_running_loop()
        self._hard_end = loop.call_later(max_seconds, self._expire)
        self._idle_end: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def status(self) -> SessionStatus:
        """As ListSessions shows it."""
        if self.closed:
            return "CLOSED"
        return "BUSY" if self.current else "AVAILABLE"

    def begin(self, statement: Statement) -> None:
        """Take the session for `statement`."""
        self.current = statement
        self.updated_at = now()
        if self._idle_end:
            self._idle_end.cancel()

    def finished(self) -> None:
        """The statement has ended; the keep-alive counts from here."""
        self.current = None
        self.updated_at = now()
        if self._connection is None or self._connection.closed:
            self._expire()
        elif not self.closed:
            loop = asyncio.get_running_loop()
            self.ttl = min(self.created_at + self.max_seconds, now() + self.keep_alive)
            self._idle_end = loop.call_later(self.keep_alive, self._expire)

    async def connection(self, engine: Engine, connection_slot: ConnectionSlot) -> Connection:
        """Its connection, opened for the first statement. Raises LoginRefused, psycopg.OperationalError."""
        if self._connection is None:
            async with AsyncExitStack() as holding:
                await holding.enter_async_context(connection_slot(self.login))
                self._connection = await engine.connect(self.origin.database, self.login.role)
                self._slot = holding.pop_all()
        return self._connection

    async def close(self) -> None:
        """End it now, and what runs in it."""
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
            # Whoever reads from the connection must have done so before it closes.
            self.current.cancelled = True
            await cancel_until_ended(connection, self.current)
        await connection.close()
        await self._slot.aclose()


async def cancel_until_ended(connection: Connection, statement: Statement) -> None:
    """Cancel what `statement` runs on `connection`, until it has ended.

    A cancel that reaches the backend between two texts, or before the text does, is lost without a word; hence again.
    """
    while not statement.ended.is_set() and not connection.closed:
        await connection.cancel_safe(timeout=5)
        try:
            await asyncio.wait_for(statement.ended.wait(), CANCEL_AGAIN_SECONDS)
        except TimeoutError:
            continue
