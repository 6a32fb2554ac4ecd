"""The profile of a table: facts measured in the warehouse. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wharfinger.catalog.model import Signature
from wharfinger.core.names import TableName

Level = Literal["basic", "full"]

SAMPLE_ROWS = 1000
"""How many rows a sample is drawn from: the first that come back, in no order."""
SAMPLE_VALUES = 20
"""How many distinct values of a text column are kept."""
SAMPLE_CHARACTERS = 200
"""Where a sampled value is cut."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Facts of one column.

    `min` and `max` are the engine's exact text, None where the type has none or no value is there. `distinct` is
    approximate, None when it was not asked for. `samples` are sorted distinct values among the first rows that came
    back. `masked`: the column looks personal, so its values are stars.
    """

    name: str
    nulls: int
    min: str | None = None
    max: str | None = None
    distinct: int | None = None
    samples: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class TableProfile:
    """Facts of one table, measured at `profiled_at` when it had `signature`."""

    table: TableName
    rows: int
    columns: tuple[ColumnProfile, ...]
    level: Level
    signature: Signature
    profiled_at: datetime

    def column(self, name: str) -> ColumnProfile | None:
        """The facts of one column, None for a column that came after the measuring."""
        return next((column for column in self.columns if column.name == name), None)
