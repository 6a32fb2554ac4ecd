"""A session that answers by the text of a statement, for cases that no warehouse produces on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Outcome, Row, Rows, Session, Statement

Answer = Sequence[Row] | BaseException


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
