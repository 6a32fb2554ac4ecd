"""The verbs of descriptions: texts from people, dbt and the writer, and the owners' choices about personal data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wharfinger import __version__
from wharfinger.catalog.model import Table, not_selected
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.counts import counted
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName, display_part
from wharfinger.core.storage import Writing
from wharfinger.describing.coverage import Coverage, covered, total
from wharfinger.describing.dbt_projects import DbtProjects, Imported
from wharfinger.describing.edits import ClearText, Edit, SetText
from wharfinger.describing.model import Described, TableDescriptions, Texts, checked_text, strongest
from wharfinger.describing.ports import Catalog, Choices, DescriptionTexts, Manifests, Profiles, Writer
from wharfinger.describing.rules import Evidence
from wharfinger.personal.model import Choice
from wharfinger.profiling.due import SCANNED_ON_REQUEST


class DescriptionService:
    """Describes selected tables. In the verbs of people, `table` is a name as typed."""

    def __init__(
        self,
        catalog: Catalog,
        profiles: Profiles,
        texts: DescriptionTexts,
        choices: Choices,
        writer: Writer,
        acts: Acts,
        manifests: Callable[[], Manifests],
    ) -> None:
        self._catalog = catalog
        self._profiles = profiles
        self._texts = texts
        self._choices = choices
        self._writer = writer
        self._acts = acts
        self._projects = DbtProjects(catalog, texts, manifests)

    def edit(self, connection: Connection, table: str, edit: Edit) -> Described:
        """Apply one edit with `set_text`, `clear_text` or `choose_personal`. Raises what that method raises."""
        if isinstance(edit, SetText):
            return self.set_text(connection, table, edit.text, edit.column)
        if isinstance(edit, ClearText):
            return self.clear_text(connection, table, edit.column)
        return self.choose_personal(connection, table, edit.column, edit.choice)

    def set_text(self, connection: Connection, table: str, text: str, column: str | None = None) -> Described:
        """Store a person's text for a table or one of its columns; it is shown in place of every other source's text.

        Raises Refused, Invalid for an empty or too long text, and NotFound for a table that is not selected or a column
        that does not exist.
        """
        return self._set_human(connection, table, column, checked_text(text), "describe:set")

    def clear_text(self, connection: Connection, table: str, column: str | None = None) -> Described:
        """Remove a person's text; the next source's text is shown again. Raises as `set_text` does."""
        return self._set_human(connection, table, column, "", "describe:clear")

    def _set_human(self, connection: Connection, table: str, column: str | None, text: str, verb: str) -> Described:
        self._acts.require(verb, table)
        found, name = self._find(connection, table, column)
        with self._acts.act(verb, _subject(found.name, name), connection.name):
            self._texts.edit(connection.id, "human", found.name, lambda known: known.with_text(name, text))
        described = self.of(connection, found)
        return Described(found.name, name, described.table if name is None else described.columns.get(name))

    def choose_personal(self, connection: Connection, table: str, column: str, choice: Choice | None) -> Described:
        """Store the owner's choice about a column; None leaves the column to automatic recognition again.

        Stored values of the column are masked at once, and the writer's texts about the table are written again. Masked
        values become visible with the next profile; the table is due for it. Raises as `set_text` does.
        """
        self._acts.require("describe:personal", table)
        found = self._catalog.table(connection, table)
        name = found.column(column).name
        act = self._acts.act("describe:personal", _subject(found.name, name), choice or "automatic recognition")
        # One transaction, or a profile and texts that are being stored at this moment would miss the mask. The act
        # begins before it, so that its record is not rolled back with it.
        with act, self._texts.exclusive():
            self._choices.choose(connection.id, found.name, name, choice)
            self._profiles.apply_choice(connection, found, name, choice)
            if self._writer.source in self._texts.of(connection.id, found.name):
                self._texts.put(connection.id, self._writer.source, {found.name: self._write(connection, found)})
        return Described(found.name, name, self.of(connection, found).columns.get(name))

    def import_dbt(self, connection: Connection, manifest: str) -> Imported:
        """Import the descriptions of a dbt project. `manifest` is the path of a manifest, of a project or of its target
        folder, or an address (s3, https).

        Texts of an earlier import of the same project are replaced. The place is stored: `describe` reads the manifest
        again, so that tables selected later get their texts too. Raises Invalid, NotFound, Refused and Unavailable.
        """
        with self._acts.act("dbt:import", connection.name) as act:
            imported = self._projects.import_manifest(connection, manifest)
            act.detail = counted(imported.described, "table")
        return imported

    def of(self, connection: Connection, table: Table) -> TableDescriptions:
        """The shown descriptions of a selected table and its columns."""
        return strongest(table, self._texts.of(connection.id, table.name))

    def coverage(self, connection: Connection) -> Coverage:
        """How many of the selected tables and their columns have a text that says more than name and type."""
        stored = self._texts.all(connection.id)
        tables = [table for table in self._catalog.selected(connection) if table.state != "gone"]
        return total(covered(table, strongest(table, stored.get(table.name, {}))) for table in tables)

    def describe(
        self, connection: Connection, names: Sequence[TableName], writing: Writing | None = None
    ) -> dict[TableName, WharfingerError]:
        """Describe selected tables: with the texts of the imported dbt projects, and with those of the writer.

        Returns the errors of the tables that could not be described; the texts of the others are stored, in a
        transaction of `writing`. Raises what that raises.
        """
        writing = writing or self._texts.exclusive
        wanted = set(names)
        tables = self._catalog.named(connection, wanted)
        errors: dict[TableName, WharfingerError] = {
            name: not_selected(name) for name in wanted - {one.name for one in tables}
        }
        self._projects.reread(connection, tables, writing)
        written: dict[TableName, Texts] = {}
        with writing():
            for table in tables:
                try:
                    written[table.name] = self._write(connection, table)
                except WharfingerError as error:
                    errors[table.name] = error
            self._texts.put(connection.id, self._writer.source, written)
        # Views are profiled only on request, so describing them completes their processing.
        views = [table for table in tables if table.kind in SCANNED_ON_REQUEST and table.name not in errors]
        with writing():
            self._catalog.mark_processed(connection, {view.name: view.signature for view in views if view.signature})
        return errors

    def sources(self, connection: Connection) -> str:
        """The versions of the writer and of the dbt manifests, from which descriptions are written, as one text.

        While it stays the same, an unchanged table need not be described again.
        """
        return " ".join([__version__, self._writer.source, *self._projects.versions(connection)])

    def _find(self, connection: Connection, table: str, column: str | None) -> tuple[Table, str | None]:
        found = self._catalog.table(connection, table)
        return found, None if column is None else found.column(column).name

    def _write(self, connection: Connection, table: Table) -> Texts:
        return self._writer.write(Evidence(table, self._profiles.get(connection, table.name)))


def _subject(table: TableName, column: str | None) -> str:
    return str(table) if column is None else f"{table}.{display_part(column)}"
