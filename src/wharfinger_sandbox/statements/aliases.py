"""Inlining of lateral column aliases: before a text runs, the engine is asked which names are no columns."""

from __future__ import annotations

import psycopg
from psycopg import generators
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus

from wharfinger_sandbox.dialect import Translation
from wharfinger_sandbox.dialect.aliases import UNDEFINED_COLUMN, inlined, query_of, with_query
from wharfinger_sandbox.engine.commands import LONG_WAIT_SECONDS, Connection, command
from wharfinger_sandbox.statements.execute import SqlFailed


async def inline_aliases(connection: Connection, translation: Translation) -> Translation:
    """`translation` with the aliases inlined that its SELECT uses again; unchanged when there are none.

    Raises SqlFailed when the client cancels in the meantime, psycopg.OperationalError for a lost connection.
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
    """The position (characters, from 1) of the first name that is no column, None if there is none.

    An open transaction keeps its state. In a failed transaction the engine is not asked, and there is no position.
    """
    status = connection.info.transaction_status
    if status == TransactionStatus.IDLE:
        return await _undefined_column(connection, query)
    if status != TransactionStatus.INTRANS:
        return None
    await command(connection, b"savepoint wf_probe")
    position = await _undefined_column(connection, query)
    await command(connection, b"rollback to savepoint wf_probe")
    await command(connection, b"release savepoint wf_probe")
    return position


async def _undefined_column(connection: Connection, query: str) -> int | None:
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
