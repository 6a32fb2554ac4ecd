"""Runs statements through the dialect and psycopg on an engine, without the wire port."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from wharfinger_sandbox.dialect import Context, Refused, reword, translate

_NUMBERS = itertools.count(1)


class SqlError(Exception):
    """The error a client gets: its message and `sqlstate`."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class Session:
    """One session, logged in as a user."""

    def __init__(self, connection: psycopg.Connection[Any], context: Context) -> None:
        self.connection = connection
        self.context = context
        self.tag: str | None = None

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements; the rows of the last one. Raises SqlError."""
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            rows = self._one(statement)
        return rows

    def _one(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            translation = translate(statement, self.context)
            cursor = self.connection.execute(translation.sql.encode())
        except Refused as refused:
            raise SqlError(refused.sqlstate, refused.message) from refused
        except psycopg.Error as error:
            raise SqlError(*reword(error.sqlstate or "", error.diag.message_primary or str(error))) from error
        self.context = self.context.after(translation)
        self.tag = translation.tag or cursor.statusmessage
        return cursor.fetchall() if cursor.description else []

    def value(self, statement: str) -> Any:
        """The only value of a statement."""
        ((value,),) = self.run(statement)
        return value

    def columns(self, statement: str) -> list[str]:
        """The names of a query's columns."""
        cursor = self.connection.execute(translate(statement, self.context).sql.encode())
        return [column.name for column in cursor.description or ()]

    def refusal(self, statement: str) -> str:
        """The message with which a statement is refused."""
        try:
            self.run(statement)
        except SqlError as error:
            return str(error)
        raise AssertionError(f"not refused: {statement}")


@dataclass
class Warehouse:
    """An engine, found by the folder of its socket."""

    folder: Path

    @contextmanager
    def session(
        self, user: str = "awsuser", database: str = "dev", *, superuser: bool | None = None
    ) -> Iterator[Session]:
        """A login as `user`."""
        is_super = user in ("awsuser", "IAM:admin") if superuser is None else superuser
        parts = {"host": str(self.folder), "port": 5432, "user": user, "dbname": database}
        with closing(psycopg.connect(**parts, autocommit=True)) as connection:
            yield Session(connection, Context(database=database, user=user, superuser=is_super))

    @contextmanager
    def engine(self, database: str = "dev") -> Iterator[psycopg.Connection[Any]]:
        """A connection to PostgreSQL itself, as its superuser."""
        with closing(
            psycopg.connect(host=str(self.folder), port=5432, user="wf_engine", dbname=database, autocommit=True)
        ) as connection:
            yield connection


def unique(stem: str = "s") -> str:
    """A name that no other test in this process uses."""
    return f"{stem}_{next(_NUMBERS)}"
