"""The Session over the Redshift Data API: each statement a request of its own, or forty in a batch.

What the API is and where it bites: redshift-facts §1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from wharfinger.adapters.aws.calls import AwsCalls
from wharfinger.adapters.redshift.data_api_rows import no_rows, read_rows
from wharfinger.adapters.redshift.data_api_state import State
from wharfinger.adapters.redshift.data_api_wait import SERVICE, EndNotSeen, Start, Waiter
from wharfinger.adapters.redshift.errors import of_engine
from wharfinger.adapters.redshift.sql_words import changes_rows, only_reads
from wharfinger.adapters.redshift.transaction import named, transact
from wharfinger.connections.model import Connection
from wharfinger.core.batches import MAX_STATEMENT_BYTES, Numbered, batches, fit_one_batch
from wharfinger.core.errors import Invalid, WharfingerError
from wharfinger.core.names import KEEP_CASE, needs_case
from wharfinger.core.session import EndUnknown, Outcome, Rows, Session, Statement

AUTO_COMMIT = "AUTO_COMMIT"
"""The mode of a batch whose members commit alone; the other one is TRANSACTION (redshift-facts §1.4)."""

_NOT_IN_A_NAME = re.compile(r"[^\w .,:/+=@-]+")


class DataApiSession:
    """One database user of one cluster or workgroup, in one database. Implements `core.session.Session`.

    `entrance` is what `entrance_of` says; with a `waiter` of another session, that one's `close` cancels this one too.
    """

    def __init__(
        self,
        calls: AwsCalls,
        entrance: dict[str, str],
        *,
        database: str,
        statement_seconds: float,
        waiter: Waiter | None = None,
    ) -> None:
        self._database = database
        self._calls = calls
        self._seconds = statement_seconds
        self._entrance = entrance
        self._waiter = waiter or Waiter(calls)
        self._batches: bool | None = None

    @property
    def database(self) -> str:
        """The database that every statement logs in to."""
        return self._database

    def run(self, statement: Statement) -> Rows:
        """See `Session.run`. A text over 100 KB is Invalid before anything is sent."""
        check_text(statement)
        if needs_case(statement.sql) and not statement.parameters and self._may_batch():
            (outcome,) = self._batch([(0, statement)])
            return outcome.unwrap()
        return self._run_alone(statement)

    def run_all(self, statements: Sequence[Statement]) -> Iterator[Outcome]:
        """See `Session.run_all`. Nothing is sent before it is asked for; left early, what is not sent is not run."""
        for group in batches(statements):
            if len(group) == 1 or not self._may_batch():
                yield from (self._alone(*one) for one in group)
            else:
                yield from self._batch(group)

    def together(self, statements: Sequence[Statement]) -> None:
        """See `Session.together`. Up to forty in one request; more in a session of the service's own."""
        statements = named(statements)
        for statement in statements:
            check_text(statement)
        if not statements:
            return
        if any(needs_case(statement.sql) for statement in statements):
            statements = [Statement(KEEP_CASE, label="keep case"), *statements]
        if fit_one_batch(statements):
            self._all_or_none(statements)
        else:
            with self.pinned() as session:
                transact(session, statements)

    @contextmanager
    def pinned(self) -> Iterator[Session]:
        """See `Session.pinned`."""
        from wharfinger.adapters.redshift.data_api_pinned import PinnedDataApi

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

    def close(self) -> None:
        """Cancel what runs."""
        self._waiter.close()

    def _run_alone(self, statement: Statement) -> Rows:
        details = changes_rows(statement.sql)
        *_, state = self._states("ExecuteStatement", _single(statement), [statement], details=details)
        return self._rows(state, statement)

    def _all_or_none(self, statements: list[Statement]) -> None:
        members = _together(statements, "TRANSACTION" if self._may_batch() else "")
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
        # Its own outcome tells nothing: where it is refused, the statement that needed it says what is missing.
        before = [Statement(KEEP_CASE)] if any(needs_case(statement.sql) for statement in statements) else []
        statements = before + statements
        try:
            done = 0
            for state in self._states(
                "BatchExecuteStatement", _together(statements, AUTO_COMMIT), statements, details=True
            ):
                while done < len(group) and (part := _part(state, len(before) + done)).ended:
                    outcome = self._outcome(part, *group[done], parent=state)
                    if outcome is None:
                        break
                    done += 1
                    yield outcome
        except WharfingerError as error:
            yield from (Outcome(index, error=error) for index, _ in group[done:])

    def _outcome(self, part: State, index: int, statement: Statement, *, parent: State) -> Outcome | None:
        """The outcome of one member; None when its result is not to be had before the whole batch has ended."""
        try:
            return Outcome(index, self._rows(replace(part, user=parent.user), statement))
        except WharfingerError as error:
            # Whether a member's result may be read while the batch runs on is unverified.
            if not parent.ended and "does not have result" in error.why:
                return None
            return Outcome(index, error=error)

    def _states(
        self, operation: Start, members: dict[str, Any], statements: list[Statement], *, details: bool
    ) -> Iterator[State]:
        within = self._seconds * len(statements)
        try:
            yield from self._waiter.run(operation, {**self._place(), **members}, within=within, details=details)
        except EndNotSeen as lost:
            together = members.get("ExecutionMode") != AUTO_COMMIT
            if (lost.undone and together) or all(only_reads(statement.sql) for statement in statements):
                raise lost.error from None
            raise EndUnknown.of(lost.error.subject, lost.error.why) from None

    def _place(self) -> dict[str, Any]:
        """Where a statement goes."""
        return dict(self._entrance)

    def _rows(self, state: State, statement: Statement) -> Rows:
        if state.status != "FINISHED":
            place = replace(self._calls.place, user=state.user or self._calls.place.user)
            error = state.error or ("the statement was cancelled" if state.status == "ABORTED" else "")
            raise of_engine(error, place, sql=statement.sql).error(statement.label or place.target)
        if not state.has_result:
            return no_rows(state.rows if changes_rows(statement.sql) else -1)
        return read_rows(lambda token: self._page(state.id, token))

    def _page(self, id: str, token: str | None) -> dict[str, Any]:
        return self._calls(SERVICE, "GetStatementResult", Id=id, **({"NextToken": token} if token else {}))

    def _may_batch(self) -> bool:
        """Older models know batches in one transaction only, where one failure undoes the others."""
        if self._batches is None:
            self._batches = self._calls.has_member(SERVICE, "BatchExecuteStatement", "ExecutionMode")
        return self._batches


