"""Rows of the store to values of the catalog and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

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


def table_from(row: CatalogTable) -> Table:
    """A selected table from its row; without details when it was not read yet."""
    table = Table(TableName(row.database, row.schema, row.name), cast(Kind, row.kind), cast(State, row.state))
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
    """The members of a details row, but what was processed."""
    signature = table.signature
    if signature is None:
        raise ValueError("a table is kept with the signature of its reading")
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
    """A signature from its three columns; None when it was never taken."""
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
