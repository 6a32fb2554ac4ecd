"""The rules writer: one sentence for a table and one for each column, from types, keys and measured figures. Pure.

It does not guess what a table means. The only values in a sentence are numbers and dates of the profile; values of
masked columns and texts from a table are never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wharfinger.catalog.model import Column, ForeignKey, Table
from wharfinger.catalog.types import NUMBERS, TIMES, base_of
from wharfinger.core.names import TableName, display_part
from wharfinger.describing.model import Source, Texts
from wharfinger.profiling.model import SAMPLE_CHARACTERS, SAMPLE_VALUES, ColumnProfile, TableProfile

_KINDS = {
    "table": "table",
    "view": "view",
    "late_binding_view": "late-binding view",
    "external": "external table",
    "materialized_view": "materialized view",
}
_DATED = frozenset({"date", "timestamp", "timestamptz"})
_MOST_TARGETS = 5
"""The most tables that a sentence about foreign keys names."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a description of a table is written from: its catalog entry, and its profile if there is one."""

    table: Table
    profile: TableProfile | None = None


class RulesWriter:
    """Writes by fixed rules: the same evidence gives the same texts."""

    source: Source = "rules"

    def write(self, evidence: Evidence) -> Texts:
        """One sentence for the table and one for each column."""
        table, profile = evidence.table, evidence.profile
        rows = profile.rows if profile else None
        columns = {
            column.name: column_sentence(table, column, rows, profile.column(column.name) if profile else None)
            for column in table.columns
        }
        return Texts(table_sentence(table, profile), columns)


def table_sentence(table: Table, profile: TableProfile | None) -> str:
    """One sentence about a table: size, keys, tables it refers to, period of its dates."""
    columns = _counted(len(table.columns), "column") if table.columns else "unknown columns"
    head = f"{_KINDS[table.kind]} with {columns}"
    head += (
        f" and {_counted(profile.rows, 'row') if profile.rows else 'no rows'} when it was profiled" if profile else ""
    )
    facts = [_declared_key(table), _targets(table), _span(table, profile)]
    return _sentence(table.name.name, [head, *(fact for fact in facts if fact)])


def column_sentence(table: Table, column: Column, rows: int | None, known: ColumnProfile | None) -> str:
    """One sentence about a column: type, keys, range, distinct values, nulls. `rows` is None without a profile."""
    facts = [*_keys(table, column), *_values(column, known), *_nulls(column, rows, known)]
    return _sentence(column.name, [_type_in_words(column.type), *facts])


def _sentence(name: str, facts: Sequence[str]) -> str:
    return f"{_name_in_words(name)}: {'; '.join(facts)}."


def _name_in_words(name: str) -> str:
    """`customerEmail_2` → Customer email 2; a name with other characters is quoted unchanged."""
    if not re.fullmatch(r"[^\W\d]\w*", name):
        return f'"{name}"'
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").split()
    text = " ".join(word if word.isupper() and len(word) < 5 else word.lower() for word in words)
    return text[:1].upper() + text[1:] if text else f'"{name}"'


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _declared_key(table: Table) -> str:
    key = table.keys.primary
    return f"declared primary key: {', '.join(display_part(name) for name in key)}" if key else ""


def _targets(table: Table) -> str:
    names = list(dict.fromkeys(_spelled(key.target, table) for key in table.keys.foreign))
    if not names:
        return ""
    more = f" and {len(names) - _MOST_TARGETS} more" if len(names) > _MOST_TARGETS else ""
    return f"refers to {', '.join(names[:_MOST_TARGETS])}{more}"


def _spelled(target: TableName, table: Table) -> str:
    """A table's name, without its database when that is the database of `table`."""
    full = str(target)
    return full.removeprefix(f"{display_part(target.database)}.") if target.database == table.name.database else full


def _span(table: Table, profile: TableProfile | None) -> str:
    """The period from the first column with dates, preferably one of the sort key."""
    if profile is None:
        return ""
    dated = [column for column in table.columns if base_of(column.type) in _DATED]
    for column in sorted(dated, key=lambda one: (one.name not in re.split(r"\W+", table.sort_key), one.ordinal)):
        known = profile.column(column.name)
        if known and not known.masked and known.min is not None and known.max is not None:
            return f"{display_part(column.name)} runs from {known.min} to {known.max}"
    return ""


def _keys(table: Table, column: Column) -> Iterator[str]:
    primary = table.keys.primary
    if column.name in primary:
        yield (
            "declared primary key"
            if len(primary) == 1
            else f"one of {len(primary)} columns of the declared primary key"
        )
    for key in table.keys.foreign:
        if column.name in key.columns:
            yield _reference(table, column, key)
    if (column.name,) in table.keys.unique:
        yield "declared unique"


def _reference(table: Table, column: Column, key: ForeignKey) -> str:
    place = key.columns.index(column.name)
    target = _spelled(key.target, table)
    if len(key.target_columns) == len(key.columns):
        target += f".{display_part(key.target_columns[place])}"
    return f"refers to {target} by a declared foreign key"


def _values(column: Column, known: ColumnProfile | None) -> Iterator[str]:
    if known is None:
        return
    if known.masked:
        yield "looks like personal data, so its values are masked"
    elif known.min is not None and known.max is not None and base_of(column.type) in NUMBERS | TIMES:
        yield f"always {known.min}" if known.min == known.max else f"from {known.min} to {known.max}"
    if known.distinct:
        yield f"about {_counted(known.distinct, 'different value')}"
    elif known.samples and not known.masked and _is_whole(known.samples):
        yield f"a sample shows {_counted(len(known.samples), 'different value')}"


def _is_whole(samples: Sequence[str]) -> bool:
    """Whether the sample has all distinct values of the rows it was taken from, none of them cut off."""
    return len(samples) < SAMPLE_VALUES and all(len(value) < SAMPLE_CHARACTERS for value in samples)


def _nulls(column: Column, rows: int | None, known: ColumnProfile | None) -> Iterator[str]:
    if known is None or rows is None:
        if not column.nullable:
            yield "declared not null"
    elif rows == 0:
        yield "no rows"
    elif known.nulls == rows:
        yield f"null in all {_counted(rows, 'row')}"
    else:
        yield (
            f"null in {known.nulls:,} of {_counted(rows, 'row')}"
            if known.nulls
            else f"no nulls in {_counted(rows, 'row')}"
        )


_TYPES = (
    (r"varchar\((\d+)\)", "text of up to {0} bytes"),
    (r"char\((\d+)\)", "text of {0} bytes"),
    (r"numeric\((\d+),0\)", "whole number of up to {0} digits"),
    (r"numeric\((\d+),(\d+)\)", "decimal number of {0} digits, {1} of them after the point"),
    (r"smallint|integer|bigint", "whole number"),
    (r"real|double precision", "floating point number"),
    (r"boolean", "true or false"),
    (r"timestamptz", "point in time with time zone"),
    (r"timestamp", "point in time"),
    (r"date", "date"),
)


def _type_in_words(type_name: str) -> str:
    for pattern, words in _TYPES:
        if match := re.fullmatch(pattern, type_name):
            return words.format(*match.groups())
    return f"value of type {type_name}"
