"""What can be measured of a column, by its Redshift type (redshift-facts §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wharfinger.catalog.model import Column
from wharfinger.catalog.types import NUMBERS, TEXTS, TIMES, base_of
from wharfinger.profiling.model import Level

_BOUNDED = NUMBERS | TIMES

# Neither MIN of a boolean nor DISTINCT of hllsketch, geometry and geography exists; what super, varbyte and the newer
# interval types allow is not certain, and one refused expression would cost the whole table.
_COUNTED_DISTINCT = _BOUNDED | TEXTS | {"boolean"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What is asked of one column. Its nulls always are: COUNT takes every type."""

    column: str
    bounds: bool = False
    distinct: bool = False
    sample: bool = False

    @property
    def cells(self) -> int:
        """How many values the aggregate statement answers for the column."""
        return 1 + 2 * self.bounds + self.distinct


def measures_of(columns: Iterable[Column], level: Level) -> tuple[Measure, ...]:
    """What is asked of each column: min and max of numbers and times, a sample of texts, at level `full` distincts."""
    return tuple(_measure(column.name, base_of(column.type), level) for column in columns)


def _measure(name: str, base: str, level: Level) -> Measure:
    return Measure(
        name,
        bounds=base in _BOUNDED,
        distinct=level == "full" and base in _COUNTED_DISTINCT,
        sample=base in TEXTS,
    )
