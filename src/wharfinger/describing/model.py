"""Descriptions of tables and columns: texts with a source, of which the strongest present wins. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from wharfinger.catalog.model import Table
from wharfinger.core.errors import Invalid

Source = Literal["human", "dbt", "comment", "ai", "rules"]

SOURCES: tuple[Source, ...] = ("human", "dbt", "comment", "ai", "rules")
"""The sources, the strongest first. `comment` is the warehouse's own and is kept in the catalog."""

LONGEST_TEXT = 20_000
"""How many characters a text may have; Redshift's comments and dbt's descriptions stay far below."""


@dataclass(frozen=True, slots=True)
class Description:
    """A text and where it comes from."""

    text: str
    source: Source

    def document(self) -> dict[str, str]:
        """The description as JSON."""
        return {"text": self.text, "source": self.source}


@dataclass(frozen=True, slots=True)
class Texts:
    """What one source says of one table: a text for the table, "" for none, and texts of columns by name."""

    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.table or self.columns)

    def with_text(self, column: str | None, text: str) -> Texts:
        """The same with another text for the table or one of its columns; "" takes it away."""
        if column is None:
            return Texts(text, self.columns)
        others = {name: known for name, known in self.columns.items() if name != column}
        return Texts(self.table, {**others, column: text} if text else others)


@dataclass(frozen=True, slots=True)
class TableDescriptions:
    """The winning description of a table and of each of its columns that has one."""

    table: Description | None = None
    columns: Mapping[str, Description] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is described: tables and columns in all, and those whose text says more than name and type."""

    tables: int = 0
    described_tables: int = 0
    columns: int = 0
    described_columns: int = 0


def comments_of(table: Table) -> Texts:
    """The warehouse's own comments, as the last reading found them."""
    columns = {column.name: column.comment.strip() for column in table.columns if column.comment.strip()}
    return Texts(table.comment.strip(), columns)


def winning(table: Table, kept: Mapping[Source, Texts]) -> TableDescriptions:
    """The strongest text for the table and each of its present columns; `kept` holds all sources but comments."""
    texts = {**kept, "comment": comments_of(table)}
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
    """A person's text without space around it. Raises Invalid for an empty one and one that is too long."""
    text = text.strip()
    if not text:
        raise Invalid("Empty description", next_step="Write a text, or take the present one back with --clear")
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            "Description too long",
            why=f"it has {len(text)} characters, {LONGEST_TEXT} are kept",
            next_step="Write a shorter one",
        )
    if "\x00" in text:
        raise Invalid("Not a usable text", why="it holds a NUL character", next_step="Take the NUL character out")
    return text


_TEXT, _WHOLE, _DECIMAL, _FLOAT = (
    "text string char varying",
    "integer whole",
    "decimal amount them after point",
    "floating point",
)
_MOMENT = "date time moment point when zone"
_TYPE_WORDS: dict[str, str] = {
    "varchar": _TEXT,
    "char": _TEXT,
    "smallint": _WHOLE,
    "integer": _WHOLE,
    "bigint": _WHOLE,
    "numeric": _DECIMAL,
    "decimal": _DECIMAL,
    "real": _FLOAT,
    "double": _FLOAT,
    "boolean": "bool flag true false whether or",
    "timestamp": _MOMENT,
    "timestamptz": _MOMENT,
    "date": "day when",
    "time": "day",
    "super": "semi structured json",
    "varbyte": "binary",
}


def adds_nothing(text: str, name: str, type_name: str) -> bool:
    """Whether `text` only repeats what `name` and `type_name` say already, so that it counts as no text.

    For a table `type_name` is its kind (`table`, `view`, …).
    """
    known = {_stem(word) for word in (*_words(name), *_words(type_name), *_FILLERS)}
    for word in _words(type_name):
        known |= {_stem(one) for one in _TYPE_WORDS.get(word, "").split()}
    bare = re.sub(r"\b\d[\d,]* (?:columns?|bytes?|characters?|digits)\b", " ", text, flags=re.IGNORECASE)
    return all(_stem(word) in known for word in _words(bare))


def _words(text: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).casefold()
    return re.findall(r"[^\W_]+", parted)


def _stem(word: str) -> str:
    for ending in ("ies", "es", "s", "d"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word.removesuffix("e") if len(word) > 4 else word


_FILLERS = frozenset(
    _words(
        "a an and are as at be by column columns contains data database each every field fields for from given has "
        "have holds id identifier in information is it its name named number of on or record records row rows shows "
        "stored stores table tables that the their this to type up value values view which with byte bytes digits"
    )
)


def covered(table: Table, described: TableDescriptions) -> Coverage:
    """The coverage of one table."""
    says = described.table is not None and not adds_nothing(described.table.text, table.name.name, table.kind)
    columns = sum(
        not adds_nothing(found.text, column.name, column.type)
        for column in table.columns
        if (found := described.columns.get(column.name))
    )
    return Coverage(1, int(says), len(table.columns), columns)


def total(parts: Iterable[Coverage]) -> Coverage:
    """The sum of several coverages."""
    rows = [(one.tables, one.described_tables, one.columns, one.described_columns) for one in parts]
    return Coverage(*(sum(column) for column in zip(*rows, strict=True))) if rows else Coverage()
