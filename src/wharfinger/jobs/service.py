"""The verbs of background work: begin a run, submit its units, watch it, end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from wharfinger.core.names import TableName
from wharfinger.jobs.model import Draft, JobState, Kind, Member, Progress, Run, describe_drafts, joinable, unmatched
from wharfinger.jobs.ports import Presence, Queue, Store, Workers

LOOK_SECONDS = 0.1
"""How often a watcher looks at the rows."""
TEND_SECONDS = 1.0
"""How often a watcher sees to it that there is a worker, and that nothing was left out of the queue."""

Plan = Callable[[Sequence[TableName]], Iterable[Draft]]
"""Groups tables into profile units; tables it leaves out stay queued."""


class Jobs:
    """Background work as somebody sees it who waits for it."""

    def __init__(
        self,
        store: Store,
        queue: Callable[[], Queue],
        workers: Workers,
        presence: Presence,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._queue = queue
        self._workers = workers
        self._presence = presence
        self._clock = clock

    def begin(self, connection: str, ceiling: int | None = None) -> Run:
        """A new run for the connection with that id. Begin it before reading what is due: work that ends meanwhile is
        then not done twice. From here on this process takes part; `close` at the end."""
        self._presence.enter()
        return self._store.begin(connection, self._presence.id, ceiling)

    def spend(self, run: Run, statements: int, api_calls: int) -> None:
        """Keep what the run has sent so far by itself, outside of units."""
        self._store.spend(run, statements, api_calls)

    def submit(
        self, run: Run, profile: Sequence[Member], describe: Sequence[Member], plan: Plan, options: Mapping[str, str]
    ) -> None:
        """Cut the work into units and want them. Tables that a unit under way is about join that unit.

        `plan` makes the profile units of the rest; each describe unit follows the profile of its tables. `options`
        are the profile's, and part of what the work is.
        """
        with self._store.exclusive():
            by_table = self._submit_profile(run, profile, plan, options)
            active = self._join(run, "describe", describe, {})
            for draft in describe_drafts(unmatched(describe, active), by_table):
                self._store.place(run, draft)

    def watch(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> bool:
        """Wait until every unit of the run has ended; True then, False when `stop` was set before.

        `look` is told the progress again and again. Raises a WharfingerError when no worker can be had. The worker that
        was started for the run is gone when this returns; stopped units are given back.
        """
        ended = False
        try:
            ended = self._until_ended(run, stop, look)
        finally:
            self._store.end(run, stopped=not ended)
            self._workers.end(drain=ended)
        look(self._store.progress(run))
        return ended

    def cancel(self, run: Run) -> None:
        """Want the run's units no more. Workers stop what they have begun for nobody else within a second."""
        self._store.end(run, stopped=True)

    def close(self) -> None:
        """Take part no more; the worker that was started here is gone then."""
        self._workers.end(drain=False)
        self._presence.leave()

    def progress(self, run: Run) -> Progress:
        """How far the run is."""
        return self._store.progress(run)

    def states(self, run: Run) -> dict[TableName, dict[Kind, JobState]]:
        """How the jobs that the run asked for stand."""
        return self._store.states(run)

    def statuses(self, connection: str) -> dict[tuple[TableName, Kind], JobState]:
        """How every job of a connection stands, whoever asked for it."""
        return self._store.statuses(connection)

    def _submit_profile(
        self, run: Run, members: Sequence[Member], plan: Plan, options: Mapping[str, str]
    ) -> dict[TableName, str]:
        by_table = self._join(run, "profile", members, options)
        rest = [member.table for member in unmatched(members, by_table)]
        for draft in plan(rest) if rest else ():
            unit_id = self._store.place(run, draft)
            by_table |= {member.table: unit_id for member in draft.members}
        left = [member.table for member in unmatched(members, by_table)]
        self._store.set_statuses(run.connection, "profile", left, "queued")
        return by_table

    def _join(
        self, run: Run, kind: Kind, members: Sequence[Member], options: Mapping[str, str]
    ) -> dict[TableName, str]:
        units = self._store.active(run.connection, kind, options)
        under_way = [unit for unit in units if self._store.wanted(unit.id, self._presence.alive)]
        joined = joinable(under_way, members)
        for unit_id in dict.fromkeys(joined.values()):
            self._store.attach(run, unit_id)
        return joined

    def _until_ended(self, run: Run, stop: threading.Event, look: Callable[[Progress], None]) -> bool:
        tended_at: float | None = None
        while True:
            progress = self._store.progress(run)
            look(progress)
            if progress.ended or stop.is_set():
                return progress.ended
            if tended_at is None or self._clock() - tended_at >= TEND_SECONDS:
                self._tend(run)
                tended_at = self._clock()
            stop.wait(LOOK_SECONDS)

    def _tend(self, run: Run) -> None:
        self._presence.beat()
        self._workers.ensure()
        if tickets := self._store.issue(run.id):
            self._queue().enqueue(tickets)
            self._store.mark_enqueued(tickets)
