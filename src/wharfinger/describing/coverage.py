"""How much of the selected tables is described: texts that say more than name and type. Pure.

The word lists are our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wharfinger.catalog.model import Table
from wharfinger.describing.model import TableDescriptions


@dataclass(frozen=True, slots=True)
class Coverage:
    """Numbers of tables and columns, and of those with a text that says more than name and type."""

    tables: int = 0
    described_tables: int = 0
    columns: int = 0
    described_columns: int = 0


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
    """Whether `text` only repeats `name` and `type_name`, so that it does not count as a description.

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
    """The coverage of one table with these descriptions."""
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
