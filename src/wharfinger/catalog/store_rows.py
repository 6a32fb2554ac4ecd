"""Rows of the store to values of the catalog and back, and queries by table name for every store that has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any, Protocol, TypeVar, cast

from django.db.models import Model, Q, QuerySet

from wharfinger.catalog.model import (
    Column,
    ForeignKey,
    Keys,
    Kind,
    Signal,
    SignalName,
    Signature,
    Size,
    State,
    Table,
)
from wharfinger.core.names import TableName
from wharfinger.store.models import CatalogTable, SelectedTable

_CHUNK = 200
"""Tables per query."""

_Row = TypeVar("_Row", bound=Model)


class NamedRow(Protocol):
    """A row with a table's name in three columns."""

    database: str
    schema: str
    name: str


def name_of(row: NamedRow) -> TableName:
    """The table that a row is about."""
    return TableName(row.database, row.schema, row.name)


def is_table(table: TableName) -> Q:
    """The condition that a row is about `table`."""
    return Q(database=table.database, schema=table.schema, name=table.name)


def about(rows: QuerySet[_Row], tables: Iterable[TableName]) -> Iterable[QuerySet[_Row]]:
    """Those of `rows` that are about one of `tables`, as one query for each 200 tables."""
    names = iter(tables)
    while chunk := list(islice(names, _CHUNK)):
        condition = Q()
        for table in chunk:
            condition |= is_table(table)
        yield rows.filter(condition)


def table_from(row: CatalogTable) -> Table:
    """A selected table from its row, without details if they were not read yet."""
    table = Table(name_of(row), cast(Kind, row.kind), cast(State, row.state))
    details: SelectedTable | None = getattr(row, "details", None)
    if details is None:
        return table
    return replace(
        table,
        owner=details.owner,
        comment=details.comment,
        columns=tuple(Column(*column) for column in details.columns),
        keys=_keys_from(details.keys),
        size=Size(details.rows, details.megabytes, details.estimated_rows),
        dist_style=details.dist_style,
        sort_key=details.sort_key,
        signature=signature_from(details.columns_digest, details.signal, details.signal_value),
        processed=signature_from(details.processed_columns, details.processed_signal, details.processed_value),
        read_at=details.read_at,
    )


def details_from(table: Table) -> dict[str, Any]:
    """The columns of a details row except those of the `processed` signature."""
    signature = table.signature
    if signature is None:
        raise ValueError("a table is stored with the signature of its reading")
    return {
        "owner": table.owner,
        "comment": table.comment,
        "columns": [[one.name, one.type, one.ordinal, one.nullable, one.comment] for one in table.columns],
        "keys": _keys_document(table.keys),
        "rows": table.size.rows,
        "estimated_rows": table.size.estimated_rows,
        "megabytes": table.size.megabytes,
        "dist_style": table.dist_style,
        "sort_key": table.sort_key,
        "columns_digest": signature.columns,
        "signal": signature.signal.name,
        "signal_value": signature.signal.value,
        "read_at": table.read_at,
    }


def signature_from(columns: str, signal: str, value: str) -> Signature | None:
    """A signature from its three columns; None when there is none yet."""
    return Signature(columns, Signal(cast(SignalName, signal), value)) if signal else None


def _keys_document(keys: Keys) -> dict[str, Any]:
    foreign = [
        [list(key.columns), [key.target.database, key.target.schema, key.target.name], list(key.target_columns)]
        for key in keys.foreign
    ]
    return {"primary": list(keys.primary), "unique": [list(key) for key in keys.unique], "foreign": foreign}


def _keys_from(document: dict[str, Any]) -> Keys:
    return Keys(
        primary=tuple(document["primary"]),
        unique=tuple(tuple(key) for key in document["unique"]),
        foreign=tuple(
            ForeignKey(tuple(columns), TableName(*target), tuple(target_columns))
            for columns, target, target_columns in document["foreign"]
        ),
    )
