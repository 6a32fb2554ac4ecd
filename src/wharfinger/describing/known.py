"""All that is known of one table, gathered for those who look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wharfinger.catalog.model import Signal, Table
from wharfinger.catalog.signals import MISSES
from wharfinger.connections.model import Connection
from wharfinger.core.names import TableName
from wharfinger.describing.model import TableDescriptions
from wharfinger.profiling.model import TableProfile


class Catalog(Protocol):
    """What is selected; see CatalogService."""

    def table(self, connection: Connection, text: str) -> Table: ...


class Profiles(Protocol):
    """Where profiles are found; see ProfileService."""

    def get(self, connection: Connection, table: TableName) -> TableProfile | None: ...


class Descriptions(Protocol):
    """Where texts are found; see DescriptionService."""

    def of(self, connection: Connection, table: Table) -> TableDescriptions: ...


@dataclass(frozen=True, slots=True)
class Known:
    """One selected table, its last profile and its winning texts."""

    table: Table
    profile: TableProfile | None
    described: TableDescriptions

    @property
    def rows(self) -> int | None:
        """How many rows it has: as counted by the profile, else what the warehouse says of it."""
        return self.profile.rows if self.profile is not None else self.table.size.best_rows()

    @property
    def signal(self) -> Signal | None:
        """What tells whether it changed; None before it was read."""
        return self.table.signature.signal if self.table.signature is not None else None

    @property
    def misses(self) -> str:
        """What that signal can miss, in words for people."""
        return MISSES[self.signal.name] if self.signal is not None else ""


class KnownTables:
    """Gathers what is known; a table is named as people type it."""

    def __init__(self, catalog: Catalog, profiles: Profiles, descriptions: Descriptions) -> None:
        self._catalog = catalog
        self._profiles = profiles
        self._descriptions = descriptions

    def of(self, connection: Connection, table: str) -> Known:
        """What is known of one selected table. Raises NotFound, and Invalid for a name that means several."""
        found = self._catalog.table(connection, table)
        return Known(found, self._profiles.get(connection, found.name), self._descriptions.of(connection, found))
