"""What background work needs of others, as Protocols; `adapters.work` and the stores provide them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.core.errors import ErrorRecord, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.storage import Holds, Locks
from wharfinger.jobs.model import Draft, JobState, Kind, Progress, Run, Status, Unit

Affordable = Callable[[int], bool]
"""Whether so many statements more may be sent."""

Handler = Callable[[Unit, Usage, Affordable], Mapping[TableName, WharfingerError]]
"""Does a unit's work and stores its effect; returns the errors of the tables that failed by themselves.

Raises a WharfingerError when the unit failed as a whole, Stopped when the usage's stop flag was set.
"""

Action = Callable[[int], bool]
"""One step of a unit. It is given the number of tries before this one; raising Unavailable asks for another try."""


class Steps(Protocol):
    """Runs the steps of one unit, each once in the life of its attempt."""

    def run(self, name: str, action: Action, tries: int = 1) -> bool:
        """The result of the action, which is called up to `tries` times while it raises Unavailable.

        A durable implementation keeps the result, and returns it without a call when the unit is begun again after
        its worker died. Steps are called in the same order each time.
        """


class Queue(Protocol):
    """The durable queue as those see it who ask for work. It knows the ids of attempts and nothing else."""

    def enqueue(self, works: Sequence[str]) -> None:
        """Have each attempt performed once, by some worker; one that the queue knows already stays as it is.

        The queue must exist: have a worker first.
        """

    def under_way(self, works: Collection[str]) -> dict[str, bool]:
        """Of these attempts those that the queue knows, and whether each is waiting or running."""

    def cancel(self, works: Sequence[str]) -> None:
        """Begin none of these, and let no worker continue them; what has ended stays as it is."""


class Engine(Queue, Protocol):
    """The durable queue as a worker sees it."""

    def cancelled(self, works: Collection[str]) -> set[str]:
        """Those of these attempts that were cancelled."""

    def begun_by(self, executor: str) -> list[str]:
        """The attempts that the worker `executor` has begun and not ended."""

    def recover(self, executor: str) -> None:
        """Queue again what the dead worker `executor` had begun; the queue counts how often."""

    def hand_over(self, executor: str) -> None:
        """Queue again what the living worker `executor` has begun and given back; that does not count as a death."""

    def given_up(self) -> dict[str, bool]:
        """The attempts that nobody will perform any more, and whether their workers died too often."""

    def forget(self, works: Collection[str]) -> None:
        """Delete the records of these attempts."""


class Workers(Protocol):
    """Provides a worker process."""

    def present(self) -> bool:
        """Whether a living worker begins new work."""

    def ensure(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Have a living worker that begins new work; start one when there is none, and do `meanwhile` as it starts.

        Raises a WharfingerError with the reason when no worker could start.
        """

    def end(self, *, drain: bool) -> None:
        """End the worker that was started here, if any, and wait for it.

        It gives back what it has begun, or with `drain` brings it to its end.
        """


class Coordination(Locks, Holds, Protocol):
    """Locks between processes, and names that a process holds while it lives: the storage's."""


class Presence(Protocol):
    """A worker among the processes that take part; see `adapters.work.presence`."""

    @property
    def id(self) -> str: ...

    def enter(self) -> None: ...

    def leave(self) -> None: ...

    def beat(self) -> None: ...

    def lead(self) -> bool: ...

    def dead(self) -> list[str]: ...

    def forget(self, process_id: str) -> None: ...

    def accept_no_more(self) -> None: ...


class UnitStore(Protocol):
    """What performing a unit writes; see `jobs.store`."""

    def start(self, work: str) -> Unit | None: ...

    def count(self, unit_id: str, statements: int, api_calls: int) -> None: ...

    def give_back(self, works: Sequence[str]) -> None: ...

    def finish(self, unit: Unit, errors: Mapping[TableName, ErrorRecord]) -> None: ...

    def finish_one(self, unit: Unit, place: int, error: ErrorRecord | None) -> None: ...

    def affordable(self, unit: Unit, more: int) -> bool: ...

    def followers(self, work: str) -> list[str]: ...

    def close(self) -> None: ...


class WorkerStore(UnitStore, Protocol):
    """What a worker writes beyond that; see `jobs.store`."""

    def unfinished(self, work: str) -> Unit | None: ...

    def old(self) -> list[Unit]: ...

    def delete(self, units: Iterable[Unit]) -> None: ...


class RunStore(Protocol):
    """Where runs and units are kept; see `jobs.store`."""

    def exclusive(self) -> AbstractContextManager[None]: ...

    def begin(self, connection: str, asked_by: str, ceiling: int | None) -> Run: ...

    def get(self, run_id: str) -> Run | None: ...

    def describe(self, run: Run) -> None: ...

    def spend(self, run: Run, statements: int, api_calls: int) -> None: ...

    def end(self, run: Run, *, stopped: bool) -> None: ...

    def unfinished_units(self, connection: str, kind: Kind, options: Mapping[str, str]) -> list[Unit]: ...

    def unit(self, unit_id: str) -> Unit | None: ...

    def predecessors(self, connection: str) -> dict[str, set[str]]: ...

    def direct_tables(self, connection: str) -> set[TableName]: ...

    def end_direct_runs(self) -> None: ...

    def attach(self, run: Run, unit: Unit, after: Unit | None) -> None: ...

    def place(self, run: Run, draft: Draft, attempt: int) -> Unit: ...

    def set_statuses(
        self,
        connection: str,
        kind: Kind,
        tables: Sequence[TableName],
        status: Status,
        errors: Mapping[TableName, ErrorRecord] | None = None,
    ) -> None: ...

    def abandoned(self, run: Run) -> list[str]: ...

    def give_back(self, works: Sequence[str]) -> None: ...

    def progress(self, run: Run) -> Progress: ...

    def states(self, run: Run) -> dict[TableName, dict[Kind, JobState]]: ...

    def statuses(self, connection: str) -> dict[tuple[TableName, Kind], JobState]: ...
