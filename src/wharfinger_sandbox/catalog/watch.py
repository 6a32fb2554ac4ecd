"""Notices when rows of tables change, for the `last_modified_time` of SHOW TABLES (redshift-facts §5.4)."""

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
    """What is needed of the engine."""

    def admin(self, database: str = ...) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        """A connection of the sandbox itself."""


class Watch:
    """Looks at the engine's counters once a second; a database in which nothing was written costs nothing."""

    def __init__(self, engine: Admin, *, lag_seconds: float) -> None:
        self._engine = engine
        self._lag = lag_seconds
        self._counters: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Set the lag, take what is loaded as there from the beginning, and begin to watch."""
        async with self._engine.admin() as connection:
            await connection.execute("select pg_internal.wf_set_modified_lag(%s)", [self._lag])
        for database in await self._databases():
            async with self._engine.admin(database) as connection:
                await connection.execute("select pg_internal.wf_settle()")
        self._counters = await self._databases()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the watching."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tick(self) -> int:
        """Note the changes since the last tick; how many tables they touch."""
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
                # A database was dropped in between, or the engine is going down; the next tick sees.
                log.debug("no look at the counters: %s", error)
