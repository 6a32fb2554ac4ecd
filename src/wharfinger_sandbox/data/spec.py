"""What a generated table is: columns with makers of values, row counts, and labels that tests take for the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Personal = Literal[
    "email", "phone", "card", "iban", "person_name", "address", "ip_address", "national_id", "date_of_birth", "secret"
]

ValueGenerator = Callable[[Random, int], Sequence[str | None]]
"""Makes so many values, as COPY would read them before escaping; None is NULL. Equal Random, equal values."""


@dataclass(frozen=True)
class Serial:
    """Values that count the rows, so that other tables can refer to them: `text(1)`, `text(2)`, …"""

    text: Callable[[int], str] = str


@dataclass(frozen=True)
class Column:
    """One column. `type` is written in Redshift's words.

    `references` is `schema.table.column` of the same database; such a column takes its values from there.
    `personal` says what kind of personal data stands in it, `resembles` what it looks like without being it.
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
    """One table: a hundred to some ten thousand rows, seldom more."""

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
    """A view of some kind; `sql` is the whole statement, in Redshift's words."""

    schema: str
    name: str
    kind: Literal["view", "late_binding_view", "materialized_view"]
    sql: str
    comment: str = ""
    column_comments: dict[str, str] = field(default_factory=dict)
    database: str = "dev"


@dataclass(frozen=True)
class ExternalSchema:
    """An external schema and its tables, as statements; they are recorded and listed, nothing can read them."""

    name: str
    tables: tuple[str, ...]
    statements: tuple[str, ...]
    database: str = "dev"


def literal(text: str) -> str:
    """`text` as a literal in Redshift's words, which the dialect reads: a backslash is no sign there."""
    return "'" + text.replace("'", "''") + "'"
