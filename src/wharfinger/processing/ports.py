"""What processing needs of others, as Protocols; the services that provide it are named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from wharfinger.catalog.model import Reread, Table
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.storage import Writing
from wharfinger.jobs.model import JobState, Kind, Progress, Run, Wanted
from wharfinger.jobs.ports import Affordable
from wharfinger.profiling.due import ProfileOptions, Verdict
from wharfinger.profiling.model import Level, TableProfile
from wharfinger.profiling.service import Estimate
from wharfinger.profiling.units import ProfileUnit


class Connections(Protocol):
    """Where connections are found."""

    def by_id(self, connection_id: str) -> Connection: ...


class Catalog(Protocol):
    """What is selected; see CatalogService."""

    def selected(self, connection: Connection, patterns: Sequence[str] = ()) -> list[Table]: ...

    def named(self, connection: Connection, names: Collection[TableName]) -> list[Table]: ...

    def read_selected(
        self, connection: Connection, usage: Usage, names: Sequence[TableName] | None = None
    ) -> Reread: ...


class Profiles(Protocol):
    """The verbs of profiling; see ProfileService."""

    def due(self, connection: Connection, tables: Sequence[Table], options: ProfileOptions) -> list[Verdict]: ...

    def plan_units(self, connection: Connection, tables: Sequence[Table], level: Level) -> list[ProfileUnit]: ...

    def estimate(
        self, connection: Connection, tables: Sequence[Table], wanted: Sequence[Table], level: Level
    ) -> Estimate: ...

    def known(self, connection: Connection) -> Mapping[TableName, TableProfile]: ...

    def profile_unit(
        self,
        connection: Connection,
        names: Sequence[TableName],
        level: Level,
        usage: Usage,
        affordable: Affordable,
        writing: Writing,
    ) -> dict[TableName, WharfingerError]: ...


class Descriptions(Protocol):
    """The verbs of describing; see DescriptionService."""

    def describe(
        self, connection: Connection, names: Sequence[TableName], writing: Writing
    ) -> dict[TableName, WharfingerError]: ...

    def sources(self, connection: Connection) -> str: ...


class Jobs(Protocol):
    """Background work; see jobs.service."""

    def begin(self, connection: str, asked_by: str, ceiling: int | None = None) -> Run: ...

    def spend(self, run: Run, statements: int, api_calls: int) -> None: ...

    def start(
        self,
        run: Run,
        wanted: Sequence[Wanted],
        *,
        tables: Sequence[TableName] = (),
        notes: Sequence[str] = (),
        direct: bool = False,
        stop: threading.Event | None = None,
        look: Callable[[Progress], None] = ...,
    ) -> Run: ...

    def get(self, run_id: str) -> Run: ...

    def watch(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> Progress: ...

    def cancel(self, run: Run) -> None: ...

    def close(self, *, drain: bool = False) -> None: ...

    def progress(self, run: Run) -> Progress: ...

    def states(self, run: Run) -> Mapping[TableName, Mapping[Kind, JobState]]: ...

    def statuses(self, connection: str) -> Mapping[tuple[TableName, Kind], JobState]: ...
