"""Reads the catalog of one database: sends a few statements together and streams their rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from wharfinger.catalog import sql
from wharfinger.catalog.keys import Constraint
from wharfinger.catalog.model import Column, Kind
from wharfinger.catalog.signals import Readings, TableInfo
from wharfinger.catalog.types import normalise
from wharfinger.core.errors import Failed, NotFound, Refused, WharfingerError
from wharfinger.core.names import TableName, is_system_schema
from wharfinger.core.session import Outcome, Row, Rows, Session, Statement, Value

Key = tuple[str, str]
"""Schema and name of a table within its database."""

CANNOT_READ = (Refused, Failed, NotFound)
"""The errors for a part that cannot be read: a missing right, a view that this server does not have, no support."""

_BACKING = re.compile(r"mv_tbl__(.+)__\d+\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of a database.

    `tables` are the selected tables, whose details are read. `tree`: list all tables, not only those of the selected
    tables' schemas. `databases`: list the warehouse's databases too.
    """

    tables: frozenset[Key]
    tree: bool = True
    databases: bool = False

    @property
    def schemas(self) -> frozenset[str]:
        """The schemas with a selected table."""
        return frozenset(schema for schema, _ in self.tables)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view that exists. `estimated_rows` is the planner's estimate, None when there is none."""

    key: Key
    kind: Kind
    owner: str = ""
    comment: str = ""
    estimated_rows: int | None = None


@dataclass(slots=True)
class Facts:
    """What was read of a database besides its list of tables. Columns and constraints are those of selected tables.

    `databases` holds names and types, None when they were not asked for. `table_ids` holds the selected tables that
    store rows, by the oid that the system views use. `notes` are for people.
    """

    databases: list[tuple[str, str]] | None = None
    materialized: set[Key] = field(default_factory=set)
    late_binding: set[Key] = field(default_factory=set)
    external: set[Key] = field(default_factory=set)
    columns: dict[Key, list[Column]] = field(default_factory=dict)
    constraints: dict[Key, list[Constraint]] = field(default_factory=dict)
    table_ids: dict[int, Key] = field(default_factory=dict)
    readings: Readings = field(default_factory=Readings)
    notes: list[str] = field(default_factory=list)


def read_database(session: Session, wanted: Wanted, consume: Callable[[Iterator[Relation]], None]) -> Facts:
    """Read the catalog of the session's database; `consume` gets its relations as they stream in.

    Sends at most 8 statements, whatever the size of the database; where the better change signals cannot be read, also
    one SHOW TABLES for each schema with a selected table. A part that cannot be read becomes a note. Raises what
    `Session.run` raises when the tables or columns themselves cannot be read.
    """
    reading = _Reading(session, wanted, Facts())
    reading.first_round(consume)
    reading.second_round()
    return reading.facts


