"""From the rows of the measuring and sampling statements to the figures of tables. Pure.

Only the sample of each text column is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wharfinger.core.names import TableName
from wharfinger.core.session import Row
from wharfinger.profiling.model import SAMPLE_VALUES, ColumnProfile
from wharfinger.profiling.sql import Branch, Shared


@dataclass(slots=True)
class TableResult:
    """The results for one table so far. `rows` is None until its measuring statement has returned."""

    rows: int | None = None
    measured: dict[str, ColumnProfile] = field(default_factory=dict)
    samples: dict[str, set[str]] = field(default_factory=dict)

    def columns(self, names: Iterable[str]) -> tuple[ColumnProfile, ...]:
        """The figures of the columns `names`, in their order; each sample is sorted and limited to SAMPLE_VALUES."""
        return tuple(self._column(self.measured[name]) for name in names)

    def _column(self, measured: ColumnProfile) -> ColumnProfile:
        values = sorted(self.samples.get(measured.name, ()))[:SAMPLE_VALUES]
        return ColumnProfile(
            measured.name, measured.nulls, measured.min, measured.max, measured.distinct, tuple(values)
        )


def add_rows(shared: Shared, rows: Iterable[Row], results: Mapping[TableName, TableResult]) -> None:
    """Read the rows of one statement into the results of its tables.

    Raises ValueError when a measuring branch has no row: the result does not belong to the statement then.
    """
    answered = set()
    for row in rows:
        place = int(str(row[0]))
        branch = shared.branches[place]
        answered.add(place)
        result = results[branch.table]
        if branch.what == "sample":
            _add_sample(branch, row, result)
        else:
            _add_figures(branch, row, result)
    if shared.branches[0].what == "profile" and len(answered) != len(shared.branches):
        raise ValueError(f"{len(shared.branches) - len(answered)} measured branches have no row")


def _add_figures(branch: Branch, row: Row, result: TableResult) -> None:
    cells = iter(row[1:])
    count = _whole(next(cells))
    result.rows = count if result.rows is None else result.rows
    for measure in branch.measures:
        nulls = count - _whole(next(cells))
        low, high = (_text(next(cells)), _text(next(cells))) if measure.bounds else (None, None)
        distinct = _whole(next(cells)) if measure.distinct else None
        result.measured[measure.column] = ColumnProfile(measure.column, nulls, low, high, distinct)


def _add_sample(branch: Branch, row: Row, result: TableResult) -> None:
    for measure, value in zip(branch.measures, row[1:], strict=False):
        if value is not None:
            result.samples.setdefault(measure.column, set()).add(str(value))


def _whole(value: object) -> int:
    return int(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
