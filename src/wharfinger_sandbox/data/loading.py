"""Loads data into the engine as `awsuser`: statements through the dialect, rows by COPY."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import psycopg

from wharfinger_sandbox.dialect import Context, translate
from wharfinger_sandbox.engine import Engine

OWNER = "awsuser"
"""The cluster's administrator, who owns the loaded tables."""


class Loader:
    """One connection for each database, opened at first use. An async context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connections: dict[str, psycopg.AsyncConnection] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._connections.values():
            await connection.close()

    @asynccontextmanager
    async def transaction(self, database: str) -> AsyncIterator[None]:
        """A transaction of `database` for the length of the block."""
        connection = await self._connection(database)
        async with connection.transaction():
            yield

    async def run(self, database: str, statements: Sequence[str]) -> None:
        """Run Redshift statements in `database`."""
        connection = await self._connection(database)
        for statement in statements:
            context = Context(database=database, user=OWNER, superuser=True)
            await connection.execute(translate(statement, context).sql.encode())

    async def copy(self, database: str, table: str, blocks: Iterable[str], *, options: str = "") -> None:
        """Load blocks of COPY text into `table`, a quoted name; `options` are those of PostgreSQL's COPY."""
        connection = await self._connection(database)
        sql = f"copy {table} from stdin {options}".encode()
        async with connection.cursor() as cursor, cursor.copy(sql) as copy:
            for block in blocks:
                await copy.write(block)

    async def exists(self, database: str, schema: str) -> bool:
        """Whether `database` has the schema `schema`."""
        connection = await self._connection(database)
        cursor = await connection.execute("select 1 from pg_catalog.pg_namespace where nspname = %s", [schema])
        return await cursor.fetchone() is not None

    async def _connection(self, database: str) -> psycopg.AsyncConnection:
        if database not in self._connections:
            self._connections[database] = await self._engine.connect(database, OWNER)
        return self._connections[database]
