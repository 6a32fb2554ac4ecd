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
from wharfinger.jobs.model import FUTILE_WORKERS, JobState, Kind, Progress, Run, Wanted, no_progress
from wharfinger.jobs.placement import Placement
from wharfinger.jobs.ports import Coordination, Explain, Presence, Queue, RunStore, UnitStore, Workers
from wharfinger.jobs.timing import Timing

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
    for the remains of a killed process. One that performs its run by itself holds the name `direct` meanwhile, and is
    `present` among the processes that take part.
    """

    def __init__(
        self,
        store: Store,
        queue: Callable[[], Queue],
        workers: Workers,
        kinds: Callable[[], Kinds],
        coordination: Coordination,
        presence: Presence,
        timing: Timing | None = None,
        explain: Explain = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timing = timing or Timing()
        self._explain = explain
        self._store = store
        self._queue = queue
        self._workers = workers
        self._kinds = kinds
        self._coordination = coordination
        self._presence = presence
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
        Raises a WharfingerError when no worker can start, Stopped when `stop` is set while this process waits for
        others: for one that is starting a run, or performs the same tables directly, and for a new worker.
        """
        stop = stop or threading.Event()
        while True:
            with self._coordination.locked(STARTING, stop):
                started = self._start(run, wanted, tables, notes, stop, direct=direct)
            if started is not None:
                return started
            look(replace(self._store.progress(run), ended=False, waits_for=ANOTHER_PROCESS))
            if stop.wait(LOOK_SECONDS):
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
        own, whose tables are due again then. Raises a WharfingerError when no worker can start, or when workers come
        and go and no table of the run ends.
        """
        if run.id in self._mine:
            self._perform(run, stop, look)
        self._wait(run, stop, look)  # a direct run too: another process may have taken it over from a silent one
        progress = self._store.progress(run)
        if progress.ended:
            self._store.end(run, stopped=False)
        look(progress)
        return progress

    def cancel(self, run: Run) -> None:
        """End the run. Units that no other run wants are not started, or stopped within a second; their tables are
        due again. A run that has ended stays as it is."""
        current = self._store.get(run.id) or run
        queue = self._queue() if self._store.abandoned(run) and not current.direct else None
        with self._store.exclusive():
            works = self._store.abandoned(run)
            self._store.end(run, stopped=True)
            self._store.give_back(works)
            # Inside the transaction: a run that is placed after it must not join what is about to be cancelled.
            if works and queue is not None:
                queue.cancel(works)

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
        stop: threading.Event,
        *,
        direct: bool,
    ) -> Run | None:
        """Store and enqueue what the run wants; None while a process performs some of the tables directly."""
        with self._store.exclusive():
            adopted = self._settle_direct_runs(run, {member.table for one in wanted for member in one.members})
            if adopted is None:
                return None
            placed = Placement(self._store, self._queue).place(run, wanted)
            small = direct and not adopted and bool(placed.first) and placed.small() and self._take_turn()
            performer = self._presence.id if small else ""
            left = tuple(placed.left)
            run = replace(run, tables=tuple(tables), notes=tuple(notes), left=left, performer=performer)
            self._store.describe(run)
        works = [unit.work for unit in placed.first]
        if small:
            self._mine[run.id] = works
        elif works or adopted or placed.joined:
            self._workers.ensure(self._queue, stop)
            self._queue().enqueue([*adopted, *works])
        return run

    def _settle_direct_runs(self, run: Run, tables: set[TableName]) -> list[str] | None:
        """End the direct runs of dead processes, and take over those of lost ones: the attempts to be enqueued.

        None while a process that is neither performs some of these tables.
        """
        performers = self._store.performers(run.connection)
        states = {performer: self._presence.state(performer) for performer in performers}
        for performer in [one for one, state in states.items() if state == "dead"]:
            self._store.end_direct_runs(performer)
        if any(states[one] in ("alive", "silent") and theirs & tables for one, theirs in performers.items()):
            return None
        lost = [one for one, state in states.items() if state == "lost"]
        return [work for performer in lost for work in self._store.adopt_direct_runs(performer)]

    def _take_turn(self) -> bool:
        if self._direct is not None or self._workers.present():
            return False
        self._direct = self._coordination.hold(DIRECT)
        if self._direct is not None:
            self._presence.enter()
        return self._direct is not None

    def _end_turn(self) -> None:
        if self._direct is not None:
            self._presence.leave()
            self._direct.release()
            self._direct = None

    # Watching

    def _perform(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> None:
        def tick() -> None:
            self._presence.beat()
            look(self._store.progress(run))

        try:
            direct = DirectRun(self._store, self._presence.id, self._kinds(), explain=self._explain)
            direct.perform(self._mine.pop(run.id), stop, tick, LOOK_SECONDS)
        finally:
            self._end_turn()

    def _wait(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> None:
        tended_at: float | None = None
        moved_at, ended, workers = self._clock(), -1, 0
        while True:
            progress = self._store.progress(run)
            if progress.ended or progress.cancelled or stop.is_set():
                return
            look(progress)
            now = self._clock()
            if sum(progress.done.values()) != ended:
                moved_at, ended, workers = now, sum(progress.done.values()), 0
            if tended_at is None or now - tended_at >= TEND_SECONDS:
                try:
                    workers += self._tend(run, stop, unmoved=now - moved_at)
                except Stopped:
                    return
                tended_at = self._clock()
            if workers >= FUTILE_WORKERS:
                raise no_progress(workers)
            stop.wait(LOOK_SECONDS)

    def _tend(self, run: Run, stop: threading.Event, unmoved: float) -> bool:
        """Make sure that the run is being performed, of which no table has ended for `unmoved` seconds.

        Whether a worker was started for it.
        """
        current = self._store.get(run.id) or run
        if not current.direct:
            started = self._workers.ensure(stop=stop)
            if unmoved >= self._timing.silence:
                self._enqueue_what_is_missing(run)
            return started
        state = self._presence.state(current.performer)
        if state == "dead" or current.performer == self._presence.id:  # killed, or it has ended just now
            self.cancel(run)
        elif state == "lost":
            works = self._store.adopt_direct_runs(current.performer)
            self._workers.ensure(self._queue, stop)
            self._queue().enqueue(works)
        return False

    def _enqueue_what_is_missing(self, run: Run) -> None:
        """Enqueue what the queue does not know: who stored it was killed or stopped before it could."""
        ready = self._store.ready(run)
        known = self._queue().under_way(ready)
        self._queue().enqueue([work for work in ready if work not in known])
