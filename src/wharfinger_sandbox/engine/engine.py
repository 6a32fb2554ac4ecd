"""The running PostgreSQL server and the connections to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import psycopg
from psycopg.conninfo import make_conninfo

from wharfinger_sandbox.engine.binaries import account_for
from wharfinger_sandbox.engine.cluster import has_old_catalog, upgrade_catalog
from wharfinger_sandbox.engine.commands import Connection
from wharfinger_sandbox.engine.pool import Pool
from wharfinger_sandbox.engine.process import SOCKET_NAME, Postgres
from wharfinger_sandbox.engine.templates import TemplateContents, new_data_folder

ENGINE_ROLE = "wf_engine"


@dataclass(frozen=True, slots=True)
class InitialData:
    """The data of a new data folder. `key` (letters, digits, `-`) identifies exactly what `load` loads."""

    key: str
    load: Callable[[Engine], Awaitable[None]]


class Engine:
    """A running PostgreSQL server that accepts logins as any database user without a password.

    `socket_dir` is the private folder of its `socket`; `dsn` is a libpq connection string for the superuser
    `wf_engine` in the database `dev`.
    """

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._pool = Pool(self.connect, trusted=ENGINE_ROLE)
        self._at_login: WeakKeyDictionary[Connection, dict[str, str]] = WeakKeyDictionary()
        self.socket_dir = postgres.socket_dir
        self.socket = self.socket_dir / SOCKET_NAME
        self.dsn = make_conninfo(host=str(self.socket_dir), port=5432, user=ENGINE_ROLE, dbname="dev")

    @classmethod
    async def start(cls, folder: Path, initial_data: InitialData | None = None) -> Engine:
        """Start the server on the data folder in `folder`, creating it if absent; returns when the server answers.

        A new data folder gets `initial_data`, which is loaded once on this machine and copied from then on. A folder
        of an older version gets the current catalog. Raises EngineError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        account = account_for(folder)
        data = folder.absolute() / "engine"
        if not data.exists():
            await new_data_folder(data, account, cls._contents(initial_data))
        postgres = await Postgres.start(data, account, folder / "engine.log")
        try:
            if has_old_catalog(data):
                await upgrade_catalog(postgres.socket_dir, data)
        except BaseException:
            await postgres.stop()
            raise
        return cls(postgres)

    @classmethod
    def _contents(cls, initial_data: InitialData | None) -> TemplateContents | None:
        if initial_data is None:
            return None

        async def fill(postgres: Postgres) -> None:
            engine = cls(postgres)
            await initial_data.load(engine)
            await engine.close_idle()

        return TemplateContents(initial_data.key, fill)

    async def stop(self) -> None:
        """Cancel all statements and stop the server."""
        await self._postgres.stop()
        await self._pool.close()

    async def wait(self) -> int:
        """Wait until the server ends, by `stop` or by itself; returns its exit code."""
        return await self._postgres.wait()

    async def connect(self, database: str, role: str) -> Connection:
        """A new connection logged in as `role`, in autocommit mode; the caller closes it.

        Raises psycopg.OperationalError with PostgreSQL's `FATAL` text.
        """
        return await psycopg.AsyncConnection.connect(
            host=str(self.socket_dir), port=5432, user=role, dbname=database, autocommit=True, prepare_threshold=None
        )

    @asynccontextmanager
    async def lease(self, database: str, role: str) -> AsyncIterator[Connection]:
        """A pooled connection logged in as `role`, in the state of a new one, for the length of the block.

        Raises psycopg.OperationalError.
        """
        key = (database, role)
        connection, token = await self._pool.acquire(key)
        try:
            yield connection
        finally:
            self._pool.release(key, connection, token)

    @asynccontextmanager
    async def admin(self, database: str = "dev") -> AsyncIterator[Connection]:
        """A pooled connection of the superuser `wf_engine`, for the sandbox's own queries."""
        async with self.lease(database, ENGINE_ROLE) as connection:
            yield connection

    async def setting_at_login(self, connection: Connection, name: str) -> str:
        """The value that the parameter `name` had when `connection` logged in, "" when it had none.

        The first call for a connection must come before any SET; its result is remembered.
        """
        known = self._at_login.setdefault(connection, {})
        if name not in known:
            cursor = await connection.execute("select pg_catalog.current_setting(%s, true)", (name,))
            row = await cursor.fetchone()
            known[name] = str(row[0]) if row and row[0] is not None else ""
        return known[name]

    async def close_idle(self, *, database: str | None = None, role: str | None = None) -> None:
        """Close the idle pooled connections to `database` or of `role`; all of them without either.

        DROP DATABASE would wait for them, and the settings of ALTER USER only apply at the next login.
        """

        def keep(key: tuple[str, str]) -> bool:
            return (database is not None and key[0] != database) or (role is not None and key[1] != role)

        await self._pool.close_idle(keep)

    async def wait_until_returned(self) -> None:
        """Wait until every returned connection has been cleaned or closed."""
        await self._pool.wait_until_returned()
