"""From the rows of profiling statements to facts of tables. Pure; holds no more than a sample of each text column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wharfinger.core.names import TableName
from wharfinger.core.session import Row
from wharfinger.profiling.model import SAMPLE_VALUES, ColumnProfile
from wharfinger.profiling.sql import Branch, Shared


@dataclass(slots=True)
class Gathered:
    """What has come back of one table so far; `rows` is None until its measuring statement answered."""

    rows: int | None = None
    measured: dict[str, ColumnProfile] = field(default_factory=dict)
    samples: dict[str, set[str]] = field(default_factory=dict)

    def columns(self, names: Iterable[str]) -> tuple[ColumnProfile, ...]:
        """The columns' facts in the order of `names`, samples sorted and cut to their number."""
        return tuple(self._column(self.measured[name]) for name in names)

    def _column(self, measured: ColumnProfile) -> ColumnProfile:
        values = sorted(self.samples.get(measured.name, ()))[:SAMPLE_VALUES]
        return ColumnProfile(
            measured.name, measured.nulls, measured.min, measured.max, measured.distinct, tuple(values)
        )


def take_in(shared: Shared, rows: Iterable[Row], gathered: Mapping[TableName, Gathered]) -> None:
    """Read the rows of one statement into what is gathered of its tables.

    Raises ValueError when a branch that measures has no row, for then the answer is not the one that was asked for.
    """
    answered = set()
    for row in rows:
        place = int(str(row[0]))
        branch = shared.branches[place]
        answered.add(place)
        into = gathered[branch.table]
        if branch.what == "sample":
            _sample(branch, row, into)
        else:
            _measure(branch, row, into)
    if shared.branches[0].what == "profile" and len(answered) != len(shared.branches):
        raise ValueError(f"{len(shared.branches) - len(answered)} measured branches have no row")


def _measure(branch: Branch, row: Row, into: Gathered) -> None:
    cells = iter(row[1:])
    count = _whole(next(cells))
    into.rows = count if into.rows is None else into.rows
    for measure in branch.measures:
        nulls = count - _whole(next(cells))
        low, high = (_text(next(cells)), _text(next(cells))) if measure.bounds else (None, None)
        distinct = _whole(next(cells)) if measure.distinct else None
        into.measured[measure.column] = ColumnProfile(measure.column, nulls, low, high, distinct)


def _sample(branch: Branch, row: Row, into: Gathered) -> None:
    for measure, value in zip(branch.measures, row[1:], strict=False):
        if value is not None:
            into.samples.setdefault(measure.column, set()).add(str(value))


def _whole(value: object) -> int:
    return int(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
