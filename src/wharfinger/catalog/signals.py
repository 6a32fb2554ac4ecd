"""Has a table changed since it was last processed? A ladder of signals, best first. Pure decisions.

svv_table_info → sys_query_detail → SHOW TABLES last_modified_time → age (redshift-facts §5.4). Which rung a table
stands on depends on the rights of the connection's database user and on the kind of table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wharfinger.catalog import sql
from wharfinger.catalog.model import Kind, Signal, SignalName, Signature, Table
from wharfinger.core.batches import Cost, cost_of
from wharfinger.core.session import Statement

MAX_AGE = timedelta(days=7)
"""How long a result stands when nothing but its age tells whether it still holds."""

HISTORY = timedelta(days=7)
"""How far back sys_query_detail remembers (redshift-facts §5.4)."""

MISSES: Mapping[SignalName, str] = {
    "svv_table_info": "an update that leaves row counts and size as they were",
    "sys_query_detail": "changes older than 7 days at the time of a look; work that was rolled back counts as a change",
    "last_modified_time": "changes of the last 5 to 20 minutes, which Redshift reports late",
    "age": "every change between two looks, as no signal can be read for this table",
}
"""What each rung can miss, in words for people."""

_STORED: frozenset[Kind] = frozenset({"table", "materialized_view"})


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A row of svv_table_info. `visible_rows` leaves out rows that are deleted and not vacuumed yet."""

    table_id: int
    rows: int | None
    visible_rows: int | None
    megabytes: int | None
    dist_style: str = ""
    sort_key: str = ""

    def value(self) -> str:
        """The signal: a new table id is a new table, and a write moves at least one of the counts."""
        return f"{self.table_id}/{self.rows}/{self.visible_rows}/{self.megabytes}"


@dataclass(slots=True)
class Readings:
    """What one database's reading found on each rung, by (schema, table); None is a rung that cannot be read.

    `writes` holds the time of the last write that sys_query_detail remembers, and stands only where the user was seen
    to be shown other people's work. `modified` holds what SHOW TABLES said, schemas it was not asked for left out.
    """

    info: dict[tuple[str, str], TableInfo] | None = None
    writes: dict[tuple[str, str], str] | None = None
    modified: dict[tuple[str, str], str] = field(default_factory=dict)


def choose(
    key: tuple[str, str],
    kind: Kind,
    readings: Readings,
    *,
    now: datetime,
    previous: Signal | None = None,
    looked_at: datetime | None = None,
) -> Signal:
    """The best signal for the table `key`, with its value now.

    `previous` is the signal of the last look at `looked_at`. A write that sys_query_detail forgot since then is no
    change, so the newest write known is kept; after a pause longer than its memory the value says so, and differs.
    """
    if kind not in _STORED:
        return Signal("age")
    if readings.info is not None:
        # An empty table is absent from the view, so its absence is a value like any other (redshift-facts §5.2).
        info = readings.info.get(key)
        return Signal("svv_table_info", info.value() if info else "empty")
    if readings.writes is not None:
        return Signal("sys_query_detail", _newest_write(readings.writes.get(key, ""), previous, looked_at, now))
    if readings.modified.get(key):
        return Signal("last_modified_time", readings.modified[key])
    return Signal("age")


def _newest_write(seen: str, previous: Signal | None, looked_at: datetime | None, now: datetime) -> str:
    if seen:
        return seen
    if looked_at is not None and now - looked_at > HISTORY:
        return f"unknown since {looked_at.isoformat()}"
    return previous.value if previous is not None and previous.name == "sys_query_detail" else ""


def differs(processed: Signature | None, current: Signature | None) -> bool:
    """Whether a table is another one than the one that was processed; a table never processed is not "changed".

    Signals of two rungs cannot be compared: with a new rung the table counts as changed, except that falling to `age`
    says nothing, and there its age decides.
    """
    if processed is None or current is None:
        return False
    if processed.columns != current.columns:
        return True
    if current.signal.name == "age":
        return False
    return processed.signal != current.signal


def too_old(done_at: datetime, now: datetime, max_age: timedelta = MAX_AGE) -> bool:
    """Whether a result of `done_at` no longer stands, for a table on the rung `age`."""
    return now - done_at >= max_age


def cost_of_reading(tables: Iterable[Table]) -> Cost:
    """What it takes to read the details of these selected tables anew, by what worked the last time.

    Six statements for each database; one more where svv_table_info cannot be read, and then one for each schema unless
    sys_query_detail tells (see `reader.read_database`). Each result is taken for one page.
    """
    databases: dict[str, list[Table]] = {}
    for table in tables:
        databases.setdefault(table.name.database, []).append(table)
    return sum((_FIRST_ROUND + _second_round(members) for members in databases.values()), Cost())


_FIRST_ROUND = Cost(6, 6 + 2)


def _second_round(tables: Sequence[Table]) -> Cost:
    stored = [table for table in tables if table.kind in _STORED and table.signature is not None]
    rungs = {table.signature.signal.name for table in stored if table.signature is not None}
    if not stored or "svv_table_info" in rungs:
        return Cost()
    shows: list[Statement] = []
    if "sys_query_detail" not in rungs:
        places = sorted({(table.name.database, table.name.schema) for table in stored})
        shows = [sql.show_tables(database, schema) for database, schema in places]
    return cost_of([sql.writes()]) + cost_of(shows)
