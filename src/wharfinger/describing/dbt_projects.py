"""Imports the descriptions of dbt projects, and reads them again for tables that are described later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wharfinger.catalog.model import Table
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.storage import Writing
from wharfinger.describing.dbt_texts import Place, match, texts_of
from wharfinger.describing.ports import Catalog, DescriptionTexts, Manifests


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import: the number of selected tables with a relation, the tables with one that are not
    selected, and the relations without a table in the warehouse.

    `described` counts the tables that got a text, of their own or of a column, and `columns` the columns that got one.
    The next three say what became of other texts, as `Taken` does. `ephemeral` and `disabled` count the nodes with
    texts that dbt makes no relation of.
    """

    matched: int
    unselected: tuple[TableName, ...]
    unmatched: tuple[TableName, ...]
    described: int = 0
    columns: int = 0
    unmatched_columns: tuple[Place, ...] = ()
    replaced: tuple[Place, ...] = ()
    shortened: tuple[Place, ...] = ()
    ephemeral: int = 0
    disabled: int = 0


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
        taken = {name: texts_of(tables[name], found) for name, found in matches.tables.items() if name in tables}
        texts = {name: one.texts for name, one in taken.items() if one.texts}
        self._texts.replace_project(connection.id, read.project, place, texts)
        return Imported(
            len(taken),
            tuple(sorted(name for name in matches.tables if name not in tables)),
            matches.unmatched,
            described=len(texts),
            columns=sum(len(one.columns) for one in texts.values()),
            unmatched_columns=_sorted(place for one in taken.values() for place in one.unmatched),
            replaced=_sorted(place for one in taken.values() for place in one.replaced),
            shortened=_sorted(place for one in taken.values() for place in one.shortened),
            ephemeral=read.ephemeral,
            disabled=read.disabled,
        )

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
            table.name: texts_of(table, matches.tables[table.name]).texts
            for table in tables
            if table.name in matches.tables
        }
        with writing():
            self._texts.put(connection.id, "dbt", found, project)


def _sorted(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: (place.table, place.column)))
