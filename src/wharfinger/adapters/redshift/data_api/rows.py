"""Results of the Data API: from pages to rows of plain values, with one page in memory at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from wharfinger.core.session import ResultColumn, Row, Rows, Value

FetchPage = Callable[[str | None], dict[str, Any]]
"""Fetches the page that a NextToken names, the first one for None."""

_FLOATS = frozenset({"float4", "float8", "real", "double precision"})
_TIMES = frozenset({"timestamp", "timestamptz", "time", "timetz"})
_EMPTY_FRACTION = re.compile(r"(:\d\d)\.0+(?!\d)")


def no_rows(affected: int = -1) -> Rows:
    """The result of a statement without a result set."""
    return Rows((), iter(()), affected)


def read_rows(fetch: FetchPage) -> Rows:
    """The rows of a result. The first page, which has the columns, is fetched now, the others while reading."""
    page = fetch(None)
    columns = tuple(
        ResultColumn(str(column.get("label") or column.get("name", "")), str(column.get("typeName", "")).lower())
        for column in page.get("ColumnMetadata", [])
    )
    return Rows(columns, _stream(page, fetch, [_converter(column.type_name) for column in columns]))


def _stream(page: dict[str, Any], fetch: FetchPage, converters: list[Callable[[Any], Value]]) -> Iterator[Row]:
    while True:
        # Rows are removed while they are read, so that their memory is free at once.
        records: list[Any] = page.pop("Records", [])
        token = page.get("NextToken")
        records.reverse()
        while records:
            yield tuple(convert(field) for convert, field in zip(converters, records.pop(), strict=True))
        if not token:
            return
        page = fetch(token)


def _plain(field: dict[str, Any]) -> Value:
    if "isNull" in field:
        return None
    ((_, value),) = field.items()
    return value  # type: ignore[no-any-return]


def _converter(type_name: str) -> Callable[[dict[str, Any]], Value]:
    if type_name in _FLOATS:
        return _float
    return _time if type_name in _TIMES else _plain


def _float(field: dict[str, Any]) -> Value:
    """A double from a number or from text: how NaN and infinity arrive is unverified (redshift-facts §6.1)."""
    value = _plain(field)
    return value if value is None else float(value)


def _time(field: dict[str, Any]) -> Value:
    """The engine's own text: the Data API writes `00:00:00.0` where the engine writes `00:00:00`."""
    value = _plain(field)
    return _EMPTY_FRACTION.sub(r"\1", value, count=1) if isinstance(value, str) else value
