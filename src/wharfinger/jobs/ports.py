"""What background work needs of others, as Protocols; `adapters` and the stores provide them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.core.errors import ErrorRecord, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.jobs.model import Draft, JobState, Kind, Progress, Run, Status, Unit

Affordable = Callable[[int], bool]
"""Whether so many statements more may be sent."""

Perform = Callable[[Unit, Usage, Affordable], Mapping[TableName, WharfingerError]]
"""Does a unit's work and stores its effect; answers the errors of the tables that failed by themselves.

Raises a WharfingerError when the unit failed as a whole, Stopped when the usage's stop flag was set.
"""


class Queue(Protocol):
    """The durable queue. It knows tickets and nothing else; the same ticket twice is one piece of work."""

    def enqueue(self, tickets: Sequence[str]) -> None:
        """Have each ticket performed once, by some worker. The queue must exist: have a worker first."""

    def resume(self, executor: str) -> list[str]:
        """Queue again what the dead `executor` had begun; answers those tickets."""

    def forget(self, tickets: Sequence[str]) -> None:
        """Drop tickets for good."""


class Workers(Protocol):
    """Sees to it that somebody works."""

    def ensure(self) -> None:
        """Have a living worker that begins new work; start one when there is none.

        Raises a WharfingerError that tells why no worker could start.
        """

    def end(self, *, drain: bool) -> None:
        """End the worker that was started here, if any, and wait for it.

        It gives back what it has begun, or with `drain` brings it to its end.
        """


class Presence(Protocol):
    """This process among those that take part."""

    @property
    def id(self) -> str: ...

    def enter(self) -> None: ...

    def leave(self) -> None: ...

    def beat(self) -> None: ...

    def alive(self, process_id: str) -> bool: ...


class Store(Protocol):
    """Where runs and units are kept; see `jobs.store` for what each does."""

    def exclusive(self) -> AbstractContextManager[None]: ...

    def begin(self, connection: str, owner: str, ceiling: int | None) -> Run: ...

    def spend(self, run: Run, statements: int, api_calls: int) -> None: ...

    def end(self, run: Run, *, stopped: bool) -> None: ...

    def active(self, connection: str, kind: Kind, options: Mapping[str, str]) -> list[Unit]: ...

    def wanted(self, unit_id: str, alive: Callable[[str], bool]) -> bool: ...

    def attach(self, run: Run, unit_id: str) -> None: ...

    def place(self, run: Run, draft: Draft, parent: str = "") -> str: ...

    def set_statuses(
        self,
        connection: str,
        kind: Kind,
        tables: Sequence[TableName],
        status: Status,
        errors: Mapping[TableName, ErrorRecord] | None = None,
    ) -> None: ...

    def issue(self, run_id: str | None = None) -> list[str]: ...

    def mark_enqueued(self, tickets: Sequence[str]) -> None: ...

    def progress(self, run: Run) -> Progress: ...

    def states(self, run: Run) -> dict[TableName, dict[Kind, JobState]]: ...

    def statuses(self, connection: str) -> dict[tuple[TableName, Kind], JobState]: ...


class WorkerStore(Protocol):
    """What a worker writes; see `jobs.store` for what each does."""

    def claim(self, ticket: str, executor: str, alive: Callable[[str], bool]) -> Unit | None: ...

    def release(self, ticket: str) -> None: ...

    def wanted(self, unit_id: str, alive: Callable[[str], bool]) -> bool: ...

    def count(self, unit_id: str, statements: int, api_calls: int) -> None: ...

    def give_back(self, unit: Unit) -> None: ...

    def finish(self, unit: Unit, errors: Mapping[TableName, ErrorRecord]) -> None: ...

    def split(self, unit: Unit, drafts: Iterable[Draft]) -> None: ...

    def affordable(self, unit: Unit, more: int) -> bool: ...

    def issue(self, run_id: str | None = None) -> list[str]: ...

    def mark_enqueued(self, tickets: Sequence[str]) -> None: ...

    def running(self, executor: str) -> list[Unit]: ...

    def end_abandoned(self, alive: Callable[[str], bool]) -> None: ...

    def prune(self) -> list[str]: ...
