"""The rows of the system views `sys_query_history` and `sys_query_detail`.

Rows are written in the background, several at a time, so no statement waits for them. Before a statement reads the
views, `flush` writes the rows of all statements before it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from wharfinger_sandbox.dialect import Translation, first_word
from wharfinger_sandbox.engine import Engine

log = logging.getLogger(__name__)

DELAY_SECONDS = 0.2
KEPT_DAYS = 7
"""How many days the system views keep their rows (redshift-facts §5.4)."""

_QUERY_TYPES = {"select": "SELECT", "show": "UTILITY", "ddl": "DDL", "dcl": "DDL"}
_STATUSES = {"FINISHED": "success", "FAILED": "failed", "ABORTED": "canceled"}
# For statements that were refused; for all others the dialect returns the text without passwords.
_PASSWORD = re.compile(r"(\bpassword\s*)'(?:[^']|'')*'?", re.IGNORECASE)

_INSERT = """
insert into pg_internal.wf_query (query_id, user_name, session_id, kind, status, start_time, end_time, error,
    returned_rows, returned_bytes, query_text, table_id, steps, rows)
overriding system value
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""
_FORGET_OLD = (
    f"delete from pg_internal.wf_query where start_time < (now() at time zone 'utc') - interval '{KEPT_DAYS} days'"
)


def redacted(sql: str, translation: Translation | None) -> str:
    """`sql` without passwords, for logs and system views. `translation` is None for a refused statement."""
    if translation is not None:
        return translation.redacted or sql
    return _PASSWORD.sub(r"\1'***'", sql)


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """One SQL text that ran, with `sql` free of passwords.

    `translation` is None for a refused statement. `status` is FINISHED, FAILED or ABORTED. `began` and `ended` are
    epoch seconds. `returned_rows` and `returned_bytes` describe a result set, `affected_rows` counts the rows written
    to the table `table_oid`.
    """

    query_id: int
    database: str
    user: str
    pid: int
    translation: Translation | None
    status: str
    began: float
    ended: float
    sql: str
    error: str | None = None
    returned_rows: int | None = None
    returned_bytes: int | None = None
    table_oid: int | None = None
    affected_rows: int | None = None

    @property
    def query_type(self) -> str:
        """The value of `sys_query_history.query_type`: SELECT, INSERT, DDL, UTILITY …"""
        kind = self.translation.kind if self.translation else "utility"
        return first_word(self.sql).upper() if kind == "dml" else _QUERY_TYPES.get(kind, "UTILITY")

    def values(self) -> tuple[object, ...]:
        """The values of the row, in the order of the INSERT."""
        steps = self.translation.steps if self.translation else ()
        return (
            self.query_id, self.user, self.pid, self.query_type, _STATUSES[self.status], _moment(self.began),
            _moment(self.ended), self.error, self.returned_rows, self.returned_bytes, self.sql.replace("\0", ""),
            self.table_oid, list(steps), self.affected_rows,
        )  # fmt: skip


class History:
    """Collects query records and writes each to the database in which the query ran."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Ids keep rising after a restart on the same folder, and still fit an integer column.
        self._ids: Iterator[int] = itertools.count(int((time.time() - 1_700_000_000) * 10))
        self._waiting: dict[str, list[QueryRecord]] = {}
        self._cleaned: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def next_id(self) -> int:
        """A new, unused query id."""
        return next(self._ids)

    def record(self, record: QueryRecord) -> None:
        """Add one record; it is written after DELAY_SECONDS."""
        self._waiting.setdefault(record.database, []).append(record)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY_SECONDS, self._start)

    async def flush(self) -> None:
        """Write all records added before this call."""
        async with self._writing:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            waiting, self._waiting = self._waiting, {}
            for database, rows in waiting.items():
                await self._write(database, rows)

    async def stop(self) -> None:
        """Write the remaining records."""
        if self._task:
            await self._task
        await self.flush()

    def _start(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self.flush())

    async def _write(self, database: str, rows: list[QueryRecord]) -> None:
        try:
            async with self._engine.admin(database) as connection:
                if database not in self._cleaned:
                    self._cleaned.add(database)
                    await connection.execute(_FORGET_OLD)
                await connection.cursor().executemany(_INSERT, [record.values() for record in rows])
        except psycopg.Error as error:
            # The database may have been dropped in the meantime; its history is dropped with it.
            log.info("the history of %d statements was not written: SQLSTATE %s", len(rows), error.sqlstate)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
