"""A pool of connections for each database and role.

A connection is cleaned (DISCARD ALL) when it is released, so that acquiring one does not wait for it.
"""

from __future__ import annotations

import asyncio
import select
from collections import deque
from collections.abc import Awaitable, Callable

import psycopg
from psycopg.pq import TransactionStatus

from wharfinger_sandbox.engine.commands import Connection, command

Key = tuple[str, str]
"""Database and role."""

IDLE_PER_KEY = 32
IDLE_TOTAL = 96


class Pool:
    """Lends clean connections by (database, role) and opens one when none is idle."""

    def __init__(self, open_connection: Callable[[str, str], Awaitable[Connection]], *, trusted: str) -> None:
        """`trusted` is a role that leaves no state in a connection, so its connections are not cleaned."""
        self._open = open_connection
        self._trusted = trusted
        self._idle: dict[Key, deque[Connection]] = {}
        self._returning: dict[Key, set[asyncio.Task[None]]] = {}
        self._generation = 0

    async def acquire(self, key: Key) -> tuple[Connection, int]:
        """A connection and the generation to release it with. Raises psycopg.OperationalError."""
        while not self._idle.get(key) and self._returning.get(key):
            await asyncio.wait(self._returning[key], return_when=asyncio.FIRST_COMPLETED)
        idle = self._idle.get(key)
        while idle:
            connection = idle.pop()
            if _is_quiet(connection):
                return connection, self._generation
            await connection.close()
        return await self._open(*key), self._generation

    def release(self, key: Key, connection: Connection, generation: int) -> None:
        """Return a connection to the pool; it is cleaned in the background."""
        idle = connection.info.transaction_status == TransactionStatus.IDLE
        if key[1] == self._trusted and idle and generation == self._generation and self._has_room(key):
            self._idle.setdefault(key, deque()).append(connection)
            return
        tasks = self._returning.setdefault(key, set())
        task = asyncio.create_task(self._clean(key, connection, generation))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def close_idle(self, keep: Callable[[Key], bool]) -> None:
        """Close idle connections for whose key `keep` is false; those in use are closed when they are released."""
        await self.wait_until_returned()
        self._generation += 1
        for key in [key for key in self._idle if not keep(key)]:
            for connection in self._idle.pop(key):
                await connection.close()

    async def wait_until_returned(self) -> None:
        """Wait until every released connection has been cleaned or closed."""
        tasks = [task for tasks in self._returning.values() for task in tasks]
        if tasks:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Close every idle connection."""
        await self.close_idle(lambda _: False)

    async def _clean(self, key: Key, connection: Connection, generation: int) -> None:
        wanted = generation == self._generation and self._has_room(key) and await _discard_all(connection)
        if wanted and generation == self._generation and self._has_room(key):
            self._idle.setdefault(key, deque()).append(connection)
        else:
            await connection.close()

    def _has_room(self, key: Key) -> bool:
        total = sum(len(idle) for idle in self._idle.values())
        return len(self._idle.get(key, ())) < IDLE_PER_KEY and total < IDLE_TOTAL


async def _discard_all(connection: Connection) -> bool:
    status = connection.info.transaction_status
    if connection.closed or status in (TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN):
        return False
    try:
        if status != TransactionStatus.IDLE:
            await command(connection, b"rollback")
        await command(connection, b"discard all")
    except psycopg.Error:
        return False
    return True


def _is_quiet(connection: Connection) -> bool:
    """False when the server has closed the connection: an idle connection has nothing to read."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return not poll.poll(0)
