"""One refresh of a connection: its databases one after another, each by a login of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from wharfinger.catalog.assemble import assemble
from wharfinger.catalog.model import Refreshed, Table
from wharfinger.catalog.ports import OpenSession, Tables
from wharfinger.catalog.reader import SAYS_NO, Facts, Key, Relation, Wanted, read_database
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage

_HIDDEN_DATABASES = ("template0", "template1", "padb_harvest", "awsdatacatalog", "sys:internal")


@dataclass(slots=True)
class Refresh:
    """Reads the trees of all databases and the details of selected tables, and keeps them under one number."""

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
        """Read everything; a database that refuses is a note, the connection's own must answer."""
        own = self.connection.database
        others = self._read(own, with_databases=True).databases or []
        for name, kind in sorted(others):
            if name != own and name not in _HIDDEN_DATABASES:
                self._read_other(name, kind)
        new, gone = self.tables.settle(self.connection.id, self.number, self.unread)
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
            self.notes.append(f"{database}: a {kind} database takes no login of its own, so it is not read")
            return
        try:
            self._read(database)
        except SAYS_NO as error:
            self.unread.append(database)
            self.notes.append(unreadable(database, error))

    def _read(self, database: str, *, with_databases: bool = False) -> Facts:
        before = by_key(self.tables.selected(self.connection.id, database))

        def keep(relations: Iterator[Relation]) -> None:
            self.found += self.tables.keep(self.connection.id, database, self.number, relations)

        wanted = Wanted(frozenset(before), databases=with_databases)
        tables, facts = _read_database(self.open_session, self.connection, self.usage, database, wanted, before, keep)
        # A table that was new at the last refresh is not new at this one.
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
    """Read the selected tables of one database anew, all or those of `names`, and keep them; with notes for people.

    What is there no more is marked gone and left out of the answer. Raises what Session raises.
    """
    before = by_key(tables.selected(connection.id, database))
    keys = frozenset(key for key, table in before.items() if names is None or table.name in names)
    read, facts = _read_database(
        open_session, connection, usage, database, Wanted(keys, tree=False), before, lambda rows: _exhaust(rows)
    )
    read = [table for table in read if key_of(table.name) in keys]
    tables.save(connection.id, read)
    there = {key_of(table.name) for table in read}
    tables.mark_gone(connection.id, [before[key].name for key in keys - there])
    return read, facts.notes


def _read_database(
    open_session: OpenSession,
    connection: Connection,
    usage: Usage,
    database: str,
    wanted: Wanted,
    before: Mapping[Key, Table],
    keep: Callable[[Iterator[Relation]], None],
) -> tuple[list[Table], Facts]:
    """The selected tables as they are now, and all else that was read; `keep` consumes every relation on its way."""
    seen: list[Relation] = []

    def noting(relations: Iterator[Relation]) -> Iterator[Relation]:
        for relation in relations:
            if relation.key in wanted.tables:
                seen.append(relation)
            yield relation

    session = open_session(connection, usage, database=database)
    try:
        facts = read_database(session, wanted, lambda relations: keep(noting(relations)))
    finally:
        session.close()
    return assemble(database, seen, facts, before, now=datetime.now(UTC)), facts


def key_of(name: TableName) -> Key:
    """Schema and name."""
    return name.schema, name.name


def by_key(tables: Collection[Table]) -> dict[Key, Table]:
    """Tables of one database by schema and name."""
    return {key_of(table.name): table for table in tables}


def _exhaust(relations: Iterator[Relation]) -> None:
    for _ in relations:
        continue


def unreadable(database: str, error: WharfingerError) -> str:
    """The note for people about a database that refused."""
    words = ". ".join(part.rstrip(".") for part in (error.why or error.what, error.next_step) if part)
    return f"{database}: cannot be read: {words}"
