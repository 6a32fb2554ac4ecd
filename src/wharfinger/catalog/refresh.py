"""One refresh of a connection: reads its databases one after another, each in a separate session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from wharfinger.catalog.assemble import assemble
from wharfinger.catalog.model import Refreshed, Table
from wharfinger.catalog.ports import OpenSession, Tables
from wharfinger.catalog.reader import CANNOT_READ, Facts, Key, Relation, Wanted, read_database
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage

_HIDDEN_DATABASES = ("template0", "template1", "padb_harvest", "awsdatacatalog", "sys:internal")


@dataclass(slots=True)
class Refresh:
    """Reads the trees of all databases and the details of selected tables, and stores them under one refresh number."""

    connection: Connection
    tables: Tables
    open_session: OpenSession
    usage: Usage
    number: int
    databases: int = 0
    found: int = 0
    changed: list[TableName] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def run(self) -> Refreshed:
        """Read all databases. One that cannot be read becomes a note; for the connection's own, the error is raised."""
        own = self.connection.database
        others = self._read(own, with_databases=True).databases or []
        for name, kind in sorted(others):
            if name != own and name not in _HIDDEN_DATABASES:
                self._read_other(name, kind)
        new, gone = self.tables.finish(self.connection.id, self.number, self.unread)
        return Refreshed(
            databases=self.databases,
            tables=self.found,
            new=tuple(new),
            changed=tuple(sorted(self.changed)),
            gone=tuple(gone),
            notes=tuple(self.notes),
        )

    def _read_other(self, database: str, kind: str) -> None:
        if kind != "local":
            self.notes.append(f"{database}: not read: a {kind} database accepts no sessions")
            return
        try:
            self._read(database)
        except CANNOT_READ as error:
            self.unread.append(database)
            self.notes.append(unread_note(database, error))

    def _read(self, database: str, *, with_databases: bool = False) -> Facts:
        before = _by_key(self.tables.selected(self.connection.id, database))

        def save(relations: Iterator[Relation]) -> None:
            self.found += self.tables.mark_seen(self.connection.id, database, self.number, relations)

        wanted = Wanted(frozenset(before), databases=with_databases)
        tables, facts = _read_database(self.open_session, self.connection, self.usage, database, wanted, before, save)
        # A table that was new at the last refresh is no longer new at this one.
        tables = [replace(table, state="ok") if table.state == "new" else table for table in tables]
        self.tables.save(self.connection.id, tables)
        self.changed += [table.name for table in tables if table.state == "changed"]
        self.notes += facts.notes
        self.databases += 1
        return facts


def read_details(
    connection: Connection,
    tables: Tables,
    open_session: OpenSession,
    usage: Usage,
    database: str,
    names: Collection[TableName] | None,
) -> tuple[list[Table], list[str]]:
    """Read the details of a database's selected tables again, of all or of `names`, and store them.

    Returns the tables that exist, and notes for people. The others are marked as gone. Raises what `Session.run`
    raises.
    """
    before = _by_key(tables.selected(connection.id, database))
    keys = frozenset(key for key, table in before.items() if names is None or table.name in names)
    read, facts = _read_database(open_session, connection, usage, database, Wanted(keys, tree=False), before, _discard)
    read = [table for table in read if _key_of(table.name) in keys]
    tables.save(connection.id, read)
    present = {_key_of(table.name) for table in read}
    tables.mark_gone(connection.id, [before[key].name for key in keys - present])
    return read, facts.notes


def _read_database(
    open_session: OpenSession,
    connection: Connection,
    usage: Usage,
    database: str,
    wanted: Wanted,
    before: Mapping[Key, Table],
    consume: Callable[[Iterator[Relation]], None],
) -> tuple[list[Table], Facts]:
    """The selected tables as they are now, and all else that was read; `consume` gets every relation as it arrives."""
    seen: list[Relation] = []

    def collecting(relations: Iterator[Relation]) -> Iterator[Relation]:
        for relation in relations:
            if relation.key in wanted.tables:
                seen.append(relation)
            yield relation

    session = open_session(connection, usage, database=database)
    try:
        facts = read_database(session, wanted, lambda relations: consume(collecting(relations)))
    finally:
        session.close()
    return assemble(database, seen, facts, before, now=datetime.now(UTC)), facts


def _key_of(name: TableName) -> Key:
    return name.schema, name.name


def _by_key(tables: Collection[Table]) -> dict[Key, Table]:
    return {_key_of(table.name): table for table in tables}


def _discard(relations: Iterator[Relation]) -> None:
    for _ in relations:
        continue


def unread_note(database: str, error: WharfingerError) -> str:
    """The note for people about a database that cannot be read."""
    reason = ". ".join(part.rstrip(".") for part in (error.why or error.what, error.next_step) if part)
    return f"{database}: cannot be read: {reason}"
