"""Descriptions and owners' choices in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import Q, QuerySet

from wharfinger.core.names import TableName
from wharfinger.core.secret import Sealer
from wharfinger.describing.model import Source, Texts
from wharfinger.personal.recognition import Choice
from wharfinger.store.models import CatalogTable, ColumnChoice, DbtProject, TableText

_SEALED: frozenset[Source] = frozenset(("ai", "rules"))
"""Their words may hold a table's numbers and dates."""
_CHUNK = 200
_Row = TypeVar("_Row", TableText, ColumnChoice, CatalogTable)


class DescriptionStore:
    """Keeps the texts of each source beside each other. Every method takes the connection's id."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which nobody else writes."""
        return transaction.atomic()

    def of(self, connection: str, table: TableName) -> dict[Source, Texts]:
        """What each source says of a table. Raises Conflict when a sealed text was tampered with."""
        rows = TableText.objects.filter(connection_id=connection).filter(_is(table))
        return {cast(Source, row.source): self._texts(row) for row in rows}

    def all(self, connection: str) -> dict[TableName, dict[Source, Texts]]:
        """The same for every table that is described."""
        found: dict[TableName, dict[Source, Texts]] = {}
        for row in TableText.objects.filter(connection_id=connection).iterator(500):
            found.setdefault(_name(row), {})[cast(Source, row.source)] = self._texts(row)
        return found

    def put(self, connection: str, source: Source, texts: Mapping[TableName, Texts], project: str = "") -> None:
        """Keep what `source` says of these tables instead of what it said before; no text, no row.

        Tables that are selected no more are left out. `project` is the dbt project whose words they are.
        """
        with transaction.atomic():
            self._put(connection, source, texts, project)

    def edit(self, connection: str, source: Source, table: TableName, change: Callable[[Texts], Texts]) -> None:
        """Change what `source` says of one table, in one transaction."""
        with transaction.atomic():
            row = TableText.objects.filter(connection_id=connection, source=source).filter(_is(table)).first()
            self._put(connection, source, {table: change(self._texts(row) if row else Texts())}, "")

    def replace_project(self, connection: str, project: str, path: str, texts: Mapping[TableName, Texts]) -> None:
        """Keep a dbt project's words instead of all it said before, and where its manifest is."""
        with transaction.atomic():
            TableText.objects.filter(connection_id=connection, source="dbt", project=project).delete()
            self._put(connection, "dbt", texts, project)
            DbtProject.objects.update_or_create(
                connection_id=connection, project=project, defaults={"path": path, "at": datetime.now(UTC)}
            )

    def projects(self, connection: str) -> dict[str, str]:
        """The imported dbt projects with their manifests' paths, the last imported last."""
        rows = DbtProject.objects.filter(connection_id=connection).order_by("at", "id")
        return {row.project: row.path for row in rows}

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Remove every text about tables that are selected no more."""
        with transaction.atomic():
            for rows in _about(TableText.objects.filter(connection_id=connection), tables):
                rows.delete()

    def _put(self, connection: str, source: Source, texts: Mapping[TableName, Texts], project: str) -> None:
        for rows in _about(TableText.objects.filter(connection_id=connection, source=source), texts):
            rows.delete()
        # A table deselected a moment ago must not get a text again.
        selected = {
            _name(row)
            for rows in _about(CatalogTable.objects.filter(connection_id=connection, selected=True), texts)
            for row in rows
        }
        now = datetime.now(UTC)
        TableText.objects.bulk_create(
            [
                TableText(
                    connection_id=connection, database=name.database, schema=name.schema, name=name.name,
                    source=source, project=project, at=now, **self._kept(connection, source, name, one),
                )
                for name, one in texts.items() if one and name in selected
            ],
            batch_size=_CHUNK,
        )  # fmt: skip

    def _kept(self, connection: str, source: Source, name: TableName, texts: Texts) -> dict[str, Any]:
        document = {"table": texts.table, "columns": dict(texts.columns)}
        if source not in _SEALED:
            return {"texts": document}
        return {"sealed": self._sealer.seal(connection, _identity(name, source), json.dumps(document).encode())}

    def _texts(self, row: TableText) -> Texts:
        document: dict[str, Any] = row.texts or {"table": "", "columns": {}}
        if row.sealed is not None:
            identity = _identity(_name(row), row.source)
            document = json.loads(self._sealer.open(row.connection_id, identity, bytes(row.sealed)))
        return Texts(document["table"], document["columns"])


class ChoiceStore:
    """Keeps what owners say of personal data. Every method takes the connection's id."""

    def of(self, connection: str, table: TableName) -> dict[str, Choice]:
        """The choices for a table's columns."""
        rows = ColumnChoice.objects.filter(connection_id=connection).filter(_is(table))
        return {row.column: cast(Choice, row.choice) for row in rows}

    def choose(self, connection: str, table: TableName, column: str, choice: Choice | None) -> None:
        """Keep a choice, or take it back with None."""
        rows = ColumnChoice.objects.filter(connection_id=connection, column=column).filter(_is(table))
        with transaction.atomic():
            rows.delete()
            if choice is not None:
                ColumnChoice.objects.create(
                    connection_id=connection, database=table.database, schema=table.schema, name=table.name,
                    column=column, choice=choice,
                )  # fmt: skip

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Remove the choices for tables that are selected no more."""
        with transaction.atomic():
            for rows in _about(ColumnChoice.objects.filter(connection_id=connection), tables):
                rows.delete()


def _is(table: TableName) -> Q:
    return Q(database=table.database, schema=table.schema, name=table.name)


def _about(rows: QuerySet[_Row], tables: Iterable[TableName]) -> Iterable[QuerySet[_Row]]:
    names = iter(tables)
    while chunk := list(islice(names, _CHUNK)):
        meant = Q()
        for table in chunk:
            meant |= _is(table)
        yield rows.filter(meant)


def _name(row: TableText | CatalogTable) -> TableName:
    return TableName(row.database, row.schema, row.name)


def _identity(table: TableName, source: str) -> str:
    return f"text:{table}:{source}"
