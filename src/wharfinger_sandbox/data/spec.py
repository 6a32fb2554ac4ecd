"""The specification of generated tables and views: columns with value generators, row counts and labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Personal = Literal[
    "email", "phone", "card", "iban", "person_name", "address", "ip_address", "national_id", "date_of_birth", "secret"
]

ValueGenerator = Callable[[Random, int], Sequence[str | None]]
"""Returns as many values as its second argument says, unescaped texts or None for NULL, from the Random alone."""


@dataclass(frozen=True)
class Serial:
    """Values made from the row number, `text(1)`, `text(2)`, …, to which other tables can refer."""

    text: Callable[[int], str] = str


@dataclass(frozen=True)
class Column:
    """One column of the Redshift type `type`.

    `references` names a `schema.table.column` of the same database from which the column takes its values. `nulls` is
    the share of NULLs. `personal` is the kind of personal data the column holds, `resembles` the kind it only looks
    like.
    """

    name: str
    type: str
    make: ValueGenerator | Serial | None = None
    nulls: float = 0.0
    references: str = ""
    primary_key: bool = False
    not_null: bool = False
    attributes: str = ""
    comment: str = ""
    personal: Personal | None = None
    resembles: Personal | None = None


@dataclass(frozen=True)
class Table:
    """One table with `rows` rows; `attributes` are Redshift's table attributes (DISTSTYLE, SORTKEY …)."""

    schema: str
    name: str
    rows: int
    columns: tuple[Column, ...]
    comment: str = ""
    attributes: str = ""
    database: str = "dev"

    @property
    def path(self) -> str:
        """`schema.name`, as `Column.references` writes it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class View:
    """A view; `sql` is the whole Redshift statement that creates it."""

    schema: str
    name: str
    kind: Literal["view", "late_binding_view", "materialized_view"]
    sql: str
    comment: str = ""
    column_comments: dict[str, str] = field(default_factory=dict)
    database: str = "dev"


@dataclass(frozen=True)
class ExternalSchema:
    """An external schema and its tables, with the statements that create them. They are listed but cannot be read."""

    name: str
    tables: tuple[str, ...]
    statements: tuple[str, ...]
    database: str = "dev"


def literal(text: str) -> str:
    """`text` as a Redshift string literal, in which a backslash has no special meaning."""
    return "'" + text.replace("'", "''") + "'"
