"""The catalog in the store: the tree of tables, and the details of the selected ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from django.db.models import F, Q, QuerySet

from wharfinger.catalog.model import Entry, Kind, Signature, State, Table
from wharfinger.catalog.reader import Relation
from wharfinger.catalog.store_rows import details_from, name_of, table_from
from wharfinger.core.names import TableName
from wharfinger.store.models import CatalogReading, CatalogTable, SelectedTable
from wharfinger.store.transactions import exclusive

_CHUNK = 400
"""Rows per statement; SQLite allows 32,766 parameters."""

_DETAILS = [field.name for field in SelectedTable._meta.fields if not field.primary_key]
_PROCESSED = ("processed_columns", "processed_signal", "processed_value")


class CatalogStore:
    """Holds each connection's tree. Every method takes the connection's id."""

    def entries(self, connection: str, *, selected: bool = False) -> Iterator[Entry]:
        """The tree, or only its selected tables, ordered by database, schema and name. Streamed."""
        rows = CatalogTable.objects.filter(connection_id=connection)
        rows = rows.filter(selected=True) if selected else rows
        fields = ("database", "schema", "name", "kind", "selected", "state")
        for database, schema, name, kind, chosen, state in rows.values_list(*fields).iterator(2000):
            yield Entry(TableName(database, schema, name), cast(Kind, kind), chosen, cast(State, state))

    def selected(
        self, connection: str, database: str | None = None, names: Collection[TableName] | None = None
    ) -> list[Table]:
        """The selected tables with the details of the last reading: those of one database, those of `names`, or all."""
        rows = CatalogTable.objects.filter(connection_id=connection, selected=True).select_related("details")
        rows = rows.filter(database=database) if database is not None else rows
        if names is None:
            return [table_from(row) for row in rows]
        if len(names) <= _CHUNK:
            rows = rows.filter(name__in={one.name for one in names})
        return [table_from(row) for row in rows if name_of(row) in names]

    def count_selected(self, connection: str) -> int:
        """How many tables are selected."""
        return CatalogTable.objects.filter(connection_id=connection, selected=True).count()

    def begin(self, connection: str) -> int:
        """Start a refresh. Returns its number: one more than that of the last refresh, finished or not."""
        with exclusive():
            reading, _ = CatalogReading.objects.get_or_create(connection_id=connection)
            CatalogReading.objects.filter(connection_id=connection).update(number=F("number") + 1)
            return int(reading.number) + 1

    def mark_seen(self, connection: str, database: str, refresh: int, relations: Iterator[Relation]) -> int:
        """Mark each relation as seen by `refresh`, adding new ones, some hundred at a time. Returns their number."""
        count = 0
        while chunk := list(islice(relations, _CHUNK)):
            rows = [
                CatalogTable(
                    connection_id=connection, database=database, schema=one.key[0], name=one.key[1],
                    kind=one.kind, first_seen=refresh, seen=refresh,
                )
                for one in chunk
            ]  # fmt: skip
            CatalogTable.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["connection", "database", "schema", "name"],
                update_fields=["kind", "seen"],
            )
            count += len(chunk)
        return count

    def finish(self, connection: str, refresh: int, unread: Collection[str]) -> tuple[list[TableName], list[TableName]]:
        """Finish a refresh: set the states of new and gone tables. Returns the new tables and the newly gone ones.

        Tables of `unread` databases are unchanged. A table that was gone before and is not selected is deleted.
        """
        tree = CatalogTable.objects.filter(connection_id=connection).exclude(database__in=list(unread))
        unseen = tree.filter(seen__lt=refresh)
        with exclusive():
            unseen.filter(state="gone", selected=False).delete()
            gone = _names(unseen.exclude(state="gone"))
            unseen.update(state="gone")
            reading = CatalogReading.objects.get(connection_id=connection)
            # Tables first seen by an earlier refresh that did not finish are new as well.
            fresh = tree.filter(seen=refresh, first_seen__gt=reading.settled)
            known = tree.filter(seen=refresh, first_seen__lte=reading.settled)
            fresh.update(state="new")
            known.filter(Q(selected=False) | Q(state="gone")).update(state="ok")
            reading.settled, reading.at = refresh, datetime.now(UTC)
            reading.save(update_fields=["settled", "at"])
            return _names(fresh), gone

    def save(self, connection: str, tables: Sequence[Table]) -> None:
        """Store details and state of those tables that are still selected; their `processed` signature is unchanged."""
        by_name = {table.name: table for table in tables}
        with exclusive():
            chosen = CatalogTable.objects.filter(connection_id=connection, selected=True)
            rows = [row for row in chosen if name_of(row) in by_name]
            moved: dict[tuple[State, Kind], list[int]] = {}
            for row in rows:
                if (row.state, row.kind) != (now := _state_and_kind(by_name[name_of(row)])):
                    moved.setdefault(now, []).append(row.pk)
            for (state, kind), keys in moved.items():
                for chunk in _chunks(keys):
                    CatalogTable.objects.filter(pk__in=chunk).update(state=state, kind=kind)
            SelectedTable.objects.bulk_create(
                [SelectedTable(table=row, **details_from(by_name[name_of(row)])) for row in rows],
                batch_size=_CHUNK,
                update_conflicts=True,
                unique_fields=["table"],
                update_fields=[name for name in _DETAILS if name not in _PROCESSED],
            )

    def mark_gone(self, connection: str, names: Iterable[TableName]) -> None:
        """Mark selected tables as gone; their details and texts stay."""
        with exclusive():
            for row in self._rows(connection, names):
                CatalogTable.objects.filter(pk=row.pk).update(state="gone")

    def set_selected(self, connection: str, names: Iterable[TableName], selected: bool) -> None:
        """Select tables, or deselect them, which deletes their details."""
        with exclusive():
            for chunk in _chunks([row.pk for row in self._rows(connection, names)]):
                CatalogTable.objects.filter(pk__in=chunk).update(selected=selected)
                if not selected:
                    SelectedTable.objects.filter(pk__in=chunk).delete()
                    CatalogTable.objects.filter(pk__in=chunk, state="changed").update(state="ok")

    def mark_processed(self, connection: str, signatures: Mapping[TableName, Signature]) -> None:
        """Store the signature with which each table was processed; its state `new` or `changed` becomes `ok`."""
        with exclusive():
            for row in self._rows(connection, signatures):
                signature = signatures[name_of(row)]
                SelectedTable.objects.filter(pk=row.pk).update(
                    processed_columns=signature.columns,
                    processed_signal=signature.signal.name,
                    processed_value=signature.signal.value,
                )
                CatalogTable.objects.filter(pk=row.pk, state__in=("new", "changed")).update(state="ok")

    def _rows(self, connection: str, names: Iterable[TableName]) -> list[CatalogTable]:
        wanted = set(names)
        rows = CatalogTable.objects.filter(connection_id=connection, schema__in=_few({one.schema for one in wanted}))
        return [row for row in rows.iterator(2000) if name_of(row) in wanted]


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))


def _few(schemas: set[str]) -> Iterable[str]:
    """The schemas to filter by, or a subquery for all of them when there are too many for parameters."""
    return list(schemas) if len(schemas) <= _CHUNK else CatalogTable.objects.values_list("schema", flat=True)


def _state_and_kind(table: Table) -> tuple[State, Kind]:
    return table.state, table.kind


def _names(rows: QuerySet[CatalogTable]) -> list[TableName]:
    return [
        TableName(*one) for one in rows.order_by("database", "schema", "name").values_list("database", "schema", "name")
    ]
