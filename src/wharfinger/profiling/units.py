"""Which tables are due, and how they are grouped into units of work. Pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from wharfinger.catalog.model import Kind, Table
from wharfinger.catalog.signals import MAX_AGE, differs, too_old
from wharfinger.core.batches import cost_of
from wharfinger.core.names import TableName
from wharfinger.profiling.model import Level, TableProfile
from wharfinger.profiling.sql import Pack, Shared, aggregate_branches, pages_of, sample_branches, statements_for
from wharfinger.profiling.types import measures_of

SMALL_ROWS = 100_000
"""Tables with fewer rows share statements."""
TOGETHER = 40
"""How many small tables share a statement at most, so that one bad table costs few others a second try."""
TOGETHER_UNKNOWN = 16
"""The same for tables whose size nobody knows."""

UNSCANNED: tuple[Kind, ...] = ("view", "late_binding_view", "external")
"""Kinds that are scanned only when told to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a table is to be profiled, and why or why not, in words for people."""

    table: Table
    due: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ProfileUnit:
    """Tables of one database that are profiled together, and how many statements and API requests that takes."""

    database: str
    tables: tuple[TableName, ...]
    statements: int
    megabytes: int = 0
    api_calls: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for. `scan_views`: also views and external tables, whose scan may cost anything."""

    level: Level = "basic"
    force: bool = False
    max_age: timedelta = MAX_AGE
    scan_views: bool = False


def due(table: Table, known: TableProfile | None, wish: Wish, now: datetime) -> Verdict:
    """Whether `table` needs profiling, `known` being its last profile."""
    if table.state == "gone" or table.signature is None:
        return Verdict(table, False, "it is not there any more" if table.state == "gone" else "its columns are unread")
    if table.kind in UNSCANNED and not wish.scan_views:
        kind = table.kind.replace("_", " ")
        return Verdict(table, False, f"{kind}: scanned only when told to, as a scan may cost anything")
    if wish.force:
        return Verdict(table, True, "forced")
    if known is None:
        return Verdict(table, True, "never profiled")
    if wish.level == "full" and known.level == "basic":
        return Verdict(table, True, "profiled without distinct counts")
    if differs(known.signature, table.signature):
        return Verdict(table, True, "changed")
    if table.signature.signal.name == "age" and too_old(known.profiled_at, now, wish.max_age):
        return Verdict(table, True, "its age, as nothing tells whether it changed")
    return Verdict(table, False, f"unchanged, says {table.signature.signal.name}")


def plan_units(
    tables: Iterable[Table], level: Level, known_rows: Mapping[TableName, int] | None = None
) -> list[ProfileUnit]:
    """Units for tables that are due: a big table alone, small ones together as far as they share statements.

    `known_rows` are the counts of earlier profiles, for tables whose size the catalog does not tell.
    """
    units: list[ProfileUnit] = []
    ordered = sorted(tables, key=lambda table: table.name)
    for database, members in groupby(ordered, key=lambda table: table.name.database):
        classes: dict[int, list[Table]] = {}
        for table in members:
            classes.setdefault(_together(table, known_rows or {}), []).append(table)
        for together, group in sorted(classes.items()):
            units += [_unit(database, part, level, known_rows or {}) for part in _parts(group, together, level)]
    return units


def statements_of(tables: Sequence[Table], level: Level) -> list[Shared]:
    """The statements that profile these tables of one database: the measuring ones, then the samples."""
    measures = {table.name: measures_of(table.columns, level) for table in tables}
    aggregates = [branch for name, asked in measures.items() for branch in aggregate_branches(name, asked)]
    samples = [branch for name, asked in measures.items() for branch in sample_branches(name, asked)]
    return statements_for(aggregates) + statements_for(samples)


def affordable(units: Sequence[ProfileUnit], statements: int) -> tuple[list[ProfileUnit], list[ProfileUnit]]:
    """The units that fit under a ceiling of statements, in their order, and those that do not."""
    kept: list[ProfileUnit] = []
    left: list[ProfileUnit] = []
    for unit in units:
        if unit.statements <= statements:
            kept.append(unit)
            statements -= unit.statements
        else:
            left.append(unit)
    return kept, left


def _together(table: Table, known_rows: Mapping[TableName, int]) -> int:
    """How many tables like this one share a statement. The planner's guess may be stale: it is believed when it says
    that a table is big, never when it says that it is small.
    """
    if table.kind in UNSCANNED:
        return 1
    rows = table.size.rows if table.size.rows is not None else known_rows.get(table.name)
    if rows is None:
        return 1 if (table.size.estimated_rows or 0) >= SMALL_ROWS else TOGETHER_UNKNOWN
    return TOGETHER if rows < SMALL_ROWS else 1


def _parts(tables: Sequence[Table], together: int, level: Level) -> Iterator[list[Table]]:
    """Tables of like width together, as many as share one measuring statement."""
    branches = {table.name: aggregate_branches(table.name, measures_of(table.columns, level)) for table in tables}
    part: list[Table] = []
    pack = Pack()
    for table in sorted(tables, key=lambda one: (sum(branch.width for branch in branches[one.name]), one.name)):
        if part and (len(part) == together or not all(pack.add(branch) for branch in branches[table.name])):
            yield part
            part, pack = [], Pack()
        if not part:
            pack.add(branches[table.name][0])
        part.append(table)
    if part:
        yield part


def _unit(database: str, tables: Sequence[Table], level: Level, known_rows: Mapping[TableName, int]) -> ProfileUnit:
    shared = statements_of(tables, level)
    cost = cost_of([one.statement for one in shared])
    rows = {table.name: table.size.best_rows() or known_rows.get(table.name, 0) for table in tables}
    further = sum(pages_of(one, rows) - 1 for one in shared)
    megabytes = sum(table.size.megabytes or 0 for table in tables)
    names = tuple(table.name for table in tables)
    return ProfileUnit(database, names, cost.statements, megabytes, cost.api_calls + further)
