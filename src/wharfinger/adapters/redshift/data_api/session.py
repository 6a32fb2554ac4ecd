"""The Session over the Redshift Data API: each statement in its own request, or up to forty in a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from wharfinger.adapters.redshift.data_api.pinned import PinnedDataApi
from wharfinger.adapters.redshift.data_api.state import State
from wharfinger.adapters.redshift.data_api.statements import (
    AUTO_COMMIT,
    DataApiStatements,
    batch_members,
    check_text,
)
from wharfinger.adapters.redshift.data_api.waiter import SERVICE
from wharfinger.adapters.redshift.transaction import labelled, run_in_transaction
from wharfinger.core.batches import Numbered, batches, fit_one_batch
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import KEEP_CASE, needs_case
from wharfinger.core.session import Outcome, Rows, Session, Statement


class DataApiSession(DataApiStatements):
    """Implements `core.session.Session`; see `DataApiStatements` for its arguments."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._batches: bool | None = None

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`. A text over 100 KB is Invalid before anything is sent."""
        check_text(statement)
        if needs_case(statement.sql) and not statement.parameters and self._may_batch():
            (outcome,) = self._batch([(0, statement)])
            return outcome.unwrap()
        return self._run_alone(statement)

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`.

        A batch is sent when its first outcome is read; when the caller stops reading, the remaining batches are not
        sent.
        """
        for group in batches(statements):
            if len(group) == 1 or not self._may_batch():
                yield from (self._alone(*one) for one in group)
            else:
                yield from self._batch(group)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`. Up to forty statements take one request; more take a session of the service."""
        statements = labelled(statements)
        for statement in statements:
            check_text(statement)
        if not statements:
            return
        if any(needs_case(statement.sql) for statement in statements):
            statements = [Statement(KEEP_CASE, label="keep case"), *statements]
        if fit_one_batch(statements):
            self._run_in_transaction(statements)
        else:
            with self.pinned() as session:
                run_in_transaction(session, statements)

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """See `Session.pinned`."""
        session = PinnedDataApi(
            self._calls,
            self._entrance,
            database=self._database,
            statement_seconds=self._seconds,
            waiter=self._waiter,
        )
        try:
            yield session
        finally:
            session.leave()

    def _run_in_transaction(self, statements: list[Statement]) -> None:
        members = batch_members(statements, "TRANSACTION" if self._may_batch() else "")
        *_, state = self._states("BatchExecuteStatement", members, statements, details=True)
        if state.status == "FINISHED":
            return
        for part, statement in zip(state.parts, statements, strict=False):
            if part.status == "FAILED":
                self._rows(replace(part, user=state.user), statement)
        self._rows(state, Statement("", label=self._calls.place.target))

    def _alone(self, index: int, statement: Statement) -> Outcome:
        try:
            return Outcome(index, self.run(statement))
        except WharfingerError as error:
            return Outcome(index, error=error)

    def _batch(self, group: list[Numbered]) -> Iterator[Outcome]:
        statements = [statement for _, statement in group]
        # The outcome of this member is not used: if it is refused, the statement that needs it fails with the reason.
        before = [Statement(KEEP_CASE)] if any(needs_case(statement.sql) for statement in statements) else []
        statements = before + statements
        members = batch_members(statements, AUTO_COMMIT)
        done = 0
        try:
            for state in self._states("BatchExecuteStatement", members, statements, details=True):
                while done < len(group) and (part := _part(state, len(before) + done)).ended:
                    outcome = self._outcome(part, *group[done], parent=state)
                    if outcome is None:
                        break
                    done += 1
                    yield outcome
        except WharfingerError as error:
            yield from (Outcome(index, error=error) for index, _ in group[done:])

    def _outcome(self, part: State, index: int, statement: Statement, *, parent: State) -> Outcome | None:
        """The outcome of one member; None when its result cannot be read before the whole batch has ended."""
        try:
            return Outcome(index, self._rows(replace(part, user=parent.user), statement))
        except WharfingerError as error:
            # Whether a member's result can be read while the batch still runs is unverified.
            if not parent.ended and "does not have result" in error.why:
                return None
            return Outcome(index, error=error)

    def _may_batch(self) -> bool:
        """Whether batches can commit member by member: older service models only know one transaction."""
        if self._batches is None:
            self._batches = self._calls.has_member(SERVICE, "BatchExecuteStatement", "ExecutionMode")
        return self._batches


def _part(state: State, number: int) -> State:
    """Member `number` (from 0) of a batch. One that failed as a whole, at its login for instance, may list none."""
    if number < len(state.parts) and (state.parts[number].ended or not state.ended):
        part = state.parts[number]
        # A member that never ran failed for the reason that the whole batch failed for.
        never_ran = part.status == "ABORTED" and not part.texts_begun
        return replace(part, status="FAILED", error=state.error or part.error) if never_ran else part
    return State(state.id, state.status if state.ended else "SUBMITTED", error=state.error)
