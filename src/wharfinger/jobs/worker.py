"""A worker: performs what the queue hands it, drops what was cancelled, and looks after what dead workers left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from wharfinger.core.errors import Unavailable
from wharfinger.core.session import Stopped
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import PAUSES_SECONDS, queue_failed, worker_died
from wharfinger.jobs.performing import Performer, records, report
from wharfinger.jobs.ports import Action, Engine, Presence, Steps, WorkerStore

IDLE_SECONDS = 20.0
"""How long a worker without work stays."""

_T = TypeVar("_T")


class Worker:
    """One worker process. `perform` is called from several threads, `tick` from one, again and again."""

    def __init__(
        self,
        store: WorkerStore,
        engine: Engine,
        presence: Presence,
        kinds: Kinds,
        clock: Callable[[], float] = time.monotonic,
        pauses: tuple[float, ...] = PAUSES_SECONDS,
    ) -> None:
        self._store = store
        self._engine = engine
        self._presence = presence
        self._performer = Performer(store, kinds, pauses)
        self._clock = clock
        self._stopping = False
        self._broken = threading.Event()
        self._performing: set[str] = set()
        self._held: set[str] = set()
        self._settled: set[str] = set()
        self._busy_at = clock()

    @property
    def broken(self) -> bool:
        """Whether the state of a unit could not be written, so that only another worker can perform it."""
        return self._broken.is_set()

    def perform(self, work: str, steps: Steps) -> None:
        """Perform an attempt, then have those enqueued that waited for it to end.

        Where the store cannot be read or written, and where this worker is stopping, it never returns: the queue
        would take the attempt for done. What is not returned from goes to another worker.
        """
        self._performing.add(work)
        try:
            guarded = _Guarded(self, work, steps)
            unit = self.guarded(work, lambda: self._store.start(work))
            if unit is not None:
                self._performer.perform(unit, guarded)
            guarded.run("followers", lambda _: self._enqueue_followers(work))
        finally:
            self._performing.discard(work)
            self._busy_at = self._clock()

    def tick(self) -> None:
        """Say that this worker lives, write down costs, stop what was cancelled, look after what the dead left."""
        self._presence.beat()
        self._performer.count_all()
        if begun := self._performer.begun():
            self._performer.stop(self._engine.cancelled(begun))
        if self._presence.lead():
            self._recover_from_the_dead()
            self._fail_what_was_given_up()

    def idle(self) -> bool:
        """Whether there has been nothing to do for a while."""
        return not self.busy() and self._clock() - self._busy_at > IDLE_SECONDS

    def busy(self) -> int:
        """How many attempts are under way and not given back."""
        return len(self._performing - self._held)

    def close(self, *, drain: bool) -> None:
        """Tell others that this worker begins nothing new; without `drain` stop what is begun, too."""
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
        except Stopped:
            if self._stopping:
                self._hold(work)
            raise
        except Exception as error:
            report(f"work {work}", error)
            self._broken.set()
            self._hold(work)
            raise

    def _hold(self, work: str) -> None:
        self._held.add(work)
        threading.Event().wait()

    def _enqueue_followers(self, work: str) -> bool:
        self._engine.enqueue(self._store.followers(work))
        return False

    def _recover_from_the_dead(self) -> None:
        for process_id in self._presence.dead():
            self._store.give_back(self._engine.begun_by(process_id))
            self._engine.recover(process_id)
            self._presence.forget(process_id)

    def _fail_what_was_given_up(self) -> None:
        """The queue calls nobody when it gives an attempt up: its tables fail here."""
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
