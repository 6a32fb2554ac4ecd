"""A session that answers by label, for cases that the sandbox does not have: old servers, missing rights, failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Outcome, ResultColumn, Row, Rows, Statement

Answer = Sequence[Row] | WharfingerError


@dataclass
class ScriptedSession:
    """Answers each statement from `script`, and records every text it was sent."""

    script: Callable[[Statement], Answer]
    database: str = "dev"
    columns: tuple[str, ...] = ()
    sent: list[Statement] = field(default_factory=list)
    rounds: int = 0

    def run(self, statement: Statement) -> Rows:
        return next(iter(self.run_all([statement]))).unwrap()

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        self.rounds += 1
        for index, statement in enumerate(statements):
            self.sent.append(statement)
            answer = self.script(statement)
            if isinstance(answer, WharfingerError):
                yield Outcome(index, error=answer)
            else:
                yield Outcome(index, Rows(tuple(ResultColumn(name, "text") for name in self.columns), iter(answer)))

    def close(self) -> None:
        """Do nothing."""


class PlainSealer:
    """Marks values instead of sealing them, since sealing has tests of its own."""

    def seal(self, connection_id: str, row_identity: str, content: bytes) -> bytes:
        return f"{connection_id}|{row_identity}|".encode() + content

    def open(self, connection_id: str, row_identity: str, sealed: bytes) -> bytes:
        mark = f"{connection_id}|{row_identity}|".encode()
        assert sealed.startswith(mark)
        return sealed.removeprefix(mark)

    def forget(self, connection_id: str) -> None:
        """Do nothing."""
