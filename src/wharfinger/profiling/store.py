"""Profiles in the store: counts in plain columns, every value sealed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

from django.db.models import QuerySet

from wharfinger.catalog.model import Signal, SignalName, Signature
from wharfinger.catalog.store_rows import is_table, name_of
from wharfinger.core.names import TableName
from wharfinger.core.secret import Sealer
from wharfinger.profiling.model import ColumnProfile, Level, TableProfile
from wharfinger.store.models import CatalogTable
from wharfinger.store.models import TableProfile as Row
from wharfinger.store.transactions import exclusive


class ProfileStore:
    """Holds the last profile of each selected table. Every method takes the connection's id."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which no other process writes to the store."""
        return exclusive()

    def get(self, connection: str, table: TableName) -> TableProfile | None:
        """The last profile of a table, None before the first. Raises Conflict when its values were tampered with."""
        row = Row.objects.filter(table__in=_row(connection, table)).first()
        if row is None:
            return None
        return _profile(row, table, json.loads(self._sealer.open(connection, _identity(row.pk), bytes(row.sealed))))

    def known(self, connection: str) -> dict[TableName, TableProfile]:
        """Every profile without its values; nothing is unsealed."""
        rows = Row.objects.filter(table__connection_id=connection).select_related("table").defer("sealed")
        names = [(name_of(row.table), row) for row in rows]
        return {name: _profile(row, name, {}) for name, row in names}

    def save(self, connection: str, profile: TableProfile) -> bool:
        """Store a profile in place of the last one; False when the table was deselected meanwhile."""
        with exclusive():
            table = _row(connection, profile.table).filter(selected=True).first()
            if table is None:
                return False
            sealed = self._sealer.seal(connection, _identity(table.pk), json.dumps(_values(profile)).encode())
            Row.objects.update_or_create(table=table, defaults={**_columns(profile), "sealed": sealed})
            return True

    def edit(self, connection: str, table: TableName, change: Callable[[TableProfile], TableProfile]) -> None:
        """Change the last profile of a table, if there is one, in one transaction."""
        with exclusive():
            known = self.get(connection, table)
            if known is not None:
                self.save(connection, change(known))

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Delete the profiles of these tables."""
        with exclusive():
            for table in tables:
                Row.objects.filter(table__in=_row(connection, table)).delete()


def _row(connection: str, table: TableName) -> QuerySet[CatalogTable]:
    return CatalogTable.objects.filter(is_table(table), connection_id=connection)


def _identity(key: int) -> str:
    return f"profile:{key}"


def _values(profile: TableProfile) -> dict[str, Any]:
    return {column.name: [column.min, column.max, list(column.samples)] for column in profile.columns}


def _columns(profile: TableProfile) -> dict[str, Any]:
    return {
        "rows": profile.rows,
        "level": profile.level,
        "facts": [[column.name, column.nulls, column.distinct, column.masked] for column in profile.columns],
        "columns_digest": profile.signature.columns,
        "signal": profile.signature.signal.name,
        "signal_value": profile.signature.signal.value,
        "profiled_at": profile.profiled_at,
    }


def _profile(row: Row, table: TableName, values: dict[str, Any]) -> TableProfile:
    columns = []
    for name, nulls, distinct, is_masked in row.facts:
        low, high, samples = values.get(name, (None, None, ()))
        columns.append(ColumnProfile(name, nulls, low, high, distinct, tuple(samples), is_masked))
    signature = Signature(row.columns_digest, Signal(cast(SignalName, row.signal), row.signal_value))
    return TableProfile(table, row.rows, tuple(columns), cast(Level, row.level), signature, row.profiled_at)
