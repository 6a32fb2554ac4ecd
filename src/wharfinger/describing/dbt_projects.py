"""Imports the descriptions of dbt projects, and reads them again for tables that are described later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wharfinger.catalog.model import Table
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.storage import Writing
from wharfinger.describing.dbt_texts import match, texts_of
from wharfinger.describing.ports import Catalog, DescriptionTexts, Manifests


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import: the number of selected tables with a relation, the tables with one that are not
    selected, and the relations without a table in the warehouse. `described` counts the tables that got a text."""

    matched: int
    unselected: tuple[TableName, ...]
    unmatched: tuple[TableName, ...]
    described: int = 0


class DbtProjects:
    """The dbt projects imported for a connection."""

    def __init__(self, catalog: Catalog, texts: DescriptionTexts, manifests: Callable[[], Manifests]) -> None:
        self._catalog = catalog
        self._texts = texts
        self._manifests = manifests

    def import_manifest(self, connection: Connection, manifest: str) -> Imported:
        """Replace the texts of a dbt project by those of its manifest, and store where the manifest is.

        Raises what `Manifests.place` and `Manifests.read` raise.
        """
        place = self._manifests().place(manifest)
        read = self._manifests().read(place, connection)
        tables = {table.name: table for table in self._catalog.selected(connection)}
        matches = match(read.relations, self._catalog.entries(connection), connection.database)
        texts = {
            name: found
            for name, relations in matches.tables.items()
            if name in tables and (found := texts_of(tables[name], relations))
        }
        self._texts.replace_project(connection.id, read.project, place, texts)
        selected = [name for name in matches.tables if name in tables]
        others = sorted(name for name in matches.tables if name not in tables)
        return Imported(len(selected), tuple(others), matches.unmatched, len(texts))

    def reread(self, connection: Connection, tables: Sequence[Table], writing: Writing) -> None:
        """Store what the imported projects' manifests say about `tables` now, in transactions of `writing`."""
        for project, place in self._texts.projects(connection.id).items():
            self._reread(connection, project, place, tables, writing)

    def versions(self, connection: Connection) -> list[str]:
        """`project:version` for each imported project; a version changes when the manifest does."""
        projects = sorted(self._texts.projects(connection.id).items())
        return [f"{name}:{self._manifests().version(place)}" for name, place in projects]

    def _reread(
        self, connection: Connection, project: str, place: str, tables: Sequence[Table], writing: Writing
    ) -> None:
        try:
            read = self._manifests().read_again(place, connection)
        except WharfingerError:
            return  # The project has moved or is being built; the texts imported before stay.
        if read.project != project:
            return
        matches = match(read.relations, self._catalog.entries(connection, selected=True), connection.database)
        found = {
            table.name: texts_of(table, matches.tables[table.name]) for table in tables if table.name in matches.tables
        }
        with writing():
            self._texts.put(connection.id, "dbt", found, project)
