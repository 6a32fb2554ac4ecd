"""Profiling: which tables are due, in which units, at what cost; and the profiling of one unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wharfinger.catalog.model import Table, not_selected
from wharfinger.catalog.signals import cost_of_reading
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.storage import Writing
from wharfinger.personal.model import Choice
from wharfinger.profiling.due import ProfileOptions, Verdict, due
from wharfinger.profiling.masks import mask_columns, with_choice
from wharfinger.profiling.model import Level, TableProfile
from wharfinger.profiling.ports import Affordable, Catalog, Connections, Profiles
from wharfinger.profiling.results import TableResult
from wharfinger.profiling.runner import measure
from wharfinger.profiling.units import ProfileUnit, plan_units

_STATEMENT_SECONDS = 0.25
_MEGABYTES_A_SECOND = 100.0
"""Rough figures for an estimate; a busy warehouse is slower, an idle one faster."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The expected cost of a run. Megabytes are those of svv_table_info, 0 where unknown; seconds are a rough guess."""

    tables: int
    statements: int
    api_calls: int
    megabytes: int
    seconds: float


class ProfileService:
    """Profiles selected tables. `choices` returns the owners' choices about the columns of a table."""

    def __init__(
        self,
        connections: Connections,
        catalog: Catalog,
        profiles: Profiles,
        choices: Callable[[str, TableName], dict[str, Choice]] = lambda _connection, _table: {},
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connections = connections
        self._catalog = catalog
        self._profiles = profiles
        self._choices = choices
        self._now = now

    def due(self, connection: Connection, tables: Sequence[Table], options: ProfileOptions) -> list[Verdict]:
        """For each table whether it is due for profiling, and why or why not."""
        known = self._profiles.known(connection.id)
        now = self._now()
        return [due(table, known.get(table.name), options, now) for table in tables]

    def plan_units(self, connection: Connection, tables: Sequence[Table], level: Level) -> list[ProfileUnit]:
        """The units for tables that are due, each with its cost."""
        known = self._profiles.known(connection.id)
        return plan_units(tables, level, {name: profile.rows for name, profile in known.items()})

    def estimate(
        self, connection: Connection, tables: Sequence[Table], wanted: Sequence[Table], level: Level
    ) -> Estimate:
        """The expected cost of reading the signatures of `tables` and profiling `wanted`. Nothing is sent.

        A connection that signs in with a password does not use the Data API, so it makes no API calls.
        """
        units = self.plan_units(connection, wanted, level)
        reading = cost_of_reading(tables)
        statements = reading.statements + sum(unit.statements for unit in units)
        megabytes = sum(unit.megabytes for unit in units)
        by_wire = connection.sign_in == "password"
        api_calls = 0 if by_wire else reading.api_calls + sum(unit.api_calls for unit in units)
        seconds = statements * _STATEMENT_SECONDS + megabytes / _MEGABYTES_A_SECOND
        return Estimate(len(wanted), statements, api_calls, megabytes, round(seconds, 1))

    def profile_unit(
        self,
        connection: Connection,
        names: Sequence[TableName],
        level: Level,
        usage: Usage,
        affordable: Affordable = lambda _: True,
        writing: Writing | None = None,
    ) -> dict[TableName, WharfingerError]:
        """Profile tables of one database together and store their profiles. Returns the errors of those that failed.

        Values of columns that look personal are masked before they are stored. Everything is stored in transactions of
        `writing`. Raises Unavailable, worth another attempt, and Stopped; nothing of this unit is stored then; and what
        `writing` raises.
        """
        writing = writing or self._profiles.exclusive
        wanted = set(names)
        tables = [table for table in self._catalog.named(connection, wanted) if table.signature]
        errors: dict[TableName, WharfingerError] = {
            name: not_selected(name) for name in wanted - {one.name for one in tables}
        }
        if not tables:
            return errors
        session = self._connections.open(connection, usage, database=tables[0].name.database)
        try:
            measured = measure(session, tables, level, affordable)
        finally:
            session.close()
        errors |= measured.errors
        for table in tables:
            if table.name in errors:
                continue
            if not self._save(connection.id, table, level, measured.results[table.name], writing):
                errors[table.name] = not_selected(table.name)
        done = {table.name: table.signature for table in tables if table.name not in errors and table.signature}
        with writing():
            self._catalog.mark_processed(connection, done)
        return errors

    def get(self, connection: Connection, table: TableName) -> TableProfile | None:
        """The last profile of a table, None before the first."""
        return self._profiles.get(connection.id, table)

    def known(self, connection: Connection) -> dict[TableName, TableProfile]:
        """Every profile without its values, for decisions."""
        return self._profiles.known(connection.id)

    def apply_choice(self, connection: Connection, table: Table, column: str, choice: Choice | None) -> None:
        """Apply the owner's choice about a column to the stored profile; see `masks.with_choice`."""
        self._profiles.edit(
            connection.id,
            table.name,
            lambda known: with_choice(table.name.name, table.columns, known, column, choice),
        )

    def _save(self, connection_id: str, table: Table, level: Level, result: TableResult, writing: Writing) -> bool:
        if table.signature is None or result.rows is None:
            raise ValueError("only a table that was read and measured has a profile")
        found = result.columns(column.name for column in table.columns)
        choices = self._choices(connection_id, table.name)
        columns = mask_columns(table.name.name, table.columns, found, choices)
        with writing():
            # The owner may have chosen while the values were examined: the profile is stored with the last choice.
            latest = self._choices(connection_id, table.name)
            if latest != choices:
                columns = mask_columns(table.name.name, table.columns, found, latest)
            profile = TableProfile(table.name, result.rows, columns, level, table.signature, self._now())
            return self._profiles.save(connection_id, profile)
