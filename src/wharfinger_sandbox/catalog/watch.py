"""Detects changes of tables' rows, for the `last_modified_time` of SHOW TABLES (redshift-facts §5.4)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import psycopg

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0

_COUNTERS = """
select datname, tup_inserted + tup_updated + tup_deleted from pg_stat_database d
join pg_database using (datname) where datallowconn and not datistemplate
"""


class Admin(Protocol):
    """What `Watch` needs of the engine."""

    def admin(self, database: str = ...) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        """A connection to `database` for the sandbox's own queries."""


class Watch:
    """Reads the engine's counters once a second; a database without writes costs nothing."""

    def __init__(self, engine: Admin, *, lag_seconds: float) -> None:
        self._engine = engine
        self._lag = lag_seconds
        self._counters: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Set the lag, record the present tables as unchanged since they were made, and start watching."""
        async with self._engine.admin() as connection:
            await connection.execute("select pg_internal.wf_set_modified_lag(%s)", [self._lag])
        for database in await self._databases():
            async with self._engine.admin(database) as connection:
                await connection.execute("select pg_internal.wf_record_unmodified()")
        self._counters = await self._databases()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop watching."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tick(self) -> int:
        """Record the changes since the last tick; returns the number of changed tables."""
        noticed = 0
        for database, counter in (await self._databases()).items():
            if self._counters.get(database) != counter:
                self._counters[database] = counter
                async with self._engine.admin(database) as connection:
                    row = await (await connection.execute("select pg_internal.wf_observe()")).fetchone()
                noticed += int(row[0]) if row else 0
        return noticed

    async def _databases(self) -> dict[str, int]:
        async with self._engine.admin() as connection:
            rows = await (await connection.execute(_COUNTERS)).fetchall()
        return {str(name): int(counter) for name, counter in rows}

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.tick()
            except psycopg.Error as error:
                # A database was dropped in between, or the engine is stopping; the next tick tries again.
                log.debug("the counters could not be read: %s", error)
