"""Records the statements of wire sessions in the call log and the system views."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

import psycopg

from wharfinger_sandbox.calls import CallLog, StatementEntry
from wharfinger_sandbox.dialect import Translation
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.history import History, QueryRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecordingServices:
    """The shared services with which every wire session records its statements."""

    engine: Engine
    calls: CallLog
    history: History


class SessionRecorder:
    """Records the SQL texts of one session of `login` in `database`; `pid` is its backend's process id."""

    def __init__(self, services: RecordingServices, login: Login, database: str, pid: int) -> None:
        self._services = services
        self._login = login
        self._database = database
        self._pid = pid
        self._session = f"wire-{pid}"
        self._number = 0
        self._waiting: list[tuple[QueryRecord, str]] = []

    def started(self, sql: str) -> StatementEntry:
        """Add a text that starts now to the call log; returns its entry."""
        self._number += 1
        return self._services.calls.statement_started(
            f"{self._session}:{self._number}",
            sql,
            database=self._database,
            db_user=self._login.user,
            session=self._session,
        )

    def ended(
        self, entry: StatementEntry, translation: Translation | None, seconds: float, *, tag: str, error: str | None
    ) -> None:
        """Record the end of a text. `tag` is the engine's command tag, which contains the number of rows."""
        kind = translation.kind if translation else ""
        rows = _rows(tag)
        now = time.time()
        record = QueryRecord(
            query_id=self._services.history.next_id(),
            database=self._database,
            user=self._login.user,
            pid=self._pid,
            translation=translation,
            status=entry.status,
            began=now - seconds,
            ended=now,
            sql=entry.sql,
            error=error,
            returned_rows=rows if kind == "select" else None,
            affected_rows=rows if kind == "dml" and entry.status == "FINISHED" else None,
        )
        if translation is None or translation.target is None:
            self._services.history.record(record)
        else:
            self._waiting.append((record, translation.target))

    async def record_pending(self) -> None:
        """Add the records that still lack the oid of their table to the history; call it outside a transaction."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            async with self._services.engine.admin(self._database) as connection:
                for record, target in waiting:
                    cursor = await connection.execute("select pg_catalog.to_regclass(%s)::oid::int8", [target])
                    row = await cursor.fetchone()
                    oid = row[0] if row else None
                    self._services.history.record(replace(record, table_oid=oid if isinstance(oid, int) else None))
        except psycopg.OperationalError as error:
            # The database has been dropped, or the sandbox is stopping.
            log.debug("statements were not recorded: SQLSTATE %s", error.sqlstate)


def _rows(tag: str) -> int | None:
    last = tag.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else None
