"""Connections whose sessions answer from a script, for cases that no warehouse produces on demand."""

# ruff: noqa: ARG002 - the signatures are those of the ports

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from wharfinger.connections.model import Caller, Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Outcome, Row, Rows, Session, Statement, Usage

Answer = Sequence[Row] | BaseException
ANALYST = Caller("123456789012", "arn:aws:iam::123456789012:user/analyst")


@dataclass
class ScriptedSession:
    """Answers each SQL text by the first key of `script` that occurs in it; `together` is logged when it ended well."""

    script: Mapping[str, Answer]
    database: str
    log: list[tuple[str, str]]
    on_close: Callable[[], None]

    def run(self, statement: Statement) -> Rows:
        return next(self.run_all([statement])).unwrap()

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        for index, statement in enumerate(statements):
            self.log.append((self.database, statement.sql))
            answer = self._answer(statement)
            if isinstance(answer, WharfingerError):
                yield Outcome(index, error=answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                yield Outcome(index, Rows((), iter(answer)))

    def together(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            answer = self._answer(statement)
            if isinstance(answer, BaseException):
                raise answer
        self.log += [(self.database, statement.sql) for statement in statements]

    def pinned(self) -> AbstractContextManager[Session]:
        return nullcontext(self)

    def close(self) -> None:
        self.on_close()

    def _answer(self, statement: Statement) -> Answer:
        return next((answer for words, answer in self.script.items() if words in statement.sql), ())


@dataclass
class ScriptedConnections:
    """Opens scripted sessions and counts those not closed. `closed_databases` raise what they hold when entered."""

    script: dict[str, Answer] = field(default_factory=dict)
    closed_databases: dict[str, BaseException] = field(default_factory=dict)
    caller_is: Caller = ANALYST
    log: list[tuple[str, str]] = field(default_factory=list)
    still_open: int = 0

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        entered = database or connection.database
        for name in (entered, "*"):
            if name in self.closed_databases:
                raise self.closed_databases[name]
        self.still_open += 1
        return ScriptedSession(self.script, entered, self.log, self._closed)

    def caller(self, connection: Connection) -> Caller:
        return self.caller_is

    def _closed(self) -> None:
        self.still_open -= 1
