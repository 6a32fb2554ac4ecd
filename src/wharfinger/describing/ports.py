"""What describing needs from others, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.catalog.model import Entry, Signature, Table
from wharfinger.connections.model import Connection
from wharfinger.core.names import TableName
from wharfinger.dbt.manifests.manifest import Manifest
from wharfinger.describing.model import Source, TableDescriptions, Texts
from wharfinger.describing.rules import Evidence
from wharfinger.personal.model import Choice
from wharfinger.profiling.model import TableProfile


class Writer(Protocol):
    """Writes descriptions from evidence alone. It may leave out tables and columns."""

    @property
    def source(self) -> Source:
        """The source of its texts: `ai` or `rules`."""

    def write(self, evidence: Evidence) -> Texts:
        """Texts for the table and its columns. Raises Failed or Unavailable when it cannot."""


class Manifests(Protocol):
    """Reads dbt manifests."""

    def place(self, text: str) -> str:
        """The place of the manifest that `text` names, to be stored and read later. Raises Invalid and NotFound."""

    def read(self, place: str, connection: Connection) -> Manifest:
        """The manifest at a place; an address in S3 is read with the connection's AWS identity.

        Raises Invalid, NotFound, Refused or Unavailable.
        """

    def read_again(self, place: str, connection: Connection) -> Manifest:
        """The same, possibly from a cache."""

    def version(self, place: str) -> str:
        """A text that changes when the manifest does, as far as that is known without a request."""


class Catalog(Protocol):
    """The known and the selected tables; see CatalogService."""

    def entries(self, connection: Connection, *, selected: bool = False) -> Iterator[Entry]: ...

    def selected(self, connection: Connection, patterns: Sequence[str] = ()) -> list[Table]: ...

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]: ...

    def table(self, connection: Connection, text: str) -> Table: ...

    def mark_processed(self, connection: Connection, signatures: Mapping[TableName, Signature]) -> None: ...


class Profiles(Protocol):
    """The profiles; see ProfileService."""

    def get(self, connection: Connection, table: TableName) -> TableProfile | None:
        """The last profile of a table, None before the first."""

    def apply_choice(self, connection: Connection, table: Table, column: str, choice: Choice | None) -> None:
        """Apply the owner's choice about a column to the stored profile."""


class Descriptions(Protocol):
    """The shown descriptions; see DescriptionService."""

    def of(self, connection: Connection, table: Table) -> TableDescriptions: ...


class DescriptionTexts(Protocol):
    """The store of texts. Takes the connection's id; DescriptionStore documents each method."""

    def exclusive(self) -> AbstractContextManager[None]: ...

    def of(self, connection: str, table: TableName) -> dict[Source, Texts]: ...

    def all(self, connection: str) -> dict[TableName, dict[Source, Texts]]: ...

    def put(self, connection: str, source: Source, texts: Mapping[TableName, Texts], project: str = "") -> None: ...

    def edit(self, connection: str, source: Source, table: TableName, change: Callable[[Texts], Texts]) -> None: ...

    def replace_project(self, connection: str, project: str, path: str, texts: Mapping[TableName, Texts]) -> None: ...

    def projects(self, connection: str) -> dict[str, str]: ...


class Choices(Protocol):
    """The store of the owners' choices about personal data. Takes the connection's id; see ChoiceStore."""

    def choose(self, connection: str, table: TableName, column: str, choice: Choice | None) -> None: ...
