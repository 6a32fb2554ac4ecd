"""The profile of a table: figures measured in the warehouse. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wharfinger.catalog.model import Signature
from wharfinger.core.names import TableName

Level = Literal["basic", "full"]

SAMPLE_ROWS = 1000
"""The number of rows a sample is taken from: the first that the warehouse returns, in no order."""
SAMPLE_VALUES = 20
"""The most distinct values of a text column that a profile holds."""
SAMPLE_CHARACTERS = 200
"""The length in characters after which a sampled value is cut off."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """The figures of one column.

    `nulls` is the exact number of nulls. `min` and `max` are the engine's exact text, None where the type has no order
    or the column has no value. `distinct` is approximate, None when it was not measured. `samples` are sorted distinct
    values of a sample of rows. `masked`: the column looks personal, so the values here are masks.
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
    """The figures of one table, measured at `profiled_at`. `signature` is what the table had then."""

    table: TableName
    rows: int
    columns: tuple[ColumnProfile, ...]
    level: Level
    signature: Signature
    profiled_at: datetime

    def column(self, name: str) -> ColumnProfile | None:
        """The figures of one column; None for a column that was added since."""
        return next((column for column in self.columns if column.name == name), None)
