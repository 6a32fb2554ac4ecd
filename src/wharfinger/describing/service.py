"""The verbs of descriptions: what people, dbt and the writer say of tables and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wharfinger import __version__
from wharfinger.catalog.model import Table, not_selected
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName, display_part
from wharfinger.dbt.manifests.files import ManifestFiles
from wharfinger.dbt.manifests.manifest import Manifest
from wharfinger.describing.dbt_texts import match, texts_of
from wharfinger.describing.model import (
    Coverage,
    Description,
    TableDescriptions,
    Texts,
    checked_text,
    covered,
    total,
    winning,
)
from wharfinger.describing.ports import (
    Catalog,
    Choices,
    DescriptionTexts,
    Manifests,
    Profiles,
    Writer,
)
from wharfinger.describing.rules import Evidence
from wharfinger.personal.recognition import Choice
from wharfinger.profiling.units import UNSCANNED


@dataclass(frozen=True, slots=True)
class Described:
    """What was described: the table, the column or None for the table itself, and the description that wins now."""

    table: TableName
    column: str | None
    description: Description | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a dbt manifest: how many selected tables it knows, the tables it knows that nobody selected, and
    its relations that no table of the warehouse is."""

    matched: int
    unselected: tuple[TableName, ...]
    unmatched: tuple[TableName, ...]


