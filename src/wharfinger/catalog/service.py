"""The verbs of the catalog: refresh, list, select, deselect; and what other capabilities read of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from wharfinger.catalog.matching import matches, matching, parsed
from wharfinger.catalog.model import Entry, Refreshed, Reread, Selection, Signature, Table
from wharfinger.catalog.ports import Forget, Kept, Lock, OpenSession, Tables
from wharfinger.catalog.reader import CANNOT_READ
from wharfinger.catalog.refresh import Refresh, read_details, unread_note
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.by_people import ByPeople
from wharfinger.core.counts import counted
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.verbs import call


class CatalogService:
    """Reads which tables exist, and stores which of them are selected. Patterns are those of `core.names`."""

    def __init__(
        self,
        tables: Tables,
        open_session: OpenSession,
        acts: Acts,
        lock: Lock,
        kept: Kept,
        forget: Sequence[Forget] = (),
    ) -> None:
        self._tables = tables
        self._open = open_session
        self._acts = acts
        self._lock = lock
        self._kept = kept
        self._forget = forget

    def refresh(self, connection: Connection, usage: Usage) -> Refreshed:
        """Read the tree of every database of the warehouse, and the details of selected tables.

        A database that cannot be read becomes a note. Raises Refused, and what `Session.run` raises when the
        connection's own database cannot be read, or Stopped while another process reads; the store is unchanged then.
        """
        with self._acts.act("tables:refresh", connection.name) as act:
            with self._lock(f"catalog-{connection.id}", usage.stop):
                found = Refresh(connection, self._tables, self._open, usage, self._tables.begin(connection.id)).run()
            act.detail = counted(found.tables, "table")
        return found

    def list_tables(self, connection: Connection, *, selected: bool = False, search: str = "") -> list[Entry]:
        """The tree at the last refresh, ordered by name: all tables, or only the selected ones.

        `search` limits it to names that contain the text, in any case. Raises Refused.
        """
        self._acts.require("tables:list", connection.name)
        wanted = search.casefold()
        entries = self._tables.entries(connection.id, selected=selected)
        return [entry for entry in entries if wanted in str(entry.name).casefold()]

    def entries(self, connection: Connection, *, selected: bool = False) -> Iterator[Entry]:
        """The same for other capabilities, streamed."""
        return self._tables.entries(connection.id, selected=selected)

    def select(
        self, connection: Connection, patterns: Sequence[str], usage: Usage, *, forget: bool = False
    ) -> Selection:
        """Select the tables that match a pattern, and read the details of those not selected before.

        What people wrote and decided about them before they were deselected is brought back; with `forget` it is
        deleted instead.

        Raises Invalid for a text that is no pattern, NotFound for one that matches no table, and what `Session.run`
        raises when the details cannot be read; the tables are selected then, and the next refresh reads their details.
        """
        self._acts.require("tables:select", connection.name)
        entries = [entry for entry in self._tables.entries(connection.id) if entry.state != "gone"]
        names = matching(patterns, [entry.name for entry in entries], connection, "tables:select")
        known = {entry.name for entry in entries if entry.selected}
        fresh = [name for name in names if name not in known]
        by_people = ByPeople()
        if fresh:
            by_people = self._select(connection, fresh, forget=forget, usage=usage)
        return Selection(self._tables.count_selected(connection.id), len(names), len(fresh), by_people)

    def _select(self, connection: Connection, fresh: list[TableName], *, forget: bool, usage: Usage) -> ByPeople:
        kept = self._kept
        with self._acts.act("tables:select", connection.name, counted(len(fresh), "table")) as act:
            with kept.exclusive():
                self._tables.set_selected(connection.id, fresh, selected=True)
                found = (kept.forget if forget else kept.restore)(connection.id, fresh)
            act.detail = _detail(fresh, found, "deleted" if forget else "brought back")
            self.read_selected(connection, usage, fresh)
        return found

    def deselect(self, connection: Connection, patterns: Sequence[str], *, forget: bool = False) -> Selection:
        """Deselect the tables that match a pattern. Everything stored about them but their names is deleted, except
        what people wrote and decided: that is kept, sealed and shown nowhere, until the table is selected again.

        With `forget` that is deleted too, also where it is kept of tables that were deselected before, which need not
        exist any more. Raises Invalid and NotFound as `select` does.
        """
        self._acts.require("tables:deselect", connection.name)
        entries = list(self._tables.entries(connection.id))
        kept = set(self._kept.names(connection.id)) if forget else set()
        known = [entry.name for entry in entries]
        names = matching(patterns, sorted({*known, *kept}) if kept else known, connection, "tables:deselect")
        chosen = {entry.name for entry in entries if entry.selected}
        dropped = [name for name in names if name in chosen]
        forgotten = [name for name in names if name in kept]
        by_people = ByPeople()
        if dropped or forgotten:
            with self._acts.act("tables:deselect", connection.name) as act:
                by_people = self._deselect(connection, dropped, forgotten, forget=forget)
                act.detail = _detail(dropped, by_people, "deleted" if forget else "kept")
        return Selection(self._tables.count_selected(connection.id), len(names), len(dropped), by_people)

    def _deselect(
        self, connection: Connection, dropped: list[TableName], forgotten: list[TableName], *, forget: bool
    ) -> ByPeople:
        with self._kept.exclusive():
            found = self._kept.keep(connection.id, dropped)
            if forget:
                found = self._kept.forget(connection.id, {*dropped, *forgotten})
            for delete in self._forget:
                delete(connection.id, dropped)
            self._tables.set_selected(connection.id, dropped, selected=False)
        return found

    def selected(self, connection: Connection, patterns: Sequence[str] = ()) -> list[Table]:
        """The selected tables that match a pattern, or all, as last read; those that are gone are included.

        Raises Invalid and NotFound as `select` does.
        """
        if not patterns:
            return self._tables.selected(connection.id)
        chosen = self._chosen(connection)
        for text in patterns:
            self._require_selected(connection, text, chosen, patterns, "process:start")
        names = matching(patterns, chosen, connection, "process:start")
        return self._tables.selected(connection.id, names=set(names))

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]:
        """Those of `names` that are selected, as last read."""
        return self._tables.selected(connection.id, names=set(names))

    def table(self, connection: Connection, text: str) -> Table:
        """The one selected table that `text` names.

        Raises NotFound with similar names, or saying that the table exists and is not selected; Invalid for a text that
        is no name, or one that matches several tables.
        """
        chosen = self._chosen(connection)
        self._require_selected(connection, text, chosen)
        found = matching([text], chosen, connection)
        if len(found) > 1:
            raise Invalid(
                "Name one table",
                subject=text,
                why=f"it matches {len(found)} of the selected tables",
                fields=["table"],
                next_step="Name one of them, as in the list of tables",
                call=call("tables:list", connection=connection.name),
            )
        (table,) = self._tables.selected(connection.id, names=found)
        return table

    def read_selected(self, connection: Connection, usage: Usage, names: Sequence[TableName] | None = None) -> Reread:
        """Read the details and signatures of selected tables again, of all or of `names`.

        Tables that no longer exist are marked as gone and left out of the result; a database that cannot be read
        becomes a note. Raises what `Session.run` raises when that is the connection's own database, and Stopped when
        `usage.stop` is set while another process reads.
        """
        wanted = set(names) if names is not None else None
        read: list[Table] = []
        notes: list[str] = []
        unread: set[str] = set()
        with self._lock(f"catalog-{connection.id}", usage.stop):
            chosen = self._chosen(connection)
            for database in sorted({name.database for name in chosen if wanted is None or name in wanted}):
                try:
                    tables, remarks = read_details(connection, self._tables, self._open, usage, database, wanted)
                except CANNOT_READ as error:
                    if database == connection.database:
                        raise
                    unread.add(database)
                    notes.append(unread_note(database, error))
                else:
                    read += tables
                    notes += remarks
        return Reread(tuple(read), tuple(notes), frozenset(unread))

    def mark_processed(self, connection: Connection, signatures: Mapping[TableName, Signature]) -> None:
        """Store the signature that each table had when its processing began; it is no longer new or changed."""
        self._tables.mark_processed(connection.id, signatures)

    def _require_selected(
        self,
        connection: Connection,
        text: str,
        chosen: Sequence[TableName],
        patterns: Sequence[str] = (),
        verb: str = "",
    ) -> None:
        """Raises NotFound where `text` matches known tables of which none is among the selected ones, `chosen`."""
        pattern = parsed(text, chosen, connection, patterns, verb)
        if any(matches(pattern, name, connection) for name in chosen):
            return
        others = [one.name for one in self._tables.entries(connection.id) if matches(pattern, one.name, connection)]
        if others:
            one = len(others) == 1
            subject = str(others[0]) if one else text
            raise NotFound(
                "Table not selected" if one else "Tables not selected",
                subject=subject,
                why="only the name of a table that is not selected is stored",
                next_step="Select it first" if one else "Select them first",
                call=call("tables:select", connection=connection.name, patterns=subject),
            )

    def _chosen(self, connection: Connection) -> list[TableName]:
        return [entry.name for entry in self._tables.entries(connection.id, selected=True)]


def _detail(tables: Sequence[TableName], by_people: ByPeople, what: str) -> str:
    """The detail of the record of a selection, such as `3 tables, 2 texts kept`."""
    parts = [counted(len(tables), "table") if tables else "", f"{by_people} {what}" if by_people else ""]
    return ", ".join(filter(None, parts))
