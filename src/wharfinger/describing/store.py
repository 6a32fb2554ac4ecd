"""Descriptions in the store, and where imported dbt projects have their manifests."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, cast

from wharfinger.catalog.store_rows import about, is_table, name_of
from wharfinger.core.names import TableName
from wharfinger.core.secret import Sealer
from wharfinger.describing.model import Source, Texts
from wharfinger.store.models import CatalogTable, DbtProject, TableText
from wharfinger.store.transactions import exclusive

_SEALED: frozenset[Source] = frozenset(("ai", "rules"))
"""The sources whose texts may contain numbers and dates from a table."""
_CHUNK = 200


class DescriptionStore:
    """Holds the texts of each source separately. Every method takes the connection's id."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which no other process writes to the store."""
        return exclusive()

    def of(self, connection: str, table: TableName) -> dict[Source, Texts]:
        """The texts of each source about a table. Raises Conflict when a sealed text was tampered with."""
        rows = TableText.objects.filter(connection_id=connection).filter(is_table(table))
        return {cast(Source, row.source): self._texts(row) for row in rows}

    def all(self, connection: str) -> dict[TableName, dict[Source, Texts]]:
        """The same for every table that has a text."""
        found: dict[TableName, dict[Source, Texts]] = {}
        for row in TableText.objects.filter(connection_id=connection).iterator(500):
            found.setdefault(name_of(row), {})[cast(Source, row.source)] = self._texts(row)
        return found

    def put(self, connection: str, source: Source, texts: Mapping[TableName, Texts], project: str = "") -> None:
        """Replace the texts of `source` about these tables; empty texts are removed.

        Tables that are not selected are left out. `project` is the dbt project of the texts.
        """
        with exclusive():
            self._put(connection, source, texts, project)

    def edit(self, connection: str, source: Source, table: TableName, change: Callable[[Texts], Texts]) -> None:
        """Change the texts of `source` about one table, in one transaction."""
        with exclusive():
            row = TableText.objects.filter(connection_id=connection, source=source).filter(is_table(table)).first()
            self._put(connection, source, {table: change(self._texts(row) if row else Texts())}, "")

    def replace_project(self, connection: str, project: str, path: str, texts: Mapping[TableName, Texts]) -> None:
        """Replace all texts of a dbt project, and store where its manifest is."""
        with exclusive():
            TableText.objects.filter(connection_id=connection, source="dbt", project=project).delete()
            self._put(connection, "dbt", texts, project)
            DbtProject.objects.update_or_create(
                connection_id=connection, project=project, defaults={"path": path, "at": datetime.now(UTC)}
            )

    def projects(self, connection: str) -> dict[str, str]:
        """The imported dbt projects with the places of their manifests, the last imported last."""
        rows = DbtProject.objects.filter(connection_id=connection).order_by("at", "id")
        return {row.project: row.path for row in rows}

    def written(self, connection: str, tables: Collection[TableName]) -> dict[TableName, dict[str, str]]:
        """The texts that people wrote about these tables, by column, "" for the table itself.

        Tables without one are left out.
        """
        human = TableText.objects.filter(connection_id=connection, source="human")
        return {name_of(row): self._by_column(row) for rows in about(human, tables) for row in rows}

    def write(self, connection: str, texts: Mapping[TableName, Mapping[str, str]]) -> None:
        """Store texts that `written` returned, for tables that are selected."""
        split = {
            table: Texts(one.get("", ""), {column: text for column, text in one.items() if column})
            for table, one in texts.items()
        }
        self.put(connection, "human", split)

    def count_written(self, connection: str) -> int:
        """How many texts people wrote about the tables of a connection and their columns."""
        human = TableText.objects.filter(connection_id=connection, source="human")
        return sum(len(self._by_column(row)) for row in human.iterator(500))

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Delete every text about these tables."""
        with exclusive():
            for rows in about(TableText.objects.filter(connection_id=connection), tables):
                rows.delete()

    def _by_column(self, row: TableText) -> dict[str, str]:
        texts = self._texts(row)
        return {**({"": texts.table} if texts.table else {}), **texts.columns}

    def _put(self, connection: str, source: Source, texts: Mapping[TableName, Texts], project: str) -> None:
        for rows in about(TableText.objects.filter(connection_id=connection, source=source), texts):
            rows.delete()
        # A table that was just deselected must not get a text again.
        selected = {
            name_of(row)
            for rows in about(CatalogTable.objects.filter(connection_id=connection, selected=True), texts)
            for row in rows
        }
        now = datetime.now(UTC)
        TableText.objects.bulk_create(
            [
                TableText(
                    connection_id=connection, database=name.database, schema=name.schema, name=name.name,
                    source=source, project=project, at=now, **self._content(connection, source, name, one),
                )
                for name, one in texts.items() if one and name in selected
            ],
            batch_size=_CHUNK,
        )  # fmt: skip

    def _content(self, connection: str, source: Source, name: TableName, texts: Texts) -> dict[str, Any]:
        document = {"table": texts.table, "columns": dict(texts.columns)}
        if source not in _SEALED:
            return {"texts": document}
        return {"sealed": self._sealer.seal(connection, _identity(name, source), json.dumps(document).encode())}

    def _texts(self, row: TableText) -> Texts:
        document: dict[str, Any] = row.texts or {"table": "", "columns": {}}
        if row.sealed is not None:
            identity = _identity(name_of(row), row.source)
            document = json.loads(self._sealer.open(row.connection_id, identity, bytes(row.sealed)))
        return Texts(document["table"], document["columns"])


def _identity(table: TableName, source: str) -> str:
    return f"text:{table}:{source}"
