"""What every Data API session does: start statements, follow them to their end, and read their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from wharfinger.adapters.aws.calls import AwsCalls
from wharfinger.adapters.redshift.data_api.rows import no_rows, read_rows
from wharfinger.adapters.redshift.data_api.state import State
from wharfinger.adapters.redshift.data_api.waiter import SERVICE, EndNotSeen, Start, Waiter
from wharfinger.adapters.redshift.errors import of_engine
from wharfinger.adapters.redshift.sql_words import changes_rows, only_reads
from wharfinger.connections.model import Connection
from wharfinger.core.batches import MAX_STATEMENT_BYTES
from wharfinger.core.errors import Invalid
from wharfinger.core.session import EndUnknown, Rows, Statement

AUTO_COMMIT = "AUTO_COMMIT"
"""The execution mode of a batch whose members commit alone; the other is TRANSACTION (redshift-facts §1.4)."""

_NOT_IN_A_NAME = re.compile(r"[^\w .,:/+=@-]+")


class DataApiStatements:
    """Runs statements as one database user of one cluster or workgroup, in one database.

    `entrance` is what `entrance_of` answers. A statement is cancelled after `statement_seconds`. With the `waiter` of
    another session, closing that session cancels the statements of this one too.
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

    @property
    def database(self) -> str:
        """The database that every statement signs in to."""
        return self._database

    def close(self) -> None:
        """Cancel running statements."""
        self._waiter.close()

    def _run_alone(self, statement: Statement) -> Rows:
        """Run one statement in its own request. Raises what `Session.run` raises."""
        details = changes_rows(statement.sql)
        *_, state = self._states("ExecuteStatement", _single(statement), [statement], details=details)
        return self._rows(state, statement)

    def _states(
        self, operation: Start, members: dict[str, Any], statements: list[Statement], *, details: bool
    ) -> Iterator[State]:
        """Start `statements` by `operation` and yield their states until they have ended.

        `details` asks for what only DescribeStatement answers. Raises EndUnknown when the end was not seen and running
        the statements again could do harm, else the error that hid the end.
        """
        within = self._seconds * len(statements)
        try:
            yield from self._waiter.run(operation, {**self._where(), **members}, within=within, details=details)
        except EndNotSeen as lost:
            one_transaction = members.get("ExecutionMode") != AUTO_COMMIT
            if (lost.undone and one_transaction) or all(only_reads(statement.sql) for statement in statements):
                raise lost.error from None
            raise EndUnknown.of(lost.error.subject, lost.error.why) from None

    def _where(self) -> dict[str, Any]:
        """The request members that say where the statement runs and as whom."""
        return dict(self._entrance)

    def _rows(self, state: State, statement: Statement) -> Rows:
        """The rows of an ended statement. Raises the engine's error when it did not finish."""
        if state.status != "FINISHED":
            place = replace(self._calls.place, user=state.user or self._calls.place.user)
            error = state.error or ("the statement was cancelled" if state.status == "ABORTED" else "")
            raise of_engine(error, place, sql=statement.sql).error(statement.label or place.target)
        if not state.has_result:
            return no_rows(state.rows if changes_rows(statement.sql) else -1)
        return read_rows(lambda token: self._page(state.id, token))

    def _page(self, id: str, token: str | None) -> dict[str, Any]:
        return self._calls(SERVICE, "GetStatementResult", Id=id, **({"NextToken": token} if token else {}))


def entrance_of(connection: Connection, database: str) -> dict[str, str]:
    """The request members that name target, database and user (redshift-facts §1.11)."""
    target = "ClusterIdentifier" if connection.target_kind == "cluster" else "WorkgroupName"
    members = {target: connection.target, "Database": database}
    if connection.sign_in == "db-user":
        members["DbUser"] = connection.db_user
    if connection.sign_in == "secret":
        members["SecretArn"] = connection.secret_arn
    return members


def batch_members(statements: list[Statement], mode: str) -> dict[str, Any]:
    """The members of a BatchExecuteStatement request; an empty `mode` is left out."""
    sqls = [statement.sql for statement in statements]
    return {"Sqls": sqls, **({"ExecutionMode": mode} if mode else {}), **_name(statements)}


def check_text(statement: Statement) -> None:
    """Raises Invalid for what the Data API does not take: an empty text, one over 100 KB, an empty parameter."""
    if not statement.sql.strip():
        raise Invalid("There is no statement to run", subject=statement.label, next_step="Write a statement")
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


def _single(statement: Statement) -> dict[str, Any]:
    members: dict[str, Any] = {"Sql": statement.sql, **_name([statement])}
    if statement.parameters:
        members["Parameters"] = [{"name": name, "value": value} for name, value in statement.parameters]
    return members


def _name(statements: list[Statement]) -> dict[str, str]:
    labels = dict.fromkeys(_NOT_IN_A_NAME.sub(" ", statement.label) for statement in statements if statement.label)
    return {"StatementName": ("wharfinger: " + ", ".join(labels))[:500]} if labels else {}
