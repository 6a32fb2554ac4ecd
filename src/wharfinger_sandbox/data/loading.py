"""How data gets into the engine: logged in as `awsuser`, statements through the dialect, rows by COPY."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import psycopg

from wharfinger_sandbox.dialect import Context, translate
from wharfinger_sandbox.engine import Engine

OWNER = "awsuser"
"""The administrator of the cluster, who owns what is loaded."""


class Loader:
    """One connection to each database, opened when first needed. Use as an async context manager."""

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
        """What is loaded inside is there whole, or not at all."""
        connection = await self._connection(database)
        async with connection.transaction():
            yield

    async def run(self, database: str, statements: Sequence[str]) -> None:
        """Run statements written in Redshift's words."""
        connection = await self._connection(database)
        for statement in statements:
            context = Context(database=database, user=OWNER, superuser=True)
            await connection.execute(translate(statement, context).sql.encode())

    async def copy(self, database: str, table: str, blocks: Iterable[str], *, options: str = "") -> None:
        """Load blocks of COPY text into `table`, a quoted name; `options` as PostgreSQL's COPY takes them."""
        connection = await self._connection(database)
        sql = f"copy {table} from stdin {options}".encode()
        async with connection.cursor() as cursor, cursor.copy(sql) as copy:
            for block in blocks:
                await copy.write(block)

    async def exists(self, database: str, schema: str) -> bool:
        """Whether there is a schema of that name."""
        connection = await self._connection(database)
        cursor = await connection.execute("select 1 from pg_catalog.pg_namespace where nspname = %s", [schema])
        return await cursor.fetchone() is not None

    async def _connection(self, database: str) -> psycopg.AsyncConnection:
        if database not in self._connections:
            self._connections[database] = await self._engine.connect(database, OWNER)
        return self._connections[database]
