"""The verbs of profiling: what is due, how it is grouped, what it will cost, and the measuring itself."""

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
from wharfinger.jobs.ports import Affordable
from wharfinger.personal.recognition import Choice
from wharfinger.profiling.decode import Gathered
from wharfinger.profiling.masking import heeding, with_masks
from wharfinger.profiling.measuring import measure
from wharfinger.profiling.model import Level, TableProfile
from wharfinger.profiling.ports import Catalog, Connections, Profiles
from wharfinger.profiling.units import ProfileUnit, Verdict, Wish, due, plan_units

_STATEMENT_SECONDS = 0.25
_MEGABYTES_A_SECOND = 100.0
"""Rough figures for an estimate; a warehouse at work is slower, one at rest is quicker."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would cost. Megabytes are what svv_table_info tells, 0 where it does not; seconds are a guess."""

    tables: int
    statements: int
    api_calls: int
    megabytes: int
    seconds: float


class ProfileService:
    """Profiles selected tables. `choices` tells what owners say of a table's columns."""

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

    def due(self, connection: Connection, tables: Sequence[Table], wish: Wish) -> list[Verdict]:
        """For each table whether it is to be profiled, and why or why not."""
        known = self._profiles.known(connection.id)
        now = self._now()
        return [due(table, known.get(table.name), wish, now) for table in tables]

    def plan_units(self, connection: Connection, tables: Sequence[Table], level: Level) -> list[ProfileUnit]:
        """Units for tables that are due, each with the number of its statements."""
        known = self._profiles.known(connection.id)
        return plan_units(tables, level, {name: profile.rows for name, profile in known.items()})

    def estimate(
        self, connection: Connection, tables: Sequence[Table], wanted: Sequence[Table], level: Level
    ) -> Estimate:
        """What it would cost to look at `tables` and profile those `wanted`, from what is known here: nothing is sent.

        A connection with a password goes past the Data API.
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
    ) -> dict[TableName, WharfingerError]:
        """Profile tables of one database together and keep what was found; the errors of those that failed.

        Values of columns that look personal are masked before they are kept. Raises Unavailable, worth trying again,
        and Stopped; nothing of this unit is kept then.
        """
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
            if table.name not in errors and not self._keep(connection.id, table, level, measured.gathered[table.name]):
                errors[table.name] = not_selected(table.name)
        done = {table.name: table.signature for table in tables if table.name not in errors and table.signature}
        self._catalog.mark_processed(connection, done)
        return errors

    def get(self, connection: Connection, table: TableName) -> TableProfile | None:
        """The last profile of a table, None before the first."""
        return self._profiles.get(connection.id, table)

    def known(self, connection: Connection) -> dict[TableName, TableProfile]:
        """Every profile without the values in it, for decisions."""
        return self._profiles.known(connection.id)

    def heed(self, connection: Connection, table: Table, column: str, choice: Choice | None) -> None:
        """Let the owner's word on a column hold for what is kept of it; see `profile_masks.heeding`."""
        self._profiles.edit(
            connection.id,
            table.name,
            lambda known: heeding(table.name.name, table.columns, known, column, choice),
        )

    def _keep(self, connection_id: str, table: Table, level: Level, gathered: Gathered) -> bool:
        if table.signature is None or gathered.rows is None:
            raise ValueError("only a table that was read and measured is kept")
        found = gathered.columns(column.name for column in table.columns)
        choices = self._choices(connection_id, table.name)
        columns = with_masks(table.name.name, table.columns, found, choices)
        with self._profiles.exclusive():
            # An owner may have spoken while the values were looked at: what is kept heeds the last word.
            latest = self._choices(connection_id, table.name)
            if latest != choices:
                columns = with_masks(table.name.name, table.columns, found, latest)
            profile = TableProfile(table.name, gathered.rows, columns, level, table.signature, self._now())
            return self._profiles.save(connection_id, profile)
