"""What the catalog needs from others, as Protocols; `adapters`, `connections` and the stores provide them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.catalog.model import Entry, Signature, Table
from wharfinger.catalog.reader import Relation
from wharfinger.connections.model import Connection
from wharfinger.core.by_people import ByPeople
from wharfinger.core.names import TableName
from wharfinger.core.session import Session, Usage


class OpenSession(Protocol):
    """Opens a session of a saved connection with its stored secrets."""

    def __call__(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database`, by default the connection's own. Raises what `Session.run` raises."""


class Lock(Protocol):
    """A named lock with one holder at a time among all processes of a home; see `core.storage.Locks.locked`."""

    def __call__(self, name: str, stop: threading.Event, /) -> AbstractContextManager[None]: ...


class Forget(Protocol):
    """Deletes what another capability stores about tables that are being deselected."""

    def __call__(self, connection: str, tables: Sequence[TableName]) -> None: ...


class Written(Protocol):
    """A store of what people wrote or decided about selected tables: a text by column, "" for the table itself."""

    def written(self, connection: str, tables: Collection[TableName]) -> dict[TableName, dict[str, str]]:
        """What there is about these tables; tables without any are left out."""

    def write(self, connection: str, texts: Mapping[TableName, Mapping[str, str]]) -> None:
        """Store it again for tables that are selected."""


class Kept(Protocol):
    """What people wrote and decided about tables that are not selected; KeptStore documents each method."""

    def exclusive(self) -> AbstractContextManager[None]: ...

    def keep(self, connection: str, tables: Collection[TableName]) -> ByPeople: ...

    def restore(self, connection: str, tables: Collection[TableName]) -> ByPeople: ...

    def forget(self, connection: str, tables: Collection[TableName]) -> ByPeople: ...

    def names(self, connection: str) -> list[TableName]: ...


class Tables(Protocol):
    """The store of the tree and of selected tables' details; CatalogStore documents each method."""

    def entries(self, connection: str, *, selected: bool = False) -> Iterator[Entry]: ...

    def selected(
        self, connection: str, database: str | None = None, names: Collection[TableName] | None = None
    ) -> list[Table]: ...

    def count_selected(self, connection: str) -> int: ...

    def begin(self, connection: str) -> int: ...

    def mark_seen(self, connection: str, database: str, refresh: int, relations: Iterator[Relation]) -> int: ...

    def finish(
        self, connection: str, refresh: int, unread: Collection[str]
    ) -> tuple[list[TableName], list[TableName]]: ...

    def save(self, connection: str, tables: Sequence[Table]) -> None: ...

    def mark_gone(self, connection: str, names: Iterable[TableName]) -> None: ...

    def set_selected(self, connection: str, names: Iterable[TableName], selected: bool) -> None: ...

    def mark_processed(self, connection: str, signatures: Mapping[TableName, Signature]) -> None: ...