class DescriptionService:
    """Describes selected tables; `table` is a name as people type it."""

    def __init__(
        self,
        catalog: Catalog,
        profiles: Profiles,
        texts: DescriptionTexts,
        choices: Choices,
        writer: Writer,
        acts: Acts,
        manifests: Callable[[], Manifests] = ManifestFiles,
    ) -> None:
        self._manifests = manifests
        self._catalog = catalog
        self._profiles = profiles
        self._texts = texts
        self._choices = choices
        self._writer = writer
        self._acts = acts

    def set_text(self, connection: Connection, table: str, text: str, column: str | None = None) -> Described:
        """Keep a person's text for a table or one of its columns; it wins over every other source.

        Raises Invalid for an empty or too long text, NotFound for a table that is not selected or a column it has not.
        """
        return self._human(connection, table, column, checked_text(text), "describe:set")

    def clear_text(self, connection: Connection, table: str, column: str | None = None) -> Described:
        """Take a person's text back; the next source's shows again. Raises as `set_text` does."""
        return self._human(connection, table, column, "", "describe:clear")

    def _human(self, connection: Connection, table: str, column: str | None, text: str, action: str) -> Described:
        found, name = self._place(connection, table, column)
        with self._acts.act(action, _subject(found.name, name), connection.name):
            self._texts.edit(connection.id, "human", found.name, lambda known: known.with_text(name, text))
        described = self.of(connection, found)
        return Described(found.name, name, described.table if name is None else described.columns.get(name))

    def choose_personal(self, connection: Connection, table: str, column: str, choice: Choice | None) -> Described:
        """Keep the owner's word on what a column holds, None to leave it to the recognisers again.

        What is kept of the column is masked at once, and the writer's words on the table are written anew; values that
        were masked come back with the next profile, for which the table is due. Raises NotFound as `set_text` does.
        """
        found, name = self._place(connection, table, column)
        act = self._acts.act("describe:personal", _subject(found.name, name), choice or "by recognisers")
        # Together, or a profile and texts that are kept at this very moment would miss the mask.
        with act, self._texts.exclusive():
            self._choices.choose(connection.id, found.name, str(name), choice)
            self._profiles.heed(connection, found, str(name), choice)
            if self._writer.source in self._texts.of(connection.id, found.name):
                self._texts.put(connection.id, self._writer.source, {found.name: self._written(connection, found)})
        return Described(found.name, name, self.of(connection, found).columns.get(str(name)))

    def _place(self, connection: Connection, table: str, column: str | None) -> tuple[Table, str | None]:
        found = self._catalog.table(connection, table)
        return found, None if column is None else found.column(column).name

    def of(self, connection: Connection, table: Table) -> TableDescriptions:
        """The winning descriptions of a selected table and its columns."""
        return winning(table, self._texts.of(connection.id, table.name))

    def coverage(self, connection: Connection) -> Coverage:
        """How much of what is selected has a text that says more than name and type."""
        kept = self._texts.all(connection.id)
        tables = [table for table in self._catalog.selected(connection) if table.state != "gone"]
        return total(covered(table, winning(table, kept.get(table.name, {}))) for table in tables)

    def import_dbt(self, connection: Connection, manifest: str) -> Imported:
        """Take over what a dbt project says. `manifest` is the path of a manifest, a project or its target folder,
        or an address (s3, https).

        Texts of an earlier import of the same project are replaced. The place is remembered: describing reads it again,
        so that tables selected later get their texts too. Raises Invalid, NotFound, Refused and Unavailable.
        """
        with self._acts.act("dbt:import", connection.name) as act:
            imported, texts = self._import(connection, manifest)
            act.detail = f"{texts} tables"
        return imported

    def _import(self, connection: Connection, manifest: str) -> tuple[Imported, int]:
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
        chosen = [name for name in matches.tables if name in tables]
        others = sorted(name for name in matches.tables if name not in tables)
        return Imported(len(chosen), tuple(others), matches.unmatched), len(texts)

    def describe(self, connection: Connection, names: Sequence[TableName]) -> dict[TableName, WharfingerError]:
        """Describe selected tables: dbt's words from the remembered manifests, then the writer's own.

        Answers the errors of the tables that could not be described; the others are done.
        """
        wanted = set(names)
        tables = self._catalog.named(connection, wanted)
        errors: dict[TableName, WharfingerError] = {
            name: not_selected(name) for name in wanted - {one.name for one in tables}
        }
        for project, place in self._texts.projects(connection.id).items():
            self._reread(connection, project, place, tables)
        written: dict[TableName, Texts] = {}
        with self._texts.exclusive():
            for table in tables:
                try:
                    written[table.name] = self._written(connection, table)
                except WharfingerError as error:
                    errors[table.name] = error
            self._texts.put(connection.id, self._writer.source, written)
        # Nothing else is done with a view, so this is what it was processed with.
        views = [table for table in tables if table.kind in UNSCANNED and table.name not in errors]
        self._catalog.mark_processed(connection, {view.name: view.signature for view in views if view.signature})
        return errors

    def sources(self, connection: Connection) -> str:
        """What descriptions are written from besides the catalog, as one text: the writer and the dbt manifests.

        While it stays the same, an unchanged table need not be described anew.
        """
        projects = sorted(self._texts.projects(connection.id).items())
        versions = [f"{name}:{self._manifests().version(place)}" for name, place in projects]
        return " ".join([__version__, self._writer.source, *versions])

    def _written(self, connection: Connection, table: Table) -> Texts:
        return self._writer.write(Evidence(table, self._profiles.get(connection, table.name)))

    def _reread(self, connection: Connection, project: str, place: str, tables: Sequence[Table]) -> None:
        try:
            read = self._manifests().read_again(place, connection)
        except WharfingerError:
            return  # The project has moved or is being built; what was imported of it stays.
        if read.project == project:
            texts = self._project_texts(connection, read, tables)
            self._texts.put(connection.id, "dbt", texts, project)

    def _project_texts(self, connection: Connection, read: Manifest, tables: Iterable[Table]) -> dict[TableName, Texts]:
        matches = match(read.relations, self._catalog.entries(connection, selected=True), connection.database)
        return {
            table.name: texts_of(table, matches.tables[table.name]) for table in tables if table.name in matches.tables
        }


def _subject(table: TableName, column: str | None) -> str:
    return str(table) if column is None else f"{table}.{display_part(column)}"
