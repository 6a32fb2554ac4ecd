"""Several statements in their order: each by itself, or in one transaction of a pinned session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wharfinger.core.errors import Unavailable, WharfingerError
from wharfinger.core.session import EndUnknown, Outcome, Session, Statement

BEGIN = Statement("begin", label="begin")
COMMIT = Statement("commit", label="commit")
ROLLBACK = Statement("rollback", label="rollback")

OPENS = frozenset({"begin", "start"})
ENDS = frozenset({"commit", "end", "rollback", "abort"})
"""First words of the statements that begin and end a transaction."""

UNDOES = frozenset({"rollback", "abort"})


def named(statements: Sequence[Statement]) -> list[Statement]:
    """The statements, each with a label to be named by when it fails."""
    return [replace(one, label=one.label or f"statement {number}") for number, one in enumerate(statements, 1)]


def one_by_one(session: Session, statements: Sequence[Statement]) -> Iterator[Outcome]:
    """`Session.run_all` where each statement takes a round trip of its own."""
    for index, statement in enumerate(statements):
        try:
            yield Outcome(index, session.run(statement))
        except WharfingerError as error:
            yield Outcome(index, error=error)


def transact(session: Session, statements: Sequence[Statement]) -> None:
    """Run `statements` between BEGIN and COMMIT on a pinned `session`, which rolls back when it is left early.

    Raises what `Session.together` raises. An answer lost before the COMMIT leaves no doubt: nothing was kept.
    """
    for statement in (BEGIN, *statements):
        try:
            session.run(statement)
        except EndUnknown as lost:
            raise Unavailable(
                "The connection was lost in the middle of a transaction",
                subject=lost.subject,
                why=lost.why,
                next_step="Nothing of it was kept; try again",
            ) from None
    session.run(COMMIT)
