"""Everything known about one table: catalog, profile and descriptions together."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger.catalog.model import Signal, Table
from wharfinger.catalog.signals import MISSES
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.describing.model import TableDescriptions
from wharfinger.describing.ports import Catalog, Descriptions, Profiles
from wharfinger.profiling.model import TableProfile


@dataclass(frozen=True, slots=True)
class TableDetails:
    """One selected table with its last profile, None before the first, and its shown descriptions."""

    table: Table
    profile: TableProfile | None
    descriptions: TableDescriptions

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

    def __init__(self, catalog: Catalog, profiles: Profiles, descriptions: Descriptions, acts: Acts) -> None:
        self._catalog = catalog
        self._profiles = profiles
        self._descriptions = descriptions
        self._acts = acts

    def show(self, connection: Connection, table: str) -> TableDetails:
        """Everything known about the selected table that `table` names.

        Raises Refused, NotFound for a table that is unknown or not selected, and Invalid for a text that is no name or
        matches several tables.
        """
        self._acts.require("show:table", table)
        found = self._catalog.table(connection, table)
        return TableDetails(found, self._profiles.get(connection, found.name), self._descriptions.of(connection, found))
