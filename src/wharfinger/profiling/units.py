"""How tables that are due are grouped into units of work, and the cost of each. Pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from wharfinger.catalog.model import Table
from wharfinger.core.batches import cost_of
from wharfinger.core.names import TableName
from wharfinger.profiling.due import SCANNED_ON_REQUEST
from wharfinger.profiling.measures import measures_of
from wharfinger.profiling.model import Level
from wharfinger.profiling.sql import Pack, Shared, aggregate_branches, pages_of, sample_branches, statements_for

SMALL_ROWS = 100_000
"""Tables with fewer rows share statements."""
TOGETHER = 40
"""The most small tables in a statement, so that one failing table causes few others a second attempt."""
TOGETHER_UNKNOWN = 16
"""The same for tables of unknown size."""


@dataclass(frozen=True, slots=True)
class ProfileUnit:
    """Tables of one database that are profiled together, with the cost in statements, megabytes and API calls."""

    database: str
    tables: tuple[TableName, ...]
    statements: int
    megabytes: int = 0
    api_calls: int = 0


def plan_units(
    tables: Iterable[Table], level: Level, known_rows: Mapping[TableName, int] | None = None
) -> list[ProfileUnit]:
    """The units for tables that are due: a big table alone, small ones together as far as they share statements.

    `known_rows` are the row counts of earlier profiles, for tables whose size the catalog does not have.
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
    """The statements that profile these tables of one database: first those that measure, then those that sample."""
    measures = {table.name: measures_of(table.columns, level) for table in tables}
    aggregates = [branch for name, asked in measures.items() for branch in aggregate_branches(name, asked)]
    samples = [branch for name, asked in measures.items() for branch in sample_branches(name, asked)]
    return statements_for(aggregates) + statements_for(samples)


def affordable(units: Sequence[ProfileUnit], statements: int) -> tuple[list[ProfileUnit], list[ProfileUnit]]:
    """The units that fit into a number of statements, in their order, and the remaining ones."""
    fitting: list[ProfileUnit] = []
    remaining: list[ProfileUnit] = []
    for unit in units:
        if unit.statements <= statements:
            fitting.append(unit)
            statements -= unit.statements
        else:
            remaining.append(unit)
    return fitting, remaining


def _together(table: Table, known_rows: Mapping[TableName, int]) -> int:
    """How many tables like this one share a statement. The planner's estimate may be out of date: it counts when it
    says that a table is big, not when it says that it is small.
    """
    if table.kind in SCANNED_ON_REQUEST:
        return 1
    rows = table.size.rows if table.size.rows is not None else known_rows.get(table.name)
    if rows is None:
        return 1 if (table.size.estimated_rows or 0) >= SMALL_ROWS else TOGETHER_UNKNOWN
    return TOGETHER if rows < SMALL_ROWS else 1


def _parts(tables: Sequence[Table], together: int, level: Level) -> Iterator[list[Table]]:
    """Groups of tables of similar width, each as big as one measuring statement allows."""
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
