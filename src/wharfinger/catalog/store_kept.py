"""What people wrote and decided about deselected tables, in the store: sealed, until the table is selected again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from django.db.models import Sum

from wharfinger.catalog.ports import Written
from wharfinger.catalog.store_rows import about, name_of
from wharfinger.core.by_people import ByPeople
from wharfinger.core.names import TableName
from wharfinger.core.secret import Sealer
from wharfinger.store.models import KeptByPeople
from wharfinger.store.transactions import exclusive


class KeptStore:
    """Holds it for each connection. Every method takes the connection's id.

    `texts` and `choices` are the stores that hold it while a table is selected.
    """

    def __init__(self, sealer: Sealer, texts: Written, choices: Written) -> None:
        self._sealer = sealer
        self._texts = texts
        self._choices = choices

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which no other process writes to the store."""
        return exclusive()

    def keep(self, connection: str, tables: Collection[TableName]) -> ByPeople:
        """Seal what people wrote and decided about selected tables; the caller deletes their rows after this.

        Returns its count.
        """
        with exclusive():
            texts = self._texts.written(connection, tables)
            choices = self._choices.written(connection, tables)
            rows = [
                self._row(connection, table, texts.get(table, {}), choices.get(table, {}))
                for table in sorted({*texts, *choices})
            ]
            self._delete(connection, [name_of(row) for row in rows])
            KeptByPeople.objects.bulk_create(rows, batch_size=200)
        return _sum(rows)

    def restore(self, connection: str, tables: Collection[TableName]) -> ByPeople:
        """Bring back what is kept about tables, which are selected again. Returns its count.

        Raises Conflict when it was tampered with; nothing is changed then.
        """
        with exclusive():
            rows = self._rows(connection, tables)
            opened = {name_of(row): self._opened(row) for row in rows}
            self._texts.write(connection, {table: one["texts"] for table, one in opened.items()})
            self._choices.write(connection, {table: one["choices"] for table, one in opened.items()})
            self._delete(connection, opened)
        return _sum(rows)

    def forget(self, connection: str, tables: Collection[TableName]) -> ByPeople:
        """Delete what is kept about tables that are not selected. Returns its count."""
        with exclusive():
            rows = self._rows(connection, tables)
            self._delete(connection, [name_of(row) for row in rows])
        return _sum(rows)

    def names(self, connection: str) -> list[TableName]:
        """The tables about which something is kept."""
        rows = KeptByPeople.objects.filter(connection_id=connection)
        return [TableName(*one) for one in rows.values_list("database", "schema", "name")]

    def count(self, connection: str) -> ByPeople:
        """How much is kept; nothing is unsealed."""
        sums = KeptByPeople.objects.filter(connection_id=connection).aggregate(Sum("texts"), Sum("choices"))
        return ByPeople(sums["texts__sum"] or 0, sums["choices__sum"] or 0)

    def _rows(self, connection: str, tables: Iterable[TableName]) -> list[KeptByPeople]:
        return [row for rows in about(KeptByPeople.objects.filter(connection_id=connection), tables) for row in rows]

    def _delete(self, connection: str, tables: Iterable[TableName]) -> None:
        for rows in about(KeptByPeople.objects.filter(connection_id=connection), tables):
            rows.delete()

    def _row(
        self, connection: str, table: TableName, texts: Mapping[str, str], choices: Mapping[str, str]
    ) -> KeptByPeople:
        content = json.dumps({"texts": dict(texts), "choices": dict(choices)}).encode()
        return KeptByPeople(
            connection_id=connection, database=table.database, schema=table.schema, name=table.name,
            texts=len(texts), choices=len(choices), at=datetime.now(UTC),
            sealed=self._sealer.seal(connection, _identity(table), content),
        )  # fmt: skip

    def _opened(self, row: KeptByPeople) -> dict[str, dict[str, str]]:
        content = self._sealer.open(row.connection_id, _identity(name_of(row)), bytes(row.sealed))
        opened: dict[str, dict[str, str]] = json.loads(content)
        return opened


def _identity(table: TableName) -> str:
    return f"kept:{table}"


def _sum(rows: Iterable[KeptByPeople]) -> ByPeople:
    return sum((ByPeople(row.texts, row.choices) for row in rows), ByPeople())
