"""One statement on its connection: a single text, a batch in one transaction, or a batch of single commits."""

from __future__ import annotations

import itertools
import re
import time
import uuid
from dataclasses import dataclass, replace

import psycopg
from psycopg.pq import TransactionStatus

from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.dialect import Context, Refused, Translation, translate
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.statements.columns import Column
from wharfinger_sandbox.statements.execute import Connection, Outcome, SqlFailed, execute
from wharfinger_sandbox.statements.model import SqlText, Statement, Status
from wharfinger_sandbox.statements.parameters import bind
from wharfinger_sandbox.statements.results import ResultWriter
from wharfinger_sandbox.statements.settings import Settings
from wharfinger_sandbox.users import Login

# DROP DATABASE waits for idle connections, and a login reads its user's settings once.
_BREAKS_THE_POOL = re.compile(r"\s*(?:drop|alter)\s+(?:database|user|role)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every run needs."""

    engine: Engine
    calls: CallLog
    settings: Settings
    query_ids: itertools.count[int]


class Run:
    """One statement on the connection it was given, logged in as `login`."""

    def __init__(self, tools: Tools, connection: Connection, statement: Statement, login: Login) -> None:
        self._tools = tools
        self._connection = connection
        self._statement = statement
        self._login = login
        self._parameters = {one["name"]: one["value"] for one in statement.parameters}
        session = statement.session
        self._context = (session and session.context) or Context(
            database=statement.origin.database, user=login.user, superuser=login.superuser
        )

    async def to_the_end(self) -> None:
        """Run everything; every failure of the SQL is noted in the statement, none is raised."""
        statement = self._statement
        statement.pid = self._connection.info.backend_pid
        if not statement.is_batch:
            await self._run_text(statement.whole)
            statement.end(statement.whole.status)
        else:
            statement.whole.start()
            await (self._in_transaction() if statement.mode == "TRANSACTION" else self._one_by_one())
        if statement.session:
            statement.session.context = self._context

    async def _in_transaction(self) -> None:
        statement = self._statement
        await self._connection.execute("begin")
        for number, text in enumerate(statement.texts, 1):
            if statement.cancelled or not await self._run_text(text):
                await self._connection.execute("rollback")
                return self._end_batch(number, text)
        await self._connection.execute("commit")
        return statement.end("FINISHED")

    async def _one_by_one(self) -> None:
        statement = self._statement
        failed: tuple[int, SqlText] | None = None
        for number, text in enumerate(statement.texts, 1):
            if statement.cancelled:
                return self._end_batch(number, text)
            if not await self._run_text(text) and failed is None:
                failed = (number, text)
        # One failed member fails the whole, though the others ran and stay.
        return self._end_batch(*failed) if failed else statement.end("FINISHED")

    def _end_batch(self, number: int, text: SqlText) -> None:
        status: Status = "ABORTED" if self._statement.cancelled else "FAILED"
        self._statement.end(status, f"Query #{number} failed with {text.error}" if text.error else None)

    async def _run_text(self, text: SqlText) -> bool:
        """Run one SQL text; its end is noted in it. True when it finished."""
        statement = self._statement
        entry = self._tools.calls.statement_started(
            text.id, text.sql, database=statement.origin.database, db_user=self._login.user,
            session=statement.session.id if statement.session else None,
        )  # fmt: skip
        text.query_id, text.query_uuid = next(self._tools.query_ids), str(uuid.uuid4())
        text.start()
        status: Status = "ABORTED"
        error: str | None = None
        try:
            _keep(text, await self._translated(text))
            status = "FINISHED"
        except SqlFailed as failure:
            status = "ABORTED" if statement.cancelled else "FAILED"
            error = failure.text
        except psycopg.OperationalError as lost:
            status = "FAILED"
            error = connection_text(lost)
        finally:
            text.end(status, error)
            entry.finished(status, time.monotonic() - (text.began or 0))
        return status == "FINISHED"

    async def _translated(self, text: SqlText) -> Outcome:
        sql, values = text.sql, list[str]()
        if self._parameters:
            sql, values, _ = bind(sql, self._parameters)
        idle = self._connection.info.transaction_status == TransactionStatus.IDLE
        context = replace(self._context, in_transaction=not idle)
        try:
            translation = translate(sql, context)
        except Refused as refused:
            if not idle:
                await self._abort_transaction()
            raise SqlFailed(refused.sqlstate, f"ERROR: {refused.message}") from refused
        outcome = await self._executed(translation, values, as_written=translation.sql == text.sql)
        self._context = context.after(translation)
        return outcome

    async def _executed(self, translation: Translation, values: list[str], *, as_written: bool) -> Outcome:
        pool_breaks = translation.kind in ("ddl", "dcl") and _BREAKS_THE_POOL.match(translation.sql)
        if pool_breaks:
            await self._tools.engine.forget()
        outcome = await execute(self._connection, translation.sql, values, self._open_writer, as_written=as_written)
        if pool_breaks:
            await self._tools.engine.forget()
        return outcome

    async def _abort_transaction(self) -> None:
        """What was refused before the engine saw it must spoil an open transaction as any error does."""
        try:
            await self._connection.execute("select 1/0")
        except psycopg.errors.Error as expected:
            self._context = replace(self._context, in_transaction=True)
            del expected

    def _open_writer(self, columns: list[Column]) -> ResultWriter:
        settings = self._tools.settings
        return ResultWriter(
            columns, settings.spool,
            page_bytes=settings.page_bytes, row_bytes=settings.row_bytes, result_bytes=settings.result_bytes,
        )  # fmt: skip


def _keep(text: SqlText, outcome: Outcome) -> None:
    if outcome.writer is None:
        text.rows, text.size = outcome.affected, 0
        return
    text.result = outcome.writer.finish()
    text.rows, text.size = text.result.rows, text.result.size


def connection_text(error: psycopg.OperationalError) -> str:
    """PostgreSQL's `FATAL: …` out of what the driver says about a connection that failed."""
    said = str(error)
    found = re.search(r"FATAL:\s+(.*)", said)
    return f"FATAL: {found.group(1)}" if found else f"ERROR: {said.strip()}"
