"""Runs one SQL text on one connection and reads its result in chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psycopg import generators
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from wharfinger_sandbox.dialect import reword
from wharfinger_sandbox.engine.commands import LONG_WAIT_SECONDS, Connection
from wharfinger_sandbox.statements.columns import Column
from wharfinger_sandbox.statements.results import ResultTooLarge, ResultWriter

OpenWriter = Callable[[list[Column]], ResultWriter]

CHUNK_ROWS = 256
COUNTED = ("INSERT", "UPDATE", "DELETE", "MERGE")
"""Commands whose affected rows the service reports in ResultRows (redshift-facts §1.3)."""


class SqlFailed(Exception):
    """The engine refused a text. `text` is the service's Error: `ERROR: …`, with hint and position as JDBC adds."""

    def __init__(self, sqlstate: str, text: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate
        self.text = text


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one text: `writer` holds all its rows, or `affected` counts the rows it changed."""

    affected: int = 0
    writer: ResultWriter | None = None


async def execute(
    connection: Connection, sql: str, values: Sequence[str], open_writer: OpenWriter, *, as_written: bool = True
) -> Outcome:
    """Run `sql` with `values` for `$1`, `$2` …; the rows go to the writer that `open_writer` returns for the columns.

    `as_written`: `sql` is the client's own text, so an error message includes the position in it. Raises SqlFailed
    for an error of the engine or a limit of the service, psycopg.OperationalError for a lost connection.
    """
    if "\0" in sql or any("\0" in value for value in values):
        # The wire protocol ends a text at the first NUL, so the engine would run only its beginning.
        raise SqlFailed("22021", 'ERROR: invalid byte sequence for encoding "UTF8": 0x00')
    pgconn = connection.pgconn
    async with connection.lock:
        pgconn.send_query_params(sql.encode(), [value.encode() for value in values] or None)
        pgconn.set_chunked_rows_mode(CHUNK_ROWS)
        await connection.wait(generators.send(pgconn), LONG_WAIT_SECONDS)
        return await _read(connection, pgconn, open_writer, as_written=as_written)


async def _read(connection: Connection, pgconn: PGconn, open_writer: OpenWriter, *, as_written: bool) -> Outcome:
    writer: ResultWriter | None = None
    outcome = Outcome()
    failure: SqlFailed | None = None
    while (result := await connection.wait(generators.fetch(pgconn), LONG_WAIT_SECONDS)) is not None:
        status = result.status
        if status in (ExecStatus.TUPLES_CHUNK, ExecStatus.TUPLES_OK) and failure is None:
            writer = writer or open_writer(_columns(result))
            failure = _write_rows(result, writer)
            if failure:
                await connection.cancel_safe()
            outcome = Outcome(writer=writer)
        elif status == ExecStatus.COMMAND_OK:
            outcome = _counted(result)
        elif status == ExecStatus.FATAL_ERROR:
            failure = failure or _failed(result, as_written=as_written)
        elif status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH):
            # The connection would wait for data that no Data API client can send or receive.
            await connection.close()
            raise SqlFailed("0A000", "ERROR: COPY from or to the client is not supported by the Data API")
    if failure:
        if writer:
            writer.discard()
        raise failure
    return outcome


def _write_rows(result: PGresult, writer: ResultWriter) -> SqlFailed | None:
    columns = range(result.nfields)
    get = result.get_value
    try:
        for row in range(result.ntuples):
            writer.add([get(row, column) for column in columns])
    except ResultTooLarge as error:
        return SqlFailed("54000", str(error))
    return None


def _counted(result: PGresult) -> Outcome:
    command = (result.command_status or b"").decode().split(" ", 1)[0]
    return Outcome(int(result.command_tuples or 0) if command in COUNTED else 0)


def _columns(result: PGresult) -> list[Column]:
    return [
        Column(
            name=(result.fname(number) or b"").decode(),
            type_oid=result.ftype(number),
            modifier=result.fmod(number),
            table_oid=result.ftable(number),
            attribute=result.ftablecol(number),
        )
        for number in range(result.nfields)
    ]


def _failed(result: PGresult, *, as_written: bool) -> SqlFailed:
    def field(name: DiagnosticField) -> str:
        return (result.error_field(name) or b"").decode(errors="replace")

    sqlstate, message = reword(field(DiagnosticField.SQLSTATE), field(DiagnosticField.MESSAGE_PRIMARY))
    text = f"{field(DiagnosticField.SEVERITY) or 'ERROR'}: {message}"
    if hint := field(DiagnosticField.MESSAGE_HINT):
        text += f"\n  Hint: {hint}"
    if as_written and (position := field(DiagnosticField.STATEMENT_POSITION)):
        text += f"\n  Position: {position}"
    return SqlFailed(sqlstate, text)
