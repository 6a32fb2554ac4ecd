"""The verbs of background work: start a run, watch it, cancel it. Three, as who asked may go away before its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from wharfinger.core.errors import NotFound
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped
from wharfinger.core.storage import Hold
from wharfinger.jobs.direct import DirectRun
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import (
    JobState,
    Kind,
    Progress,
    Run,
    Wanted,
)
from wharfinger.jobs.placement import Placement
from wharfinger.jobs.ports import Coordination, Queue, RunStore, UnitStore, Workers

LOOK_SECONDS = 0.1
"""How often a watcher reads the rows."""
TEND_SECONDS = 1.0
"""How often a watcher makes sure that there is a worker."""

STARTING = "start"
"""The lock of a process that stores and enqueues its units."""
DIRECT = "direct"
"""The name that a process holds while it performs a run by itself."""
ANOTHER_PROCESS = "another process of this home, which works on the same tables"
"""What a run waits for that may not start yet, for people."""


class Store(RunStore, UnitStore, Protocol):
    """What this service and the runs it performs itself need of a store."""


class Jobs:
    """Background work as those see it who ask for it.

    One process at a time stores its units and enqueues them, so that no other takes what is stored and not yet enqueued
    for the remains of a killed process. One that performs its run by itself holds the name `direct` meanwhile.
    """

    def __init__(
        self,
        store: Store,
        queue: Callable[[], Queue],
        workers: Workers,
        kinds: Callable[[], Kinds],
        coordination: Coordination,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._queue = queue
        self._workers = workers
        self._kinds = kinds
        self._coordination = coordination
        self._direct: Hold | None = None
        self._clock = clock
        self._mine: dict[str, list[str]] = {}

    def begin(self, connection: str, asked_by: str, ceiling: int | None = None) -> Run:
        """A new run for the connection with that id. Begin it before reading what is due: work that ends meanwhile is
        then not done twice."""
        return self._store.begin(connection, asked_by, ceiling)

    def spend(self, run: Run, statements: int, api_calls: int) -> None:
        """Keep what the run has sent so far by itself, outside of units."""
        self._store.spend(run, statements, api_calls)

    def start(
        self,
        run: Run,
        wanted: Sequence[Wanted],
        *,
        tables: Sequence[TableName] = (),
        notes: Sequence[str] = (),
        direct: bool = False,
        stop: threading.Event | None = None,
        look: Callable[[Progress], None] = lambda _: None,
    ) -> Run:
        """Have the work done; returns the run with what it is about. The caller may go away then.

        The work is cut into units. Tables that a unit under way is about join that unit. With `direct` a small run is
        not enqueued: `watch`, called in this process, performs it. `tables` and `notes` are kept with the run.
        `look` is given what the run waits for while another process performs the same tables directly.
        Raises a WharfingerError when no worker can start, Stopped when `stop` is set while another process performs
        the same tables directly.
        """
        while True:
            with self._coordination.locked(STARTING):
                started = self._start(run, wanted, tables, notes, direct=direct)
            if started is not None:
                return started
            look(replace(self._store.progress(run), ended=False, waits_for=ANOTHER_PROCESS))
            if (stop or threading.Event()).wait(LOOK_SECONDS):
                raise Stopped

    def get(self, run_id: str) -> Run:
        """The run with that id, of any actor. Raises NotFound."""
        run = self._store.get(run_id)
        if run is None:
            raise NotFound(
                "There is no such run", subject=run_id, why="runs are kept for 30 days", next_step="Check the run's id"
            )
        return run

    def watch(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> Progress:
        """Wait until the run has ended or was cancelled, or `stop` is set; the last progress.

        `look` is called repeatedly with the progress. A watcher that ends stops nothing but a direct run of its
        own, whose tables are due again then. Raises a WharfingerError when no worker can start.
        """
        if run.id in self._mine:
            self._perform(run, stop, look)
        else:
            self._wait(run, stop, look)
        progress = self._store.progress(run)
        if progress.ended:
            self._store.end(run, stopped=False)
        look(progress)
        return progress

    def cancel(self, run: Run) -> None:
        """End the run. Units that no other run wants are not started, or stopped within a second; their tables are
        due again. A run that has ended stays as it is."""
        with self._store.exclusive():
            works = self._store.abandoned(run)
            self._store.end(run, stopped=True)
            self._store.give_back(works)
        if works and not run.direct:
            self._queue().cancel(works)

    def close(self, *, drain: bool = False) -> None:
        """End the worker that was started here, if any. It gives back its units, or finishes them with `drain`."""
        self._workers.end(drain=drain)
        self._end_turn()

    def progress(self, run: Run) -> Progress:
        """How far the run is."""
        return self._store.progress(run)

    def states(self, run: Run) -> dict[TableName, dict[Kind, JobState]]:
        """The statuses of the jobs that the run asked for."""
        return self._store.states(run)

    def statuses(self, connection: str) -> dict[tuple[TableName, Kind], JobState]:
        """The status of every job of a connection, of any run."""
        return self._store.statuses(connection)

    # Starting

    def _start(
        self,
        run: Run,
        wanted: Sequence[Wanted],
        tables: Sequence[TableName],
        notes: Sequence[str],
        *,
        direct: bool,
    ) -> Run | None:
        """Store and enqueue what the run wants; None while a process performs some of the tables directly."""
        with self._store.exclusive():
            if self._performed_directly(run, wanted):
                return None
            placed = Placement(self._store, self._queue).place(run, wanted)
            small = direct and bool(placed.first) and placed.small() and self._take_turn()
            left = tuple(placed.left)
            run = replace(run, tables=tuple(tables), notes=tuple(notes), left=left, direct=small)
            self._store.describe(run)
        works = [unit.work for unit in placed.first]
        if small:
            self._mine[run.id] = works
        elif works or placed.joined:
            self._workers.ensure(self._queue)
            self._queue().enqueue(works)
        return run

    def _performed_directly(self, run: Run, wanted: Sequence[Wanted]) -> bool:
        """Whether a process performs some of these tables by itself.

        A process that was killed has let go of its lock: the runs it left are ended.
        """
        tables = self._store.direct_tables(run.connection)
        if not any(member.table in tables for one in wanted for member in one.members):
            return False
        if self._coordination.is_held(DIRECT):
            return True
        self._store.end_direct_runs()
        return False

    def _take_turn(self) -> bool:
        if self._direct is not None or self._workers.present():
            return False
        self._direct = self._coordination.hold(DIRECT)
        return self._direct is not None

    def _end_turn(self) -> None:
        if self._direct is not None:
            self._direct.release()
            self._direct = None

    # Watching

    def _perform(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> None:
        try:
            direct = DirectRun(self._store, self._kinds())
            direct.perform(self._mine.pop(run.id), stop, lambda: look(self._store.progress(run)), LOOK_SECONDS)
        finally:
            self._end_turn()

    def _wait(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> None:
        tended_at: float | None = None
        while True:
            progress = self._store.progress(run)
            if progress.ended or progress.cancelled or stop.is_set():
                return
            look(progress)
            if tended_at is None or self._clock() - tended_at >= TEND_SECONDS:
                self._tend(run)
                tended_at = self._clock()
            stop.wait(LOOK_SECONDS)

    def _tend(self, run: Run) -> None:
        if not run.direct:
            self._workers.ensure()
        elif not self._coordination.is_held(DIRECT):  # its process was killed, or has ended it just now
            self.cancel(run)