@dataclass(slots=True)
class _Reading:
    session: Session
    wanted: Wanted
    facts: Facts
    old_server: bool = False

    def first_round(self, consume: Callable[[Iterator[Relation]], None]) -> None:
        """Send all statements together. The list of tables is the last, because the others decide a table's kind."""
        schemas = self.wanted.schemas
        parts: list[tuple[Statement, Callable[[Outcome], None]]] = [
            (sql.materialized_views(), self._materialized),
            (sql.external_tables(schemas), self._external),
            (sql.columns(schemas), self._columns),
        ]
        if self.wanted.databases:
            parts.insert(0, (sql.databases(), self._databases))
        if schemas:
            parts += [(sql.keys(schemas), self._keys), (sql.table_info(schemas), self._table_info)]
        listed = sql.relations(None if self.wanted.tree else schemas)
        parts.append((listed, lambda outcome: consume(self._relations(outcome.unwrap()))))
        self._run(parts)
        if self.old_server:
            self._run([(sql.databases_of_old_servers(), self._old_databases)])

    def second_round(self) -> None:
        """Read the next best change signals, as far as the better ones are missing."""
        if not self.facts.table_ids or self.facts.readings.info is not None:
            return
        if not self.old_server:
            self._run([(sql.writes(), self._writes)])
        if self.facts.readings.writes is None:
            schemas = sorted({schema for schema, _ in self.facts.table_ids.values()})
            self._run([(sql.show_tables(self.session.database, one), self._show_tables(one)) for one in schemas])

    def _run(self, parts: list[tuple[Statement, Callable[[Outcome], None]]]) -> None:
        handlers = [handle for _, handle in parts]
        for outcome in self.session.run_all([statement for statement, _ in parts]):
            handlers[outcome.index](outcome)

    def _optional(self, outcome: Outcome, missing: str, remedy: str) -> Iterator[Row] | None:
        """The rows, or None and a note when this part cannot be read."""
        if isinstance(outcome.error, CANNOT_READ):
            self.facts.notes.append(f"{self.session.database}: {missing}: {_reason(outcome.error)}. {remedy}")
            return None
        return iter(outcome.unwrap())

    def _databases(self, outcome: Outcome) -> None:
        # A server without svv_redshift_databases has no SYS views either, so the number of statements stays the same.
        self.old_server = isinstance(outcome.error, CANNOT_READ)
        if not self.old_server:
            self.facts.databases = [(str(row[0]), str(row[1])) for row in outcome.unwrap()]

    def _old_databases(self, outcome: Outcome) -> None:
        rows = self._optional(outcome, "the other databases cannot be listed", "Only this database was read")
        self.facts.databases = [(str(row[0]), str(row[1])) for row in rows or ()]

    def _materialized(self, outcome: Outcome) -> None:
        missing = "materialized views cannot be listed"
        for database, schema, name in self._optional(outcome, missing, "They are shown as views") or ():
            if _text(database) == self.session.database:
                self.facts.materialized.add((_text(schema), _text(name)))

    def _external(self, outcome: Outcome) -> None:
        remedy = (
            "An administrator can grant usage on the external schemas and let the warehouse's role read their catalog"
        )
        for row in self._optional(outcome, "external tables cannot be listed", remedy) or ():
            key = (str(row[0]), str(row[1]))
            self.facts.external.add(key)
            if row[2] is not None and key in self.wanted.tables:
                nullable = _text(row[5]) != "false"
                column = Column(str(row[2]), normalise(_text(row[3])), _whole(row[4]) or 0, nullable)
                self.facts.columns.setdefault(key, []).append(column)

    def _columns(self, outcome: Outcome) -> None:
        for schema, table, number, name, type_, not_null, comment in outcome.unwrap():
            key = (str(schema), str(table))
            if not_null is None:
                self.facts.late_binding.add(key)
            if key in self.wanted.tables:
                column = Column(
                    str(name), normalise(str(type_)), _whole(number) or 0, not _truth(not_null), str(comment or "")
                )
                self.facts.columns.setdefault(key, []).append(column)

    def _keys(self, outcome: Outcome) -> None:
        rows = self._optional(outcome, "keys cannot be read", "Tables are shown without keys")
        for schema, table, kind, definition, target_schema, target in rows or ():
            key = (str(schema), str(table))
            if key in self.wanted.tables:
                points_at = TableName(self.session.database, str(target_schema), str(target)) if target else None
                constraint = Constraint(_text(kind), str(definition), points_at)
                self.facts.constraints.setdefault(key, []).append(constraint)

    def _table_info(self, outcome: Outcome) -> None:
        named = outcome.error.next_step if outcome.error is not None else ""
        remedy = named or "A superuser can grant SELECT on svv_table_info to the user of this connection"
        rows = self._optional(outcome, "sizes and the best change signal cannot be read", remedy)
        if rows is None:
            return
        self.facts.readings.info = {}
        for schema, table, table_id, all_rows, visible, megabytes, dist_style, sort_key in rows:
            key = self._real(str(schema), str(table))
            if key in self.wanted.tables:
                self.facts.readings.info[key] = TableInfo(
                    _whole(table_id) or 0, _whole(all_rows), _whole(visible), _whole(megabytes),
                    _text(dist_style), _text(sort_key),
                )  # fmt: skip

    def _relations(self, rows: Rows) -> Iterator[Relation]:
        """Tables and views as they arrive, then the external tables, which are not in pg_class."""
        for oid, schema, name, relkind, owner, comment, estimate in rows:
            key = (str(schema), str(name))
            real = self._real(*key)
            if real in self.wanted.tables and (real != key or _text(relkind) != "v"):
                self.facts.table_ids[_whole(oid) or 0] = real
            if real != key or is_system_schema(key[0]) or key in self.facts.external:
                continue
            kind = self._kind(key, _text(relkind))
            yield Relation(key, kind, str(owner or ""), str(comment or ""), _estimate(estimate))
        for key in sorted(self.facts.external):
            if self.wanted.tree or key[0] in self.wanted.schemas:
                yield Relation(key, "external")

    def _kind(self, key: Key, relkind: str) -> Kind:
        if key in self.facts.materialized or relkind == "m":
            return "materialized_view"
        if relkind != "v":
            return "table"
        # A late-binding view whose tables were dropped is missing from the function that lists such views' columns.
        lost = key in self.wanted.tables and key not in self.facts.columns
        return "late_binding_view" if key in self.facts.late_binding or lost else "view"

    def _real(self, schema: str, name: str) -> Key:
        """The table itself, for the backing table `mv_tbl__NAME__0` its materialized view."""
        match = _BACKING.match(name)
        if match is not None and (schema, match[1]) in self.facts.materialized:
            return schema, match[1]
        return schema, name

    def _writes(self, outcome: Outcome) -> None:
        if isinstance(outcome.error, CANNOT_READ):
            return
        seen = [(_whole(table_id) or 0, _text(at), _truth(foreign)) for table_id, at, foreign in outcome.unwrap()]
        if any(foreign for _, _, foreign in seen):
            ids = self.facts.table_ids
            self.facts.readings.writes = {ids[table_id]: at for table_id, at, _ in seen if table_id in ids}

    def _show_tables(self, schema: str) -> Callable[[Outcome], None]:
        def handle(outcome: Outcome) -> None:
            missing = f"no change signal can be read for the tables of {schema}"
            if isinstance(outcome.error, CANNOT_READ):
                self._optional(outcome, missing, "Grant usage on the schema and select on its tables")
                return
            rows = outcome.unwrap()
            places = {column.name: place for place, column in enumerate(rows.columns)}
            if "last_modified_time" not in places:
                self.facts.notes.append(
                    f"{self.session.database}: {missing}: this server's SHOW TABLES has no last_modified_time"
                )
            for row in rows:
                times = [_text(row[places[name]]) for name in _TIMES if name in places]
                if times and times[0]:
                    self.facts.readings.modified[(schema, str(row[places["table_name"]]))] = " ".join(times)

        return handle


_TIMES = ("last_modified_time", "last_altered_time")


def _reason(error: WharfingerError | None) -> str:
    return (error.why or str(error)).rstrip(".") if error is not None else ""


def _text(value: Value) -> str:
    """A blank-padded text of fixed width (redshift-facts §5.2). Not for names of tables, which may end in a blank."""
    return "" if value is None else str(value).rstrip(" ")


def _whole(value: Value) -> int | None:
    """A whole number; numeric(38,0) arrives as text, oid as a number or as text."""
    return None if value is None or value == "" else int(Decimal(str(value)))


def _estimate(value: Value) -> int | None:
    """The rows of reltuples, a float; below 1 (0 or 0.001) it means that the table was never analysed: None."""
    rows = Decimal(str(value)) if value is not None else Decimal(0)
    return int(rows) if rows >= 1 else None


def _truth(value: Value) -> bool:
    return value is True or str(value) in ("t", "true", "1")
