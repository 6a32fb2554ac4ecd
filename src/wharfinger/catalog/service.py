"""The verbs of the catalog: refresh, list, select, and read what processing needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from wharfinger.catalog.model import Entry, Refreshed, Reread, Selection, Signature, Table, matching
from wharfinger.catalog.ports import Forget, Lock, OpenSession, Tables
from wharfinger.catalog.reader import SAYS_NO
from wharfinger.catalog.refresh import Refresh, read_details, unreadable
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import TableName, parse_pattern
from wharfinger.core.session import Usage
from wharfinger.core.verbs import call


class CatalogService:
    """Reads what exists and keeps what was chosen. Tables are patterns of `core.names`."""

    def __init__(
        self,
        tables: Tables,
        open_session: OpenSession,
        acts: Acts,
        lock: Lock,
        forget: Sequence[Forget] = (),
    ) -> None:
        self._tables = tables
        self._open = open_session
        self._acts = acts
        self._lock = lock
        self._forget = forget

    def refresh(self, connection: Connection, usage: Usage) -> Refreshed:
        """Read the tree of every database of the warehouse, and the details of selected tables.

        A database that refuses the login becomes a note. Raises what Session raises when the connection's own database
        cannot be read; what was known stays.
        """
        with self._acts.act("tables:refresh", connection.name) as act:
            with self._lock(f"catalog-{connection.id}"):
                found = Refresh(connection, self._tables, self._open, usage, self._tables.begin(connection.id)).run()
            act.detail = f"{found.tables} tables"
        return found

    def entries(self, connection: Connection, *, selected: bool = False, search: str = "") -> Iterator[Entry]:
        """The tree as it was last read; `search` keeps names that hold the text, without case."""
        wanted = search.casefold()
        for entry in self._tables.entries(connection.id, selected=selected):
            if wanted in str(entry.name).casefold():
                yield entry

    def select(self, connection: Connection, patterns: Sequence[str], usage: Usage) -> Selection:
        """Select the tables that any pattern means, and read the details of those not selected before.

        Raises Invalid for a pattern of another form, NotFound for one that means no table, what Session raises when
        the details cannot be read; the selection stands then, and the next refresh reads them.
        """
        entries = [entry for entry in self._tables.entries(connection.id) if entry.state != "gone"]
        names = _match(connection, patterns, [entry.name for entry in entries])
        known = {entry.name for entry in entries if entry.selected}
        fresh = [name for name in names if name not in known]
        if fresh:
            with self._acts.act("tables:select", connection.name, f"{len(fresh)} tables"):
                self._tables.set_selected(connection.id, fresh, selected=True)
                self.read_selected(connection, usage, fresh)
        return Selection(self._tables.count_selected(connection.id), len(names))

    def deselect(self, connection: Connection, patterns: Sequence[str]) -> Selection:
        """Take tables back: all that is known of them is forgotten but their names in the tree.

        Raises Invalid and NotFound as `select` does.
        """
        entries = list(self._tables.entries(connection.id))
        names = _match(connection, patterns, [entry.name for entry in entries])
        chosen = {entry.name for entry in entries if entry.selected}
        dropped = [name for name in names if name in chosen]
        if dropped:
            with self._acts.act("tables:deselect", connection.name, f"{len(dropped)} tables"):
                for forget in self._forget:
                    forget(connection.id, dropped)
                self._tables.set_selected(connection.id, dropped, selected=False)
        return Selection(self._tables.count_selected(connection.id), len(names))

    def selected(self, connection: Connection, patterns: Sequence[str] = ()) -> list[Table]:
        """The selected tables that any pattern means, or all, as last read; gone ones among them.

        Raises Invalid and NotFound as `select` does.
        """
        if not patterns:
            return self._tables.selected(connection.id)
        return self._tables.selected(connection.id, names=set(_match(connection, patterns, self._chosen(connection))))

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]:
        """Those of `names` that are selected, as last read."""
        return self._tables.selected(connection.id, names=set(names))

    def table(self, connection: Connection, text: str) -> Table:
        """The one selected table that `text` names.

        Raises NotFound, with names near to it, or saying that the table is there and not selected; Invalid for a name
        of another form, or one that means several tables.
        """
        chosen = self._chosen(connection)
        if not any(_means(connection, text, name) for name in chosen):
            others = [
                entry.name for entry in self._tables.entries(connection.id) if _means(connection, text, entry.name)
            ]
            if others:
                raise NotFound(
                    "Table not selected",
                    subject=str(others[0]),
                    why="nothing but its name is kept of a table that is not selected",
                    next_step="Select it",
                    call=call("tables:select", connection=connection.name, patterns=str(others[0])),
                )
        found = _match(connection, [text], chosen)
        if len(found) > 1:
            raise Invalid(
                "Name one table",
                subject=text,
                why=f"it means {len(found)} of the selected tables",
                next_step="See which tables are selected",
                call=call("tables:list", connection=connection.name, search=text),
            )
        (table,) = self._tables.selected(connection.id, names=found)
        return table

    def read_selected(self, connection: Connection, usage: Usage, names: Sequence[TableName] | None = None) -> Reread:
        """Read the details and signatures of selected tables anew, of all or of `names`.

        What is there no more is marked gone and left out of the answer; a database that refuses the login becomes a
        note. Raises what Session raises when the connection's own database cannot be read.
        """
        wanted = set(names) if names is not None else None
        read: list[Table] = []
        notes: list[str] = []
        unread: set[str] = set()
        with self._lock(f"catalog-{connection.id}"):
            chosen = self._chosen(connection)
            for database in sorted({name.database for name in chosen if wanted is None or name in wanted}):
                try:
                    tables, told = read_details(connection, self._tables, self._open, usage, database, wanted)
                except SAYS_NO as error:
                    if database == connection.database:
                        raise
                    unread.add(database)
                    notes.append(unreadable(database, error))
                else:
                    read += tables
                    notes += told
        return Reread(tuple(read), tuple(notes), frozenset(unread))

    def mark_processed(self, connection: Connection, signatures: Mapping[TableName, Signature]) -> None:
        """Note the signature that each table had when its processing began; it is not new or changed any more."""
        self._tables.mark_processed(connection.id, signatures)

    def _chosen(self, connection: Connection) -> list[TableName]:
        return [entry.name for entry in self._tables.entries(connection.id, selected=True)]


def _means(connection: Connection, text: str, name: TableName) -> bool:
    return parse_pattern(text).matches(name, default_database=connection.database)


def _match(connection: Connection, patterns: Sequence[str], names: Sequence[TableName]) -> list[TableName]:
    return matching([parse_pattern(text) for text in patterns], names, default_database=connection.database)
