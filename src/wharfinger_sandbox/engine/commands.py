"""Short commands on a connection, without the driver's cursor: nothing to adapt, nothing to fetch."""

from __future__ import annotations

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Connection = psycopg.AsyncConnection[tuple[object, ...]]

LONG_WAIT_SECONDS = 3600.0
"""How often a wait for the engine looks up for no reason; the driver's own default is ten times a second."""


async def command(connection: Connection, sql: bytes) -> None:
    """Run one statement and drop what it returns. Raises psycopg.Error."""
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
