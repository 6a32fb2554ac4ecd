"""What is measured of a column, by its Redshift type (redshift-facts §6.1, §6.2). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wharfinger.catalog.model import Column
from wharfinger.catalog.types import NUMBERS, TEXTS, TIMES, base_of
from wharfinger.profiling.model import Level

_BOUNDED = NUMBERS | TIMES

# There is no MIN of a boolean and no DISTINCT of hllsketch, geometry and geography. What super, varbyte and the newer
# interval types allow is unverified, and one rejected expression would fail the whole table.
_COUNTED_DISTINCT = _BOUNDED | TEXTS | {"boolean"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured of one column. Nulls always are, because COUNT takes every type."""

    column: str
    bounds: bool = False
    distinct: bool = False
    sample: bool = False

    @property
    def cells(self) -> int:
        """The number of values for this column in the result of the measuring statement."""
        return 1 + 2 * self.bounds + self.distinct


def measures_of(columns: Iterable[Column], level: Level) -> tuple[Measure, ...]:
    """What is measured of each column: minimum and maximum of numbers and times, a sample of texts, and at level `full`
    the number of distinct values."""
    return tuple(_measure(column.name, base_of(column.type), level) for column in columns)


def _measure(name: str, base: str, level: Level) -> Measure:
    return Measure(
        name,
        bounds=base in _BOUNDED,
        distinct=level == "full" and base in _COUNTED_DISTINCT,
        sample=base in TEXTS,
    )
