"""Runs the SQL texts of the Data API on a database user's connection: translates, executes, logs and records them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg
from psycopg.pq import TransactionStatus

from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.dialect import Context, Refused, Translation, split, translate
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.engine.commands import Connection, command
from wharfinger_sandbox.statements.aliases import inline_aliases
from wharfinger_sandbox.statements.columns import Column
from wharfinger_sandbox.statements.execute import Outcome, SqlFailed, execute
from wharfinger_sandbox.statements.history import History, QueryRecord, redacted
from wharfinger_sandbox.statements.parameters import bind
from wharfinger_sandbox.statements.results import ResultWriter
from wharfinger_sandbox.statements.settings import Settings
from wharfinger_sandbox.statements.sql_text import SqlText, Status


@dataclass(frozen=True, slots=True)
class ExecutionServices:
    """The shared services every executor uses."""

    engine: Engine
    calls: CallLog
    settings: Settings
    history: History


class SqlExecutor:
    """Runs SQL texts on one connection, one after the other.

    `context` is the dialect's context after the texts so far, `parameters` are the named values for every text, and
    `cancelled` returns True once the client has asked to stop.
    """

    def __init__(
        self,
        services: ExecutionServices,
        connection: Connection,
        context: Context,
        *,
        session_id: str | None = None,
        parameters: dict[str, str] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._services = services
        self._connection = connection
        self.context = context
        self._session_id = session_id
        self._parameters = parameters or {}
        self._cancelled = cancelled
        self._translation: Translation | None = None

    @property
    def is_idle(self) -> bool:
        """True when no transaction is open."""
        return self._connection.info.transaction_status == TransactionStatus.IDLE

    async def run(self, text: SqlText, *, alone: bool = False) -> bool:
        """Run one text and set its result, status and error; nothing is raised. Returns True when it finished.

        `alone`: no further text follows, so the engine's counters are updated before the status changes.
        """
        entry = self._services.calls.statement_started(
            text.id, text.sql, database=self.context.database, db_user=self.context.user, session=self._session_id
        )
        text.query_id, text.query_uuid = self._services.history.next_id(), str(uuid.uuid4())
        began = time.time()
        text.start()
        status: Status = "ABORTED"
        error: str | None = None
        table_oid: int | None = None
        try:
            status, error, table_oid = await self._run_or_fail(text)
            if alone:
                await self.update_counters()
        finally:
            text.end(status, error)
            entry.sql = redacted(text.sql, self._translation)
            entry.finished(status, text.seconds or 0)
            self._record(text, entry.sql, began, table_oid)
        return status == "FINISHED"

    async def _run_or_fail(self, text: SqlText) -> tuple[Status, str | None, int | None]:
        try:
            return "FINISHED", None, await self._run(text)
        except SqlFailed as failure:
            return ("ABORTED" if self._cancelled() else "FAILED"), failure.text, None
        except psycopg.OperationalError as lost:
            return "FAILED", connection_text(lost), None

    async def command(self, sql: str) -> None:
        """Run a command of the service itself (BEGIN, COMMIT) without logging it. Raises SqlFailed."""
        await execute(self._connection, sql, (), self._open_writer)

    async def update_counters(self) -> None:
        """Make the engine publish its row and scan counters, which it otherwise delays by up to ten seconds."""
        if self.is_idle and not self._connection.closed:
            try:
                await command(self._connection, b"select pg_catalog.pg_stat_force_next_flush()")
            except psycopg.errors.QueryCanceled:
                # The client's statement_timeout may be too short for this; the counters then follow later.
                return

    async def _run(self, text: SqlText) -> int | None:
        """Translate and run `text`; returns the oid of the table it wrote, None if it wrote none."""
        self._translation = None
        sql, values = text.sql, list[str]()
        if self._parameters:
            sql, values, _ = bind(sql, self._parameters)
        self._translation = translation = await inline_aliases(self._connection, await self._translate(sql))
        outcome = await self._execute(translation, values, as_written=translation.sql == text.sql)
        self.context = self.context.after(translation)
        if outcome.writer is None:
            text.rows, text.size = outcome.affected, 0
        else:
            text.result = outcome.writer.finish()
            text.rows, text.size = text.result.rows, text.result.size
        return await self._oid(translation.target) if translation.target else None

    async def _oid(self, table: str) -> int | None:
        """The oid of `table` on the connection's search_path; None when it cannot be determined."""
        try:
            cursor = await self._connection.execute("select pg_catalog.to_regclass(%s)::oid::int8", (table,))
            row = await cursor.fetchone()
        except psycopg.errors.QueryCanceled:
            # The client's statement_timeout may be too short for this query.
            return None
        return int(str(row[0])) if row and row[0] is not None else None

    async def _translate(self, sql: str) -> Translation:
        idle = self.is_idle
        try:
            _refuse_several(sql)
            return translate(sql, replace(self.context, in_transaction=not idle))
        except Refused as refused:
            if not idle:
                await self._abort_transaction()
            raise SqlFailed(refused.sqlstate, f"ERROR: {refused.message}") from refused

    async def _execute(self, translation: Translation, values: list[str], *, as_written: bool) -> Outcome:
        services = self._services
        if translation.changes_logins or translation.reads_history:
            await services.history.flush()
        if translation.changes_logins:
            await services.engine.close_idle()
        outcome = await execute(self._connection, translation.sql, values, self._open_writer, as_written=as_written)
        if translation.changes_logins:
            await services.engine.close_idle()
        return outcome

    async def _abort_transaction(self) -> None:
        """Abort the open transaction, as an error of the engine would, after a refusal by the dialect."""
        try:
            await self.command("select 1/0")
        except SqlFailed:
            return

    def _open_writer(self, columns: list[Column]) -> ResultWriter:
        settings = self._services.settings
        return ResultWriter(
            columns, settings.spool,
            page_bytes=settings.page_bytes, row_bytes=settings.row_bytes, result_bytes=settings.result_bytes,
        )  # fmt: skip

    def _record(self, text: SqlText, sql: str, began: float, table_oid: int | None) -> None:
        wrote = self._translation is not None and self._translation.kind == "dml" and text.status == "FINISHED"
        self._services.history.record(
            QueryRecord(
                query_id=text.query_id,
                database=self.context.database,
                user=self.context.user,
                pid=self._connection.info.backend_pid,
                translation=self._translation,
                status=text.status,
                began=began,
                ended=began + (text.seconds or 0),
                sql=sql,
                error=text.error,
                returned_rows=text.rows if text.has_result_set else None,
                returned_bytes=text.size if text.has_result_set else None,
                table_oid=table_oid,
                affected_rows=text.rows if wrote else None,
            )
        )


def connection_text(error: psycopg.OperationalError) -> str:
    """PostgreSQL's `FATAL: …` line from the driver's message about a failed connection."""
    message = str(error)
    found = re.search(r"FATAL:\s+(.*)", message)
    return f"FATAL: {found.group(1)}" if found else f"ERROR: {message.strip()}"


def _refuse_several(sql: str) -> None:
    """Refuse a text with several statements: the service takes exactly one (redshift-facts §1.4)."""
    if ";" in sql.rstrip("; \n") and len(split(sql)) > 1:
        raise Refused("42601", "cannot insert multiple commands into a prepared statement")
