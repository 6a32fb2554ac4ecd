"""Runs a statement on its connection: a single text, a batch in one transaction, or a batch with single commits."""

from __future__ import annotations

from wharfinger_sandbox.dialect import Context
from wharfinger_sandbox.engine.commands import Connection
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.execute import SqlFailed
from wharfinger_sandbox.statements.executor import ExecutionServices, SqlExecutor
from wharfinger_sandbox.statements.sql_text import SqlText
from wharfinger_sandbox.statements.statement import Statement

CASE_SENSITIVE = "redshift.enable_case_sensitive_identifier"
"""The engine's name for `enable_case_sensitive_identifier`, which ALTER USER may have set for the user."""


async def run_statement(
    services: ExecutionServices, connection: Connection, statement: Statement, login: Login
) -> None:
    """Run `statement` to its end on `connection`, which is logged in as `login`.

    Errors of the engine are set in the statement, not raised. A connection lost outside a text raises
    psycopg.OperationalError.
    """
    session = statement.session
    context = (session and session.context) or Context(
        database=statement.origin.database,
        user=login.user,
        superuser=login.superuser,
        case_sensitive=await services.engine.setting_at_login(connection, CASE_SENSITIVE) in ("on", "true"),
    )
    executor = SqlExecutor(
        services,
        connection,
        context,
        session_id=session.id if session else None,
        parameters={one["name"]: one["value"] for one in statement.parameters},
        cancelled=lambda: statement.cancelled,
    )
    statement.pid = connection.info.backend_pid
    if not statement.is_batch:
        await _single(executor, statement)
    elif statement.mode == "TRANSACTION":
        await _in_transaction(executor, statement)
    else:
        await _one_by_one(executor, statement)
    if session:
        session.context = executor.context


async def _single(executor: SqlExecutor, statement: Statement) -> None:
    await executor.run(statement.summary, alone=True)
    statement.end(statement.summary.status)


async def _in_transaction(executor: SqlExecutor, statement: Statement) -> None:
    statement.summary.start()
    await executor.command("begin")
    for number, text in enumerate(statement.texts, 1):
        if statement.cancelled or not await executor.run(text):
            await executor.command("rollback")
            return _end_batch(statement, number, text)
    try:
        await executor.command("commit")
    except SqlFailed as failure:
        return statement.end("FAILED", failure.text)
    await executor.update_counters()
    return statement.end("FINISHED")


async def _one_by_one(executor: SqlExecutor, statement: Statement) -> None:
    """Commit each member by itself; one failed member makes the batch FAILED, the others keep their effects."""
    statement.summary.start()
    failed: tuple[int, SqlText] | None = None
    for number, text in enumerate(statement.texts, 1):
        if statement.cancelled:
            return _end_batch(statement, number, text)
        if not await executor.run(text) and failed is None:
            failed = (number, text)
    await executor.update_counters()
    return _end_batch(statement, *failed) if failed else statement.end("FINISHED")


def _end_batch(statement: Statement, number: int, text: SqlText) -> None:
    error = f"Query #{number} failed with {text.error}" if text.error else None
    statement.end("ABORTED" if statement.cancelled else "FAILED", error)
