"""A worker: performs what the queue hands it, drops what was cancelled, and takes over what other workers left.

Every worker looks after the others: what it does for a worker that is dead or lost changes nothing when another one has
done it already, so nobody has to lead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from wharfinger.core.errors import Unavailable
from wharfinger.core.session import Stopped
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import PAUSES_SECONDS, Superseded, queue_failed, worker_died
from wharfinger.jobs.performing import Performer, records, report
from wharfinger.jobs.ports import Action, Engine, Explain, Presence, Steps, WorkerStore
from wharfinger.jobs.timing import Timing

_T = TypeVar("_T")


class Worker:
    """One worker process. `perform` is called from several threads, `tick` from one, again and again."""

    def __init__(
        self,
        store: WorkerStore,
        engine: Engine,
        presence: Presence,
        kinds: Kinds,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
        pauses: tuple[float, ...] = PAUSES_SECONDS,
        explain: Explain = lambda _: None,
    ) -> None:
        self._timing = timing or Timing()
        self._store = store
        self._engine = engine
        self._presence = presence
        self._performer = Performer(store, kinds, pauses, explain)
        self._explain = explain
        self._clock = clock
        self._stopping = False
        self._lost = False
        self._broken = threading.Event()
        self._performing: set[str] = set()
        self._held: set[str] = set()
        self._settled: set[str] = set()
        self._busy_at = clock()
        self._looked_at = clock() - self._timing.beat

    @property
    def lost(self) -> bool:
        """Whether this worker was silent for so long that others took over what it had begun: it has to end."""
        return self._lost

    @property
    def broken(self) -> bool:
        """Whether the state of a unit could not be written, so that only another worker can perform it."""
        return self._broken.is_set()

    def perform(self, work: str, steps: Steps) -> None:
        """Perform an attempt, then have those enqueued that waited for it to end.

        Where the store cannot be read or written, where this worker is stopping, and where another worker has taken
        the attempt over, it never returns: the queue would take the attempt for done. What is not returned from goes
        to another worker.
        """
        self._performing.add(work)
        try:
            unit = self.guarded(work, lambda: self._store.start(work, self._presence.id))
            if unit is not None:
                self._performer.perform(unit, _Guarded(self, work, steps))
            # No step: enqueuing them again changes nothing, and a unit that had ended when its worker died has no
            # steps to come before this one.
            self.guarded(work, lambda: self._enqueue_followers(work))
        finally:
            self._performing.discard(work)
            self._busy_at = self._clock()

    def tick(self) -> None:
        """Say that this worker lives, write down costs, stop what was cancelled, take over what others left."""
        if not self._presence.beat():
            self._lost = True
            return
        self._performer.count_all()
        if active := self._performer.active():
            self._performer.stop(self._engine.cancelled(active))
        if self._clock() - self._looked_at >= self._timing.beat:
            self._looked_at = self._clock()
            self._take_over()
            self._fail_what_was_given_up()

    def idle(self) -> bool:
        """Whether there has been nothing to do for a while."""
        return not self.busy() and self._clock() - self._busy_at > self._timing.idle

    def busy(self) -> int:
        """How many attempts are under way and not given back."""
        return len(self._performing - self._held)

    def close(self, *, drain: bool) -> None:
        """Announce that this worker starts nothing new; without `drain` stop what it has started, too."""
        self._presence.accept_no_more()
        if not drain:
            self._stopping = True
            self._performer.stop_all()

    def hand_over(self) -> None:
        """At the end, when nothing is performed any more: what was taken and not ended goes back into the queue."""
        self._engine.hand_over(self._presence.id)

    def prune(self) -> None:
        """Forget what is old: the queue's records first, as a record without its unit would hold back a new unit."""
        old = self._store.old()
        waiting = self._engine.under_way([unit.work for unit in old])
        ended = [unit for unit in old if not waiting.get(unit.work)]
        self._engine.forget([f"{unit.id}-{number}" for unit in ended for number in range(1, unit.attempt + 1)])
        self._store.delete(ended)

    def guarded(self, work: str, action: Callable[[], _T]) -> _T:
        """What `action` returns. Never returns in the cases that `perform` names."""
        if self._stopping:
            self._hold(work)
        try:
            return action()
        except Unavailable:
            raise  # the queue tries again
        except Superseded:
            self._hold(work)
            raise
        except Stopped:
            if self._stopping:
                self._hold(work)
            raise
        except Exception as error:
            report(f"work {work}", error, self._explain)
            self._broken.set()
            self._hold(work)
            raise

    def _hold(self, work: str) -> None:
        self._held.add(work)
        threading.Event().wait()

    def _enqueue_followers(self, work: str) -> None:
        self._engine.enqueue(self._store.followers(work))

    def _take_over(self) -> None:
        """Queue again what was begun by workers that are dead or lost, or that are gone without a trace.

        The attempts are read before the processes: who began one since is not looked at. A lost worker learns of it
        before its work is taken.
        """
        started = self._engine.started()
        others = self._presence.others()
        for process_id, state in others.items():
            if state == "lost":
                self._presence.lose(process_id)
        keeping = {process_id for process_id, state in others.items() if state in ("alive", "silent")}
        for executor, works in started.items():
            if executor not in keeping and executor != self._presence.id:
                self._store.take_back(works, executor)
                self._engine.recover(executor, works)
        for process_id, state in others.items():
            if state == "dead":
                self._presence.forget(process_id)

    def _fail_what_was_given_up(self) -> None:
        """The queue reports nothing when it gives an attempt up: its tables are marked as failed here."""
        for work, died in self._engine.given_up().items():
            if work in self._settled:
                continue
            if unit := self._store.unfinished(work):
                self._store.finish(unit, records(unit, worker_died() if died else queue_failed()))
            self._enqueue_followers(work)
            self._settled.add(work)


class _Guarded:
    """The steps of one attempt, each guarded as `Worker.perform` says."""

    def __init__(self, worker: Worker, work: str, steps: Steps) -> None:
        self._worker = worker
        self._work = work
        self._steps = steps

    def run(self, name: str, action: Action, tries: int = 1) -> bool:
        """See `ports.Steps`."""
        return self._steps.run(name, lambda tried: self._worker.guarded(self._work, lambda: action(tried)), tries)
