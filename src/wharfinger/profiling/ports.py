"""What profiling needs from others, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.catalog.model import Signature, Table
from wharfinger.connections.model import Connection
from wharfinger.core.names import TableName
from wharfinger.core.session import Session, Usage
from wharfinger.profiling.model import TableProfile

Affordable = Callable[[int], bool]
"""Whether this number of further statements may be sent."""


class Connections(Protocol):
    """Opens sessions; see ConnectionService."""

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database`. Raises what `Session.run` raises."""


class Catalog(Protocol):
    """The selected tables; see CatalogService."""

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]:
        """Those of `names` that are selected."""

    def mark_processed(self, connection: Connection, signatures: Mapping[TableName, Signature]) -> None:
        """Store the signature that each table had when its processing began."""


class Profiles(Protocol):
    """The store of profiles, with sealed values. Takes the connection's id; see ProfileStore."""

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which no other process writes to the store."""

    def get(self, connection: str, table: TableName) -> TableProfile | None:
        """The last profile of a table."""

    def known(self, connection: str) -> dict[TableName, TableProfile]:
        """Every profile without its values, for decisions."""

    def save(self, connection: str, profile: TableProfile) -> bool:
        """Store a profile in place of the last one; False when the table was deselected meanwhile."""

    def edit(self, connection: str, table: TableName, change: Callable[[TableProfile], TableProfile]) -> None:
        """Change the last profile of a table, if there is one, in one transaction."""
