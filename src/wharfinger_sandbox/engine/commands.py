"""Runs commands without parameters or results on a connection, without the cost of the driver's cursor."""

from __future__ import annotations

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Connection = psycopg.AsyncConnection[tuple[object, ...]]

LONG_WAIT_SECONDS = 3600.0
"""The interval at which a wait for the engine wakes up; the driver's default is a tenth of a second."""


async def command(connection: Connection, sql: bytes) -> None:
    """Run one statement and discard its result. Raises psycopg.Error."""
    pgconn = connection.pgconn
    failed: PGresult | None = None
    async with connection.lock:
        pgconn.send_query_params(sql, None)
        await connection.wait(generators.send(pgconn), LONG_WAIT_SECONDS)
        while (result := await connection.wait(generators.fetch(pgconn), LONG_WAIT_SECONDS)) is not None:
            if result.status == ExecStatus.FATAL_ERROR:
                failed = result
    if failed is not None:
        raise errors.error_from_result(failed)
