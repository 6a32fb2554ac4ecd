"""Generates the rows of a table as COPY text; the same rows in every run.

Generating every value of every row would take half a minute. So each column has a pool of values that repeats; the
pools have different prime sizes, so that combinations of values hardly repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle, islice
from random import Random

from wharfinger_sandbox.data.spec import Column, Serial, Table
from wharfinger_sandbox.data.values import below

_POOLS = (997, 1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061, 1063, 1069, 1087, 1091, 1093, 1097, 1103)
_CHUNK = 4_000


def escaped(value: str | None) -> str:
    """`value` as one field of COPY's text format; None is NULL."""
    if value is None:
        return r"\N"
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


def copy_text(table: Table, tables: Mapping[str, Table]) -> Iterator[str]:
    """The rows of `table` in blocks of _CHUNK lines; `tables` (by path) holds the tables it refers to."""
    columns = [_values(table, place, column, tables) for place, column in enumerate(table.columns)]
    lines = ("\t".join(row) for row in islice(zip(*columns, strict=False), table.rows))
    while block := "\n".join(islice(lines, _CHUNK)):
        yield block + "\n"


def column_values(table: Table, column: Column, tables: Mapping[str, Table]) -> Iterator[str]:
    """The values of one column in row order, as `copy_text` writes them."""
    return islice(_values(table, table.columns.index(column), column, tables), table.rows)


def _values(table: Table, place: int, column: Column, tables: Mapping[str, Table]) -> Iterable[str]:
    if isinstance(column.make, Serial):
        return (escaped(column.make.text(number)) for number in range(1, table.rows + 1))
    rng = Random(f"{table.database}.{table.path}.{column.name}")  # noqa: S311
    size = min(table.rows, _POOLS[place % len(_POOLS)])
    pool = _referred(rng, column, tables, size) if column.references else _generated(rng, column, size)
    return cycle([r"\N" if column.nulls and rng.random() < column.nulls else escaped(value) for value in pool])


def _generated(rng: Random, column: Column, size: int) -> Iterable[str | None]:
    if column.make is None or isinstance(column.make, Serial):
        raise ValueError(f"column {column.name} has neither a value generator nor a table to refer to")
    return column.make(rng, size)


def _referred(rng: Random, column: Column, tables: Mapping[str, Table], size: int) -> Iterable[str]:
    parent, key = referenced_column(column, tables)
    if not isinstance(key.make, Serial):
        raise TypeError(f"{column.references} has no Serial generator, so no column can refer to it")
    return [key.make.text(1 + below(rng, parent.rows)) for _ in range(size)]


def referenced_column(column: Column, tables: Mapping[str, Table]) -> tuple[Table, Column]:
    """The table and column that `column` refers to. Raises KeyError or StopIteration when they do not exist."""
    path, _, name = column.references.rpartition(".")
    parent = tables[path]
    return parent, next(one for one in parent.columns if one.name == name)
