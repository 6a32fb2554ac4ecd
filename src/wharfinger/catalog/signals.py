"""Change signals: has a table changed since it was last processed? Pure decisions.

The signals, best first: svv_table_info, sys_query_detail, last_modified_time of SHOW TABLES, and the age of the last
profile (redshift-facts §5.4). Which of them can be read depends on the rights of the connection's database user and on
the kind of table.
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
"""How long a profile is valid when no change signal can be read."""

HISTORY = timedelta(days=7)
"""How far back sys_query_detail goes (redshift-facts §5.4)."""

MISSES: Mapping[SignalName, str] = {
    "svv_table_info": "an update that leaves row counts and size unchanged",
    "sys_query_detail": "changes more than 7 days before a reading; a write that was rolled back counts as a change",
    "last_modified_time": "changes of the last 5 to 20 minutes, which Redshift reports late",
    "age": "every change until the profile is too old, because no change signal can be read for this table",
}
"""Which changes each signal can miss, in words for people."""

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
        """The signal's value: another table id means another table, and a write changes at least one of the counts."""
        return f"{self.table_id}/{self.rows}/{self.visible_rows}/{self.megabytes}"


@dataclass(slots=True)
class Readings:
    """The values read for each signal in one database, by (schema, table); None is a signal that cannot be read.

    `writes` holds the time of each table's last write in sys_query_detail; it is set only where the result proves that
    the user sees the queries of others. `modified` holds the times of SHOW TABLES, for the schemas it was sent for.
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
    """The best signal for the table `key`, with its value at `now`.

    `previous` is the signal of the last reading, at `looked_at`. A write that has left sys_query_detail since then is
    no change, so the last known write is used; after a pause longer than its history the value always differs from the
    last one.
    """
    if kind not in _STORED:
        return Signal("age")
    if readings.info is not None:
        # The view leaves out empty tables, so a missing row is a value too (redshift-facts §5.2).
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
    """Whether a table has changed since it was processed; a table that was never processed has not.

    Values of two different signals cannot be compared: with another signal the table counts as changed, except with
    `age`, where the age of the profile decides.
    """
    if processed is None or current is None:
        return False
    if processed.columns != current.columns:
        return True
    if current.signal.name == "age":
        return False
    return processed.signal != current.signal


def too_old(done_at: datetime, now: datetime, max_age: timedelta = MAX_AGE) -> bool:
    """Whether a profile of `done_at` is too old at `now`, for a table whose only signal is `age`."""
    return now - done_at >= max_age


def cost_of_reading(tables: Iterable[Table]) -> Cost:
    """The cost of reading the details of these selected tables again, if the same signals can be read as last time.

    Six statements for each database; one more where svv_table_info cannot be read, and then one for each schema where
    sys_query_detail cannot be read either (see `reader.read_database`). Each result is counted as one page.
    """
    databases: dict[str, list[Table]] = {}
    for table in tables:
        databases.setdefault(table.name.database, []).append(table)
    return sum((_FIRST_ROUND + _second_round(members) for members in databases.values()), Cost())


_FIRST_ROUND = Cost(6, 6 + 2)


def _second_round(tables: Sequence[Table]) -> Cost:
    stored = [table for table in tables if table.kind in _STORED and table.signature is not None]
    names = {table.signature.signal.name for table in stored if table.signature is not None}
    if not stored or "svv_table_info" in names:
        return Cost()
    shows: list[Statement] = []
    if "sys_query_detail" not in names:
        places = sorted({(table.name.database, table.name.schema) for table in stored})
        shows = [sql.show_tables(database, schema) for database, schema in places]
    return cost_of([sql.writes()]) + cost_of(shows)
