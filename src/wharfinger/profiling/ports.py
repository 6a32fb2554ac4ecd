"""What profiling needs of others, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.catalog.model import Signature, Table
from wharfinger.connections.model import Connection
from wharfinger.core.names import TableName
from wharfinger.core.session import Session, Usage
from wharfinger.profiling.model import TableProfile


class Connections(Protocol):
    """Where connections are found and entered."""

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound."""

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session logged in to `database`. Raises what `Session.run` raises."""


class Catalog(Protocol):
    """What is selected."""

    def selected(self, connection: Connection, patterns: Sequence[str] = ()) -> list[Table]:
        """The selected tables that any pattern means, or all. Raises Invalid and NotFound."""

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]:
        """Those of `names` that are selected."""

    def mark_processed(self, connection: Connection, signatures: Mapping[TableName, Signature]) -> None:
        """Note the signature that each table had when its processing began."""


class Profiles(Protocol):
    """Where profiles are kept, their values sealed. Takes the connection's id."""

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction of the whole store, during which nobody else writes."""

    def get(self, connection: str, table: TableName) -> TableProfile | None:
        """The last profile of a table."""

    def known(self, connection: str) -> dict[TableName, TableProfile]:
        """Every profile without the values in it, for decisions."""

    def save(self, connection: str, profile: TableProfile) -> bool:
        """Keep a profile instead of the last one; False when the table was deselected meanwhile."""

    def edit(self, connection: str, table: TableName, change: Callable[[TableProfile], TableProfile]) -> None:
        """Change the last profile of a table, if there is one, while nobody else does."""

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Remove the profiles of tables that are selected no more."""
