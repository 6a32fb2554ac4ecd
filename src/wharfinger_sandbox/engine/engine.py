"""The running PostgreSQL and the connections to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

Connection = psycopg.AsyncConnection[tuple[object, ...]]


class EngineError(Exception):
    """The engine cannot start; the text says why."""


class Engine:
    """A PostgreSQL of our own, ready to be logged in to as any database user.

    `socket_dir` is the private folder of its socket, `dsn` a libpq connection string for the superuser `wf_engine`
    in database `dev`.
    """

    socket_dir: Path
    dsn: str

    @classmethod
    async def start(cls, folder: Path) -> Engine:
        """Make `folder` a data folder or use the one there, start the server, install the catalog; returns when ready."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End all statements and the server; nothing of it runs on."""
        raise NotImplementedError

    async def connect(self, database: str, role: str) -> Connection:
        """A fresh connection logged in as `role`, autocommit; the caller closes it.

        Raises psycopg.OperationalError with PostgreSQL's `FATAL` text.
        """
        raise NotImplementedError

    @asynccontextmanager
    async def lease(self, database: str, role: str) -> AsyncIterator[Connection]:
        """A pooled connection logged in as `role`, as good as fresh; it goes back to the pool at the end."""
        raise NotImplementedError
        yield

    @asynccontextmanager
    async def admin(self, database: str = "dev") -> AsyncIterator[Connection]:
        """A pooled connection of the sandbox itself (`wf_engine`), for bookkeeping that no user sees."""
        raise NotImplementedError
        yield

    async def forget(self, *, database: str | None = None, role: str | None = None) -> None:
        """Close idle pooled connections to `database` or of `role` (all without either).

        For DROP DATABASE, which waits for them, and ALTER USER, whose settings are read at login.
        """
        raise NotImplementedError
