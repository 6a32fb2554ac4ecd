"""Reads one database: sends its few statements together, streams their rows, keeps what is worth keeping."""

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

SAYS_NO = (Refused, Failed, NotFound)
"""Errors by which the warehouse says that a part cannot be read: no right, no such view on this server, no support."""

_BACKING = re.compile(r"mv_tbl__(.+)__\d+\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read: the tree of all tables or only the `schemas` of `tables`, the selected ones.

    `databases`: also the list of the warehouse's databases.
    """

    tables: frozenset[Key]
    tree: bool = True
    databases: bool = False

    @property
    def schemas(self) -> frozenset[str]:
        """The schemas that hold a selected table."""
        return frozenset(schema for schema, _ in self.tables)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view that exists. `estimated_rows` is the planner's guess, None without one."""

    key: Key
    kind: Kind
    owner: str = ""
    comment: str = ""
    estimated_rows: int | None = None


@dataclass(slots=True)
class Facts:
    """What was read of a database beside its list of tables; columns and constraints of wanted tables only.

    `table_ids` holds the wanted tables that store rows, by the oid that the system views know them by.
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


def read_database(session: Session, wanted: Wanted, keep: Callable[[Iterator[Relation]], None]) -> Facts:
    """Read the catalog of the session's database; `keep` consumes its relations as they stream in.

    At most 8 statements, whatever the size of the database; where the better rungs of the ladder of change signals
    cannot be read, one SHOW TABLES more for each schema with a wanted table. A part that a right is missing for becomes
    a note that names it. Raises what Session raises when the tables or columns themselves cannot be read.
    """
    reading = _Reading(session, wanted, Facts())
    reading.first_round(keep)
    reading.second_round()
    return reading.facts


@dataclass(slots=True)
class _Reading:
    session: Session
    wanted: Wanted
    facts: Facts
    old_server: bool = False

    def first_round(self, keep: Callable[[Iterator[Relation]], None]) -> None:
        """All statements in one go, the list of tables last, when all that decides a table's kind is known."""
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
        parts.append((listed, lambda outcome: keep(self._relations(outcome.unwrap()))))
        self._run(parts)
        if self.old_server:
            self._run([(sql.databases_of_old_servers(), self._old_databases)])

    def second_round(self) -> None:
        """Climb down the ladder of change signals as far as it takes."""
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

    def _optional(self, outcome: Outcome, lacking: str, cure: str) -> Iterator[Row] | None:
        """The rows, or None and a note when the warehouse says no."""
        if isinstance(outcome.error, SAYS_NO):
            self.facts.notes.append(f"{self.session.database}: {lacking}: {_words(outcome.error)}. {cure}")
            return None
        return iter(outcome.unwrap())

    def _databases(self, outcome: Outcome) -> None:
        # A server too old for svv_redshift_databases has no SYS views either, so the count of statements holds.
        self.old_server = isinstance(outcome.error, SAYS_NO)
        if not self.old_server:
            self.facts.databases = [(str(row[0]), str(row[1])) for row in outcome.unwrap()]

    def _old_databases(self, outcome: Outcome) -> None:
        rows = self._optional(outcome, "the other databases cannot be listed", "Only this one was read")
        self.facts.databases = [(str(row[0]), str(row[1])) for row in rows or ()]

    def _materialized(self, outcome: Outcome) -> None:
        lacking = "materialized views cannot be told from views"
        for database, schema, name in self._optional(outcome, lacking, "They are listed as views") or ():
            if _text(database) == self.session.database:
                self.facts.materialized.add((_text(schema), _text(name)))

    def _external(self, outcome: Outcome) -> None:
        cure = (
            "An administrator can grant usage on the external schemas and let the warehouse's role read their catalog"
        )
        for row in self._optional(outcome, "external tables cannot be listed", cure) or ():
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
        rows = self._optional(outcome, "keys cannot be read", "Tables are shown without them")
        for schema, table, kind, definition, target_schema, target in rows or ():
            key = (str(schema), str(table))
            if key in self.wanted.tables:
                points_at = TableName(self.session.database, str(target_schema), str(target)) if target else None
                constraint = Constraint(_text(kind), str(definition), points_at)
                self.facts.constraints.setdefault(key, []).append(constraint)

    def _table_info(self, outcome: Outcome) -> None:
        cure = "An administrator can run: GRANT SELECT ON svv_table_info TO the connection's user"
        rows = self._optional(outcome, "sizes and the best change signal cannot be read", cure)
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
        """Tables and views as they come, then the external ones, which pg_class does not know."""
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
        # The function leaves out a late-binding view whose tables are gone; its columns are in no list then.
        lost = key in self.wanted.tables and key not in self.facts.columns
        return "late_binding_view" if key in self.facts.late_binding or lost else "view"

    def _real(self, schema: str, name: str) -> Key:
        """The table meant: a materialized view's rows are kept in `mv_tbl__NAME__0` beside it."""
        match = _BACKING.match(name)
        if match is not None and (schema, match[1]) in self.facts.materialized:
            return schema, match[1]
        return schema, name

    def _writes(self, outcome: Outcome) -> None:
        if isinstance(outcome.error, SAYS_NO):
            return
        seen = [(_whole(table_id) or 0, _text(at), _truth(foreign)) for table_id, at, foreign in outcome.unwrap()]
        if any(foreign for _, _, foreign in seen):
            ids = self.facts.table_ids
            self.facts.readings.writes = {ids[table_id]: at for table_id, at, _ in seen if table_id in ids}

    def _show_tables(self, schema: str) -> Callable[[Outcome], None]:
        def handle(outcome: Outcome) -> None:
            lacking = f"changes in {schema} cannot be told but by age"
            if isinstance(outcome.error, SAYS_NO):
                self._optional(outcome, lacking, "Grant usage on the schema and select on its tables")
                return
            rows = outcome.unwrap()
            places = {column.name: place for place, column in enumerate(rows.columns)}
            if "last_modified_time" not in places:
                self.facts.notes.append(f"{self.session.database}: {lacking}: the server is too old to tell when")
            for row in rows:
                told = [_text(row[places[name]]) for name in _TIMES if name in places]
                if told and told[0]:
                    self.facts.readings.modified[(schema, str(row[places["table_name"]]))] = " ".join(told)

        return handle


_TIMES = ("last_modified_time", "last_altered_time")


def _words(error: WharfingerError | None) -> str:
    return (error.why or str(error)).rstrip(".") if error is not None else ""


def _text(value: Value) -> str:
    """A text of fixed width, blank padded (redshift-facts §5.2). Names of tables may end in a blank: not for them."""
    return "" if value is None else str(value).rstrip(" ")


def _whole(value: Value) -> int | None:
    """A count; numeric(38,0) comes as text, oid as a number or as text."""
    return None if value is None or value == "" else int(Decimal(str(value)))


def _estimate(value: Value) -> int | None:
    """reltuples: a float; not above 0 (0.001 on Redshift) for a table never analysed."""
    rows = Decimal(str(value)) if value is not None else Decimal(0)
    return int(rows) if rows >= 1 else None


def _truth(value: Value) -> bool:
    return value is True or str(value) in ("t", "true", "1")
