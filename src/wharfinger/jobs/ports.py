"""What background work needs of others, as Protocols; `adapters.work` and the stores provide them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from wharfinger.core.errors import ErrorRecord, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.storage import Holds, Locks, Writing
from wharfinger.jobs.model import Draft, JobState, Kind, ProcessState, Progress, Run, Status, Unit

Affordable = Callable[[int], bool]
"""Whether so many statements more may be sent."""


Explain = Callable[[BaseException], WharfingerError | None]
"""The error to report when this computer caused an exception (a full disk, say), else None."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What a handler is given beside its unit: `usage` counts and says when to stop; every effect is stored in a
    transaction of `writing`, which raises Superseded when the unit belongs to another process now.
    """

    usage: Usage
    affordable: Affordable
    writing: Writing


Handler = Callable[[Unit, Doing], Mapping[TableName, WharfingerError]]
"""Does a unit's work and stores its effect; returns the errors of the tables that failed by themselves.

Raises a WharfingerError when the unit failed as a whole, Stopped when the usage's stop flag was set.
"""

Action = Callable[[int], bool]
"""One step of a unit. It is given the number of tries before this one; raising Unavailable asks for another try."""


class Steps(Protocol):
    """Runs the steps of one unit, each once in the life of its attempt."""

    def run(self, name: str, action: Action, tries: int = 1) -> bool:
        """The result of the action, which is called up to `tries` times while it raises Unavailable.

        A durable implementation keeps the result, and returns it without a call when the unit is started again after
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

    def started(self) -> dict[str, list[str]]:
        """The attempts that each worker has started and not ended."""

    def recover(self, executor: str, works: Sequence[str]) -> None:
        """Queue again what the dead or lost worker `executor` had started; the queue counts how often.

        An attempt that another worker has started meanwhile stays with that one.
        """

    def hand_over(self, executor: str) -> None:
        """Queue again what the living worker `executor` has started and given back; that does not count as a death."""

    def given_up(self) -> dict[str, bool]:
        """The attempts that the queue gave up, and whether that was because their workers died too often."""

    def forget(self, works: Collection[str]) -> None:
        """Delete the records of these attempts."""


class Workers(Protocol):
    """Provides a worker process."""

    def present(self) -> bool:
        """Whether a living worker begins new work."""

    def ensure(self, meanwhile: Callable[[], object] = lambda: None, stop: threading.Event | None = None) -> bool:
        """Have a living worker that begins new work; start one when there is none, and do `meanwhile` as it starts.

        Returns whether one was started. Raises a WharfingerError with the reason when no worker could start, Stopped
        when `stop` is set before there is one.
        """

    def end(self, *, drain: bool) -> None:
        """End the workers that were started here, and wait for them.

        They give back what they have started, or with `drain` finish it. One that does not answer is killed.
        """


class Coordination(Locks, Holds, Protocol):
    """Locks between processes, and names that a process holds while it lives: the storage's."""


class Presence(Protocol):
    """A process among those that take part; see `adapters.work.presence`."""

    @property
    def id(self) -> str: ...

    def enter(self) -> None: ...

    def leave(self) -> None: ...

    def beat(self) -> bool: ...

    def state(self, process_id: str) -> ProcessState: ...

    def others(self) -> Mapping[str, ProcessState]: ...

    def lose(self, process_id: str) -> None: ...

    def forget(self, process_id: str) -> None: ...

    def accept_no_more(self) -> None: ...


class UnitStore(Protocol):
    """What performing a unit writes; see `jobs.store`."""

    def start(self, work: str, owner: str) -> Unit | None: ...

    def writing(self, unit: Unit) -> AbstractContextManager[None]: ...

    def count(self, unit_id: str, statements: int, api_calls: int) -> None: ...

    def hand_back(self, unit: Unit) -> None: ...

    def finish(self, unit: Unit, errors: Mapping[TableName, ErrorRecord]) -> None: ...

    def finish_one(self, unit: Unit, place: int, error: ErrorRecord | None) -> None: ...

    def affordable(self, unit: Unit, more: int) -> bool: ...

    def followers(self, work: str) -> list[str]: ...

    def close(self) -> None: ...


class WorkerStore(UnitStore, Protocol):
    """What a worker writes beyond that; see `jobs.store`."""

    def unfinished(self, work: str) -> Unit | None: ...

    def take_back(self, works: Sequence[str], owner: str) -> None: ...

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

    def performers(self, connection: str) -> dict[str, set[TableName]]: ...

    def end_direct_runs(self, performer: str) -> None: ...

    def adopt_direct_runs(self, performer: str) -> list[str]: ...

    def ready(self, run: Run) -> list[str]: ...

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
