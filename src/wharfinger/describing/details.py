"""Everything known about one table: catalog, profile and descriptions together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wharfinger.catalog.model import Signal, Table
from wharfinger.catalog.signals import MISSES
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.names import TableName
from wharfinger.describing.model import TableDescriptions
from wharfinger.describing.ports import Catalog, Descriptions, Profiles
from wharfinger.jobs.model import JobState, Kind
from wharfinger.profiling.model import TableProfile


@dataclass(frozen=True, slots=True)
class TableDetails:
    """One selected table with its last profile, None before the first, and its shown descriptions.

    `jobs` is the last status of each kind of work on it, which tells a failure that came after the profile.
    """

    table: Table
    profile: TableProfile | None
    descriptions: TableDescriptions
    jobs: Mapping[Kind, JobState] = field(default_factory=dict)

    @property
    def rows(self) -> int | None:
        """The number of rows: as counted by the profile, else as the warehouse reports it, else None."""
        return self.profile.rows if self.profile is not None else self.table.size.best_rows()

    @property
    def signal(self) -> Signal | None:
        """The change signal of the last reading; None before the first."""
        return self.table.signature.signal if self.table.signature is not None else None

    @property
    def misses(self) -> str:
        """Which changes that signal can miss, in words for people; "" without a signal."""
        return MISSES[self.signal.name] if self.signal is not None else ""


class DetailsService:
    """The verb `show:table`."""

    def __init__(
        self,
        catalog: Catalog,
        profiles: Profiles,
        descriptions: Descriptions,
        statuses: Callable[[str, TableName], Mapping[Kind, JobState]],
        acts: Acts,
    ) -> None:
        self._catalog = catalog
        self._profiles = profiles
        self._descriptions = descriptions
        self._statuses = statuses
        self._acts = acts

    def show(self, connection: Connection, table: str) -> TableDetails:
        """Everything known about the selected table that `table` names.

        Raises Refused, NotFound for a table that is unknown or not selected, and Invalid for a text that is no name or
        matches several tables.
        """
        self._acts.require("show:table", table)
        found = self._catalog.table(connection, table)
        return TableDetails(
            found,
            self._profiles.get(connection, found.name),
            self._descriptions.of(connection, found),
            self._statuses(connection.id, found.name),
        )
