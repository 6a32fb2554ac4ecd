"""Descriptions of tables and columns: texts of several sources, of which the strongest is shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from wharfinger.catalog.model import Table
from wharfinger.core.errors import Invalid
from wharfinger.core.names import TableName

Source = Literal["human", "dbt", "comment", "ai", "rules"]

SOURCES: tuple[Source, ...] = ("human", "dbt", "comment", "ai", "rules")
"""The sources, strongest first. `comment` is the warehouse's own comment, which the catalog stores."""

LONGEST_TEXT = 20_000
"""The most characters of a text; comments of Redshift and descriptions of dbt are far shorter."""


@dataclass(frozen=True, slots=True)
class Description:
    """A text and its source."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one source about one table: one for the table, "" for none, and those of columns by name."""

    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.table or self.columns)

    def with_text(self, column: str | None, text: str) -> Texts:
        """A copy with another text for the table (column None) or one of its columns; "" removes the text."""
        if column is None:
            return Texts(text, self.columns)
        others = {name: known for name, known in self.columns.items() if name != column}
        return Texts(self.table, {**others, column: text} if text else others)


@dataclass(frozen=True, slots=True)
class TableDescriptions:
    """The shown description of a table and of each of its columns that has one."""

    table: Description | None = None
    columns: Mapping[str, Description] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Described:
    """The result of an edit: the table, the column or None for the table itself, and the description shown now."""

    table: TableName
    column: str | None
    description: Description | None


def comments_of(table: Table) -> Texts:
    """The warehouse's own comments at the last reading."""
    columns = {column.name: column.comment.strip() for column in table.columns if column.comment.strip()}
    return Texts(table.comment.strip(), columns)


def strongest(table: Table, stored: Mapping[Source, Texts]) -> TableDescriptions:
    """The strongest text for the table and each of its columns; `stored` has the texts of all sources but comments."""
    texts = {**stored, "comment": comments_of(table)}
    ranked: list[tuple[Source, Texts]] = [(source, texts[source]) for source in SOURCES if source in texts]
    columns = {
        column.name: found
        for column in table.columns
        if (found := _first((source, one.columns.get(column.name, "")) for source, one in ranked))
    }
    return TableDescriptions(_first((source, one.table) for source, one in ranked), columns)


def _first(texts: Iterable[tuple[Source, str]]) -> Description | None:
    return next((Description(text, source) for source, text in texts if text), None)


def checked_text(text: str) -> str:
    """A person's text without white space around it. Raises Invalid when it is empty, too long or holds a NUL."""
    text = text.strip()
    if not text:
        raise Invalid(
            "Empty description",
            next_step="Write a text, or remove the present one",
            fields=["text", "clear"],
        )
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            "Description too long",
            why=f"it has {len(text)} characters, the limit is {LONGEST_TEXT}",
            next_step="Shorten it",
            fields=["text"],
        )
    if "\x00" in text:
        raise Invalid(
            "Not a usable text", why="it contains a NUL character", next_step="Remove that character", fields=["text"]
        )
    return text
