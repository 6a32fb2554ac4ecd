"""Several statements in order: each by itself, or all in one transaction of a pinned session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wharfinger.core.errors import Unavailable, WharfingerError
from wharfinger.core.session import EndUnknown, Outcome, Session, Statement

BEGIN = Statement("begin", label="begin")
COMMIT = Statement("commit", label="commit")
ROLLBACK = Statement("rollback", label="rollback")

BEGINS = frozenset({"begin", "start"})
ENDS = frozenset({"commit", "end", "rollback", "abort"})
"""First words of the statements that begin and end a transaction."""

ROLLS_BACK = frozenset({"rollback", "abort"})


def labelled(statements: Sequence[Statement]) -> list[Statement]:
    """The statements, each with a label for its error: its own, or `statement N` counted from 1."""
    return [replace(one, label=one.label or f"statement {number}") for number, one in enumerate(statements, 1)]


def one_by_one(session: Session, statements: Sequence[Statement]) -> Iterator[Outcome]:
    """`Session.run_all` where each statement takes its own round trip."""
    for index, statement in enumerate(statements):
        try:
            yield Outcome(index, session.run(statement))
        except WharfingerError as error:
            yield Outcome(index, error=error)


def run_in_transaction(session: Session, statements: Sequence[Statement]) -> None:
    """Run `statements` between BEGIN and COMMIT on a pinned `session`, which rolls back when it is left early.

    Raises what `Session.together` raises. An answer lost before the COMMIT is Unavailable: nothing was committed.
    """
    for statement in (BEGIN, *statements):
        try:
            session.run(statement)
        except EndUnknown as lost:
            raise Unavailable(
                "The connection was lost in the middle of a transaction",
                subject=lost.subject,
                why=lost.why,
                next_step="Try again: nothing of the transaction was committed",
            ) from None
    session.run(COMMIT)
