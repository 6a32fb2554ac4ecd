"""The Session port: one warehouse, one database, one database user; statements in, pages of rows out.

Implementations live in `wharfinger.adapters`; the contract suite `tests/contract/test_session.py` holds for each.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from wharfinger.core.errors import Failed, WharfingerError

Value = str | int | float | bool | bytes | None
"""One field of a result. Decimals, dates, times and SUPER come as the engine's text (redshift-facts §1.6)."""

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text with values for its `:name` parameters, and a label that names the purpose, never data."""

    sql: str
    parameters: tuple[tuple[str, str], ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its label and the engine's type name."""

    name: str
    type_name: str


@dataclass(slots=True)
class Rows:
    """The result of one statement: it can be read once; pages are fetched while it is read.

    `columns` is empty for a statement without a result set. `affected` is the count the engine reports, or -1.
    """

    columns: tuple[ResultColumn, ...]
    stream: Iterator[Row]
    affected: int = -1

    def __iter__(self) -> Iterator[Row]:
        return self.stream

    def one(self) -> Row:
        """The only row. Raises ValueError when there is none or more than one."""
        (row,) = self.stream
        return row


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one of several statements: its rows, or its error."""

    index: int
    rows: Rows | None = None
    error: WharfingerError | None = None

    def unwrap(self) -> Rows:
        """The rows; raises the statement's own error if it failed."""
        if self.error is not None:
            raise self.error
        if self.rows is None:
            raise ValueError("an outcome holds rows or an error")
        return self.rows


class Session(Protocol):
    """Runs statements as one database user in one database. Safe to use from several threads."""

    @property
    def database(self) -> str:
        """The database the session is logged in to."""

    def run(self, statement: Statement) -> Rows:
        """Run one statement and wait for it.

        Raises Failed with the engine's message, Refused when a right is missing, Unavailable when it is worth trying
        later (the session has retried already), Stopped when the usage's stop flag was set.
        """

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """Run independent statements in as few round trips as possible; yields outcomes in order, as statements end.

        Each commits alone; a failure of one neither stops nor undoes another.
        """

    def together(self, statements: Sequence[Statement]) -> None:
        """Run statements in order in one transaction: all of them take effect, or none.

        Raises the error of the statement that failed; its subject is that statement's label, or `statement N` without
        one. Raises EndUnknown when it is not known whether the transaction was committed. None may begin or end a
        transaction.
        """

    def pinned(self) -> AbstractContextManager[Session]:
        """A session whose statements share one connection, in order: SET, BEGIN and temporary tables stay in effect.

        One statement at a time, threads wait for each other; `run_all` runs them one after the other. When the
        connection is lost, every later statement raises Unavailable. On leaving, an open transaction is rolled back.
        """

    def close(self) -> None:
        """Close the session's connections; running statements are cancelled."""


class EndUnknown(Failed):
    """The answer was lost: what was sent may have taken effect or not. Look before sending it again."""

    @classmethod
    def of(cls, subject: str, why: str) -> EndUnknown:
        """The error for one statement, or for several that were sent together."""
        return cls(
            "It is not known whether the statement ran",
            subject=subject,
            why=why,
            next_step="Look whether its effect is there before you run it again",
        )


def took_too_long(subject: str, seconds: float) -> Failed:
    """The error for a statement that was cancelled when its time was over."""
    return Failed(
        "The statement took too long",
        subject=subject,
        why=f"it was cancelled after {seconds:g} seconds",
        next_step="Give it more time, or ask for less",
    )


class Stopped(Exception):
    """The caller asked to stop; the running statement was cancelled. Not an error, and never retried by itself."""


@dataclass(slots=True)
class Usage:
    """Counts the statements and API calls of a piece of work, and holds its stop flag.

    Shared by the threads of that work.
    """

    statements: int = 0
    api_calls: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, *, statements: int = 0, api_calls: int = 0) -> None:
        """Count SQL texts sent to the warehouse and AWS API requests made (each attempt counts)."""
        with self._lock:
            self.statements += statements
            self.api_calls += api_calls
