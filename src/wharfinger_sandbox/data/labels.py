"""Labels of the shop's columns: which hold personal data, and which only resemble it."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger_sandbox.data.shop import TABLES
from wharfinger_sandbox.data.spec import Personal


@dataclass(frozen=True)
class Label:
    """One column and its label; at most one of `personal` and `resembles` is set."""

    database: str
    schema: str
    table: str
    column: str
    type: str
    personal: Personal | None
    resembles: Personal | None


def labels() -> list[Label]:
    """A label for every column of the shop's tables."""
    return [
        Label(table.database, table.schema, table.name, column.name, column.type, column.personal, column.resembles)
        for table in TABLES
        for column in table.columns
    ]