def entrance_of(connection: Connection, database: str) -> dict[str, str]:
    """The members that say where to go in and as whom (redshift-facts §1.11)."""
    target = "ClusterIdentifier" if connection.target_kind == "cluster" else "WorkgroupName"
    members = {target: connection.target, "Database": database}
    if connection.sign_in == "db-user":
        members["DbUser"] = connection.db_user
    if connection.sign_in == "secret":
        members["SecretArn"] = connection.secret_arn
    return members


def _single(statement: Statement) -> dict[str, Any]:
    members: dict[str, Any] = {"Sql": statement.sql, **_name([statement])}
    if statement.parameters:
        members["Parameters"] = [{"name": name, "value": value} for name, value in statement.parameters]
    return members


def _together(statements: list[Statement], mode: str) -> dict[str, Any]:
    sqls = [statement.sql for statement in statements]
    return {"Sqls": sqls, **({"ExecutionMode": mode} if mode else {}), **_name(statements)}


def _name(statements: list[Statement]) -> dict[str, str]:
    labels = dict.fromkeys(_NOT_IN_A_NAME.sub(" ", statement.label) for statement in statements if statement.label)
    return {"StatementName": ("wharfinger: " + ", ".join(labels))[:500]} if labels else {}


def _part(state: State, number: int) -> State:
    """Member `number` (from 0). A batch that failed as a whole, at its login for instance, may name no members."""
    if number < len(state.parts) and (state.parts[number].ended or not state.ended):
        part = state.parts[number]
        # What never ran failed for the reason the whole batch failed for.
        never_ran = part.status == "ABORTED" and not part.texts_begun
        return replace(part, status="FAILED", error=state.error or part.error) if never_ran else part
    return State(state.id, state.status if state.ended else "SUBMITTED", error=state.error)


def check_text(statement: Statement) -> None:
    """Raises Invalid for what the Data API cannot take: no text, too much of it, an empty parameter."""
    if not statement.sql.strip():
        raise Invalid("There is no statement to run", subject=statement.label, next_step="Write one")
    length = len(statement.sql.encode())
    if length > MAX_STATEMENT_BYTES:
        raise Invalid(
            "The statement is too long",
            subject=statement.label,
            why=f"the Data API takes 100 KB, this has {length:,} bytes",
            next_step="Make it shorter, or split it",
        )
    if empty := [name for name, value in statement.parameters if not value]:
        raise Invalid(
            "The Data API takes no empty parameter",
            subject=", ".join(empty),
            next_step="Write '' into the statement itself",
        )
