"""What describing needs of others, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.catalog.model import Entry, Signature, Table
from wharfinger.connections.model import Connection
from wharfinger.core.names import TableName
from wharfinger.dbt.manifests.manifest import Manifest
from wharfinger.describing.model import Source, Texts
from wharfinger.describing.rules import Evidence
from wharfinger.personal.recognition import Choice
from wharfinger.profiling.model import TableProfile


class Writer(Protocol):
    """Writes descriptions out of evidence. It may leave out what it does not know, and adds nothing."""

    @property
    def source(self) -> Source:
        """What its texts are marked as: `ai` or `rules`."""

    def write(self, evidence: Evidence) -> Texts:
        """Texts for the table and its columns. Raises Failed or Unavailable when it cannot."""


class Manifests(Protocol):
    """Where dbt manifests are read from."""

    def place(self, text: str) -> str:
        """Where the manifest is that `text` names, to be kept and read from. Raises Invalid and NotFound."""

    def read(self, place: str, connection: Connection) -> Manifest:
        """What the manifest says; an address of AWS's is entered with the connection's identity.

        Raises Invalid, NotFound, Refused or Unavailable.
        """

    def read_again(self, place: str, connection: Connection) -> Manifest:
        """The same, perhaps as it was a while ago."""

    def version(self, place: str) -> str:
        """Changes when the manifest does, as far as that is known without asking anybody; else always the same."""


class Catalog(Protocol):
    """What there is and what is selected; see CatalogService."""

    def entries(self, connection: Connection, *, selected: bool = False, search: str = "") -> Iterator[Entry]: ...

    def selected(self, connection: Connection, patterns: Sequence[str] = ()) -> list[Table]: ...

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]: ...

    def table(self, connection: Connection, text: str) -> Table: ...

    def mark_processed(self, connection: Connection, signatures: Mapping[TableName, Signature]) -> None: ...


class Profiles(Protocol):
    """Where profiles are found."""

    def get(self, connection: Connection, table: TableName) -> TableProfile | None:
        """The last profile of a table, None before the first."""

    def heed(self, connection: Connection, table: Table, column: str, choice: Choice | None) -> None:
        """Let the owner's word on a column hold for what is kept of it."""


class DescriptionTexts(Protocol):
    """Where texts are kept; takes the connection's id. See DescriptionStore for each method's promise."""

    def exclusive(self) -> AbstractContextManager[None]: ...

    def of(self, connection: str, table: TableName) -> dict[Source, Texts]: ...

    def all(self, connection: str) -> dict[TableName, dict[Source, Texts]]: ...

    def put(self, connection: str, source: Source, texts: Mapping[TableName, Texts], project: str = "") -> None: ...

    def edit(self, connection: str, source: Source, table: TableName, change: Callable[[Texts], Texts]) -> None: ...

    def replace_project(self, connection: str, project: str, path: str, texts: Mapping[TableName, Texts]) -> None: ...

    def projects(self, connection: str) -> dict[str, str]: ...

    def forget(self, connection: str, tables: Sequence[TableName]) -> None: ...


class Choices(Protocol):
    """Where the owner's words on personal data are kept; takes the connection's id."""

    def of(self, connection: str, table: TableName) -> dict[str, Choice]: ...

    def choose(self, connection: str, table: TableName, column: str, choice: Choice | None) -> None: ...

    def forget(self, connection: str, tables: Sequence[TableName]) -> None: ...
