"""The verbs of the catalog: refresh, list, select, and read what processing needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from wharfinger.catalog.model import Entry, Refreshed, Reread, Selection, Signature, Table, matching
from wharfinger.catalog.ports import Connections, Forget, Lock, OpenSession, Tables
from wharfinger.catalog.reader import SAYS_NO
from wharfinger.catalog.refresh import Refresh, read_details, unreadable
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.events import Audit, Event
from wharfinger.core.names import TableName, parse_pattern
from wharfinger.core.session import Usage


class CatalogService:
    """Reads what exists and keeps what was chosen. Connections are named; tables are patterns of `core.names`."""

    def __init__(
        self,
        connections: Connections,
        tables: Tables,
        open_session: OpenSession,
        audit: Audit,
        lock: Lock,
        forget: Sequence[Forget] = (),
    ) -> None:
        self._connections = connections
        self._tables = tables
        self._open = open_session
        self._audit = audit
        self._lock = lock
        self._forget = forget

    def refresh(self, connection: str, usage: Usage) -> Refreshed:
        """Read the tree of every database of the warehouse, and the details of selected tables.

        A database that refuses the login becomes a note. Raises what Session raises when the connection's own database
        cannot be read; what was known stays.
        """
        target = self._connections.get(connection)
        with self._lock(f"catalog-{target.id}"):
            found = Refresh(target, self._tables, self._open, usage, self._tables.begin(target.id)).run()
        self._audit.record(Event("catalog:refresh", connection, detail=f"{found.tables} tables"))
        return found

    def entries(self, connection: str, *, selected: bool = False, search: str = "") -> Iterator[Entry]:
        """The tree as it was last read; `search` keeps names that hold the text, without case."""
        wanted = search.casefold()
        for entry in self._tables.entries(self._connections.get(connection).id, selected=selected):
            if wanted in str(entry.name).casefold():
                yield entry

    def select(self, connection: str, patterns: Sequence[str], usage: Usage) -> Selection:
        """Select the tables that any pattern means, and read the details of those not selected before.

        Raises Invalid for a pattern of another form, NotFound for one that means no table, what Session raises when
        the details cannot be read; the selection stands then, and the next refresh reads them.
        """
        target = self._connections.get(connection)
        entries = [entry for entry in self._tables.entries(target.id) if entry.state != "gone"]
        names = _match(target, patterns, [entry.name for entry in entries])
        known = {entry.name for entry in entries if entry.selected}
        fresh = [name for name in names if name not in known]
        self._tables.set_selected(target.id, fresh, selected=True)
        if fresh:
            self._audit.record(Event("catalog:select", connection, detail=f"{len(fresh)} tables"))
            self.read_selected(connection, usage, fresh)
        return Selection(self._tables.count_selected(target.id), len(names))

    def deselect(self, connection: str, patterns: Sequence[str]) -> Selection:
        """Take tables back: all that is known of them is forgotten but their names in the tree.

        Raises Invalid and NotFound as `select` does.
        """
        target = self._connections.get(connection)
        entries = list(self._tables.entries(target.id))
        names = _match(target, patterns, [entry.name for entry in entries])
        chosen = {entry.name for entry in entries if entry.selected}
        dropped = [name for name in names if name in chosen]
        for forget in self._forget:
            forget(target.id, dropped)
        self._tables.set_selected(target.id, dropped, selected=False)
        if dropped:
            self._audit.record(Event("catalog:deselect", connection, detail=f"{len(dropped)} tables"))
        return Selection(self._tables.count_selected(target.id), len(names))

    def selected(self, connection: str, patterns: Sequence[str] = ()) -> list[Table]:
        """The selected tables that any pattern means, or all, as last read; gone ones among them.

        Raises Invalid and NotFound as `select` does.
        """
        target = self._connections.get(connection)
        if not patterns:
            return self._tables.selected(target.id)
        return self._tables.selected(target.id, names=set(_match(target, patterns, self._chosen(target))))

    def named(self, connection: str, names: Collection[TableName]) -> list[Table]:
        """Those of `names` that are selected, as last read."""
        return self._tables.selected(self._connections.get(connection).id, names=set(names))

    def table(self, connection: str, text: str) -> Table:
        """The one selected table that `text` names.

        Raises NotFound, with names near to it, or saying that the table is there and not selected; Invalid for a name
        of another form, or one that means several tables.
        """
        target = self._connections.get(connection)
        chosen = self._chosen(target)
        if not any(_means(target, text, name) for name in chosen):
            others = [entry.name for entry in self._tables.entries(target.id) if _means(target, text, entry.name)]
            if others:
                raise NotFound(
                    "Table not selected",
                    subject=str(others[0]),
                    why="nothing but its name is kept of a table that is not selected",
                    next_step=f"Select it: wharfinger tables select {connection} '{others[0]}'",
                )
        found = _match(target, [text], chosen)
        if len(found) > 1:
            raise Invalid(
                "Name one table",
                subject=text,
                why=f"it means {len(found)} of the selected tables",
                next_step=f"Look at `wharfinger tables list {connection} --selected`",
            )
        (table,) = self._tables.selected(target.id, names=found)
        return table

    def read_selected(self, connection: str, usage: Usage, names: Sequence[TableName] | None = None) -> Reread:
        """Read the details and signatures of selected tables anew, of all or of `names`.

        What is there no more is marked gone and left out of the answer; a database that refuses the login becomes a
        note. Raises what Session raises when the connection's own database cannot be read.
        """
        target = self._connections.get(connection)
        wanted = set(names) if names is not None else None
        read: list[Table] = []
        notes: list[str] = []
        unread: set[str] = set()
        with self._lock(f"catalog-{target.id}"):
            chosen = self._chosen(target)
            for database in sorted({name.database for name in chosen if wanted is None or name in wanted}):
                try:
                    tables, told = read_details(target, self._tables, self._open, usage, database, wanted)
                except SAYS_NO as error:
                    if database == target.database:
                        raise
                    unread.add(database)
                    notes.append(unreadable(database, error))
                else:
                    read += tables
                    notes += told
        return Reread(tuple(read), tuple(notes), frozenset(unread))

    def mark_processed(self, connection: str, signatures: Mapping[TableName, Signature]) -> None:
        """Note the signature that each table had when its processing began; it is not new or changed any more."""
        self._tables.mark_processed(self._connections.get(connection).id, signatures)

    def _chosen(self, target: Connection) -> list[TableName]:
        return [entry.name for entry in self._tables.entries(target.id, selected=True)]


def _means(target: Connection, text: str, name: TableName) -> bool:
    return parse_pattern(text).matches(name, default_database=target.database)


def _match(target: Connection, patterns: Sequence[str], names: Sequence[TableName]) -> list[TableName]:
    return matching([parse_pattern(text) for text in patterns], names, default_database=target.database)
