"""Aliases used again in their own SELECT: the engine is asked which names it does not find, before the text runs."""

from __future__ import annotations

import psycopg
from psycopg import generators
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus

from wharfinger_sandbox.dialect import Translation
from wharfinger_sandbox.dialect.aliases import UNDEFINED_COLUMN, inlined, query_of, with_query
from wharfinger_sandbox.engine.commands import LONG_WAIT_SECONDS, Connection, command
from wharfinger_sandbox.statements.execute import SqlFailed


async def inline_aliases(connection: Connection, translation: Translation) -> Translation:
    """`translation` with such aliases inlined; as it is when the engine has another complaint or none.

    Raises SqlFailed when the client cancels meanwhile, psycopg.OperationalError for a lost connection.
    """
    query = query_of(translation)
    if query is None:
        return translation
    known = query
    try:
        while (position := await _unknown_column(connection, known)) and (better := inlined(known, position)):
            known = better
    except psycopg.errors.QueryCanceled as cancelled:
        raise SqlFailed("57014", f"ERROR: {cancelled.diag.message_primary}") from cancelled
    return translation if known == query else with_query(translation, known)


async def _unknown_column(connection: Connection, query: str) -> int | None:
    """Where the engine finds a name that is no column; the transaction, if one is open, stays as it was."""
    status = connection.info.transaction_status
    if status == TransactionStatus.IDLE:
        return await _complaint(connection, query)
    if status != TransactionStatus.INTRANS:
        return None
    await command(connection, b"savepoint wf_probe")
    position = await _complaint(connection, query)
    await command(connection, b"rollback to savepoint wf_probe")
    await command(connection, b"release savepoint wf_probe")
    return position


async def _complaint(connection: Connection, query: str) -> int | None:
    pgconn = connection.pgconn
    position = None
    async with connection.lock:
        pgconn.send_prepare(b"", query.encode())
        await connection.wait(generators.send(pgconn), LONG_WAIT_SECONDS)
        while (result := await connection.wait(generators.fetch(pgconn), LONG_WAIT_SECONDS)) is not None:
            if result.status == ExecStatus.FATAL_ERROR:
                sqlstate = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
                place = (result.error_field(DiagnosticField.STATEMENT_POSITION) or b"").decode()
                position = int(place) if sqlstate == UNDEFINED_COLUMN and place else None
    if pgconn.status != psycopg.pq.ConnStatus.OK:
        raise psycopg.OperationalError("the connection was lost")
    return position
