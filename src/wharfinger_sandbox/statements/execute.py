"""One SQL text on one connection: send, read in chunks, end with a result, a count or an error."""

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
"""Commands whose affected rows the service reports."""


class SqlFailed(Exception):
    """The engine said no. `text` is what the service shows: `ERROR: …`, with hint and position as JDBC adds them."""

    def __init__(self, sqlstate: str, text: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate
        self.text = text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a text did: its rows, all given to the writer, or a count of affected rows."""

    affected: int = 0
    writer: ResultWriter | None = None


async def execute(
    connection: Connection, sql: str, values: Sequence[str], open_writer: OpenWriter, *, as_written: bool = True
) -> Outcome:
    """Run `sql` with `values` for `$1` …; rows go to the writer that `open_writer` makes for their columns.

    `as_written`: the client wrote `sql` as it is here, so that a position in it means something to them. Raises
    SqlFailed for an error of the engine or a limit of the service, psycopg.OperationalError for a lost connection.
    """
    if "\0" in sql or any("\0" in value for value in values):
        # The engine's protocol would end the text here, and run its beginning.
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
            failure = _take(result, writer)
            if failure:
                await connection.cancel_safe()
            outcome = Outcome(writer=writer)
        elif status == ExecStatus.COMMAND_OK:
            outcome = _counted(result)
        elif status == ExecStatus.FATAL_ERROR:
            failure = failure or _failed(result, as_written=as_written)
        elif status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH):
            # Nobody is there to send or take the data, and the connection would wait for them for ever.
            await connection.close()
            raise SqlFailed("0A000", "ERROR: COPY from or to the client is not supported by the Data API")
    if failure:
        if writer:
            writer.discard()
        raise failure
    return outcome


def _take(result: PGresult, writer: ResultWriter) -> SqlFailed | None:
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
    def said(what: DiagnosticField) -> str:
        return (result.error_field(what) or b"").decode(errors="replace")

    sqlstate, message = reword(said(DiagnosticField.SQLSTATE), said(DiagnosticField.MESSAGE_PRIMARY))
    text = f"{said(DiagnosticField.SEVERITY) or 'ERROR'}: {message}"
    if hint := said(DiagnosticField.MESSAGE_HINT):
        text += f"\n  Hint: {hint}"
    if as_written and (position := said(DiagnosticField.STATEMENT_POSITION)):
        text += f"\n  Position: {position}"
    return SqlFailed(sqlstate, text)
