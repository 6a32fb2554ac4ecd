"""The catalog in the store: the tree's rows, and the details of selected tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from django.db import transaction
from django.db.models import F, Q, QuerySet

from wharfinger.catalog.model import Entry, Kind, Signature, State, Table
from wharfinger.catalog.reader import Relation
from wharfinger.catalog.store_rows import details_from, table_from
from wharfinger.core.names import TableName
from wharfinger.store.models import CatalogReading, CatalogTable, SelectedTable

_CHUNK = 400
"""Rows a statement; SQLite takes 32,766 parameters."""

_DETAILS = [field.name for field in SelectedTable._meta.fields if not field.primary_key]
_PROCESSED = ("processed_columns", "processed_signal", "processed_value")


class CatalogStore:
    """Keeps each connection's tree. Every method takes the connection's id."""

    def entries(self, connection: str, *, selected: bool = False) -> Iterator[Entry]:
        """The tree, by database, schema and name, streamed; or only the selected tables of it."""
        rows = CatalogTable.objects.filter(connection_id=connection)
        rows = rows.filter(selected=True) if selected else rows
        fields = ("database", "schema", "name", "kind", "selected", "state")
        for database, schema, name, kind, chosen, state in rows.values_list(*fields).iterator(2000):
            yield Entry(TableName(database, schema, name), cast(Kind, kind), chosen, cast(State, state))

    def selected(
        self, connection: str, database: str | None = None, names: Collection[TableName] | None = None
    ) -> list[Table]:
        """The selected tables with what the last reading found: of one database, of `names`, or all."""
        rows = CatalogTable.objects.filter(connection_id=connection, selected=True).select_related("details")
        rows = rows.filter(database=database) if database is not None else rows
        if names is None:
            return [table_from(row) for row in rows]
        if len(names) <= _CHUNK:
            rows = rows.filter(name__in={one.name for one in names})
        return [table_from(row) for row in rows if _name(row) in names]

    def count_selected(self, connection: str) -> int:
        """How many tables are selected."""
        return CatalogTable.objects.filter(connection_id=connection, selected=True).count()

    def begin(self, connection: str) -> int:
        """Start a refresh; its number is one more than that of the last, finished or not."""
        with transaction.atomic():
            reading, _ = CatalogReading.objects.get_or_create(connection_id=connection)
            CatalogReading.objects.filter(connection_id=connection).update(number=F("number") + 1)
            return int(reading.number) + 1

    def keep(self, connection: str, database: str, refresh: int, relations: Iterator[Relation]) -> int:
        """Note each relation as seen by `refresh`, new ones added; answers their count. A few hundred at a time."""
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

    def settle(self, connection: str, refresh: int, unread: Collection[str]) -> tuple[list[TableName], list[TableName]]:
        """End a refresh: new and gone tables get their state, and are answered.

        Tables of `unread` databases stay as they were. A table nobody selected that was gone before is forgotten.
        """
        tree = CatalogTable.objects.filter(connection_id=connection).exclude(database__in=list(unread))
        unseen = tree.filter(seen__lt=refresh)
        with transaction.atomic():
            unseen.filter(state="gone", selected=False).delete()
            gone = _names(unseen.exclude(state="gone"))
            unseen.update(state="gone")
            reading = CatalogReading.objects.get(connection_id=connection)
            # Tables that an unfinished refresh came upon first are as new as those of this one.
            fresh = tree.filter(seen=refresh, first_seen__gt=reading.settled)
            known = tree.filter(seen=refresh, first_seen__lte=reading.settled)
            fresh.update(state="new")
            known.filter(Q(selected=False) | Q(state="gone")).update(state="ok")
            reading.settled, reading.at = refresh, datetime.now(UTC)
            reading.save(update_fields=["settled", "at"])
            return _names(fresh), gone

    def save(self, connection: str, tables: Sequence[Table]) -> None:
        """Keep details and state of tables that are still selected; what was processed is not touched."""
        by_name = {table.name: table for table in tables}
        with transaction.atomic():
            kept = CatalogTable.objects.filter(connection_id=connection, selected=True)
            rows = [row for row in kept if _name(row) in by_name]
            moved: dict[tuple[State, Kind], list[int]] = {}
            for row in rows:
                if (row.state, row.kind) != (standing := _standing(by_name[_name(row)])):
                    moved.setdefault(standing, []).append(row.pk)
            for (state, kind), keys in moved.items():
                for chunk in _chunks(keys):
                    CatalogTable.objects.filter(pk__in=chunk).update(state=state, kind=kind)
            SelectedTable.objects.bulk_create(
                [SelectedTable(table=row, **details_from(by_name[_name(row)])) for row in rows],
                batch_size=_CHUNK,
                update_conflicts=True,
                unique_fields=["table"],
                update_fields=[name for name in _DETAILS if name not in _PROCESSED],
            )

    def mark_gone(self, connection: str, names: Iterable[TableName]) -> None:
        """Note that selected tables are there no more; their details and texts stay."""
        with transaction.atomic():
            for row in self._rows(connection, names):
                CatalogTable.objects.filter(pk=row.pk).update(state="gone")

    def set_selected(self, connection: str, names: Iterable[TableName], selected: bool) -> None:
        """Select tables, or take them back; then their details go."""
        with transaction.atomic():
            for chunk in _chunks([row.pk for row in self._rows(connection, names)]):
                CatalogTable.objects.filter(pk__in=chunk).update(selected=selected)
                if not selected:
                    SelectedTable.objects.filter(pk__in=chunk).delete()
                    CatalogTable.objects.filter(pk__in=chunk, state="changed").update(state="ok")

    def mark_processed(self, connection: str, signatures: Mapping[TableName, Signature]) -> None:
        """Note the signature each table had when it was processed; it is neither new nor changed any more."""
        with transaction.atomic():
            for row in self._rows(connection, signatures):
                signature = signatures[_name(row)]
                SelectedTable.objects.filter(pk=row.pk).update(
                    processed_columns=signature.columns,
                    processed_signal=signature.signal.name,
                    processed_value=signature.signal.value,
                )
                CatalogTable.objects.filter(pk=row.pk, state__in=("new", "changed")).update(state="ok")

    def _rows(self, connection: str, names: Iterable[TableName]) -> list[CatalogTable]:
        wanted = set(names)
        rows = CatalogTable.objects.filter(connection_id=connection, schema__in=_few({one.schema for one in wanted}))
        return [row for row in rows.iterator(2000) if _name(row) in wanted]


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))


def _few(schemas: set[str]) -> Iterable[str]:
    """The schemas to ask for, or all of them through a subquery when they are too many to write down."""
    return list(schemas) if len(schemas) <= _CHUNK else CatalogTable.objects.values_list("schema", flat=True)


def _name(row: CatalogTable) -> TableName:
    return TableName(row.database, row.schema, row.name)


def _standing(table: Table) -> tuple[State, Kind]:
    return table.state, table.kind


def _names(rows: QuerySet[CatalogTable]) -> list[TableName]:
    return [
        TableName(*one) for one in rows.order_by("database", "schema", "name").values_list("database", "schema", "name")
    ]
