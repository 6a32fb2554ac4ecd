"""A worker process from its start to its end: its presence, its end of the queue, and the orders it obeys."""

from __future__ import annotations

import queue
import threading
import time
from typing import Literal

from wharfinger.adapters.work.dbos_engine import CONCURRENCY, WorkQueue, WorkRunner
from wharfinger.adapters.work.presence import Presence
from wharfinger.core.storage import QueueDatabase
from wharfinger.jobs.worker import Worker

Order = Literal["drain", "stop"]

TICK_SECONDS = 0.25
DRAIN_SECONDS = 7 * 24 * 3600
RECORD_SECONDS = 0.5
STOP_SECONDS = 10.0
"""How long the units under way may take to stop and be given back."""


class WorkerBroken(Exception):
    """The state of a unit could not be written; the process must die without leaving, so that others recover it."""


class WorkerHost:
    """Runs one worker. `start`, then `run` until it has nothing to do or is ordered to end.

    After `run` the process has to end at once (`os._exit`): threads of units that were given back never end.
    """

    def __init__(
        self,
        database: QueueDatabase,
        engine: WorkQueue,
        presence: Presence,
        worker: Worker,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._queue = engine
        self._presence = presence
        self._worker = worker
        self._runner = WorkRunner(database, presence.id, worker.perform, concurrency)

    def start(self) -> None:
        """Take part, and begin to take attempts. It beats meanwhile, however long that takes."""
        self._presence.enter()
        with self._presence.beating():
            self._runner.start()

    def run(self, orders: queue.Queue[Order]) -> None:
        """Work until an order or idleness ends it.

        `drain`: units under way are finished. `stop`: they are given back; it may follow a `drain`. A worker that was
        silent for so long that others took over its units leaves them alone. Raises WorkerBroken, and what the store
        raises.
        """
        with self._presence.beating():
            self._queue.forget_old_versions()
            self._worker.prune()
        draining: threading.Thread | None = None
        while draining is None or draining.is_alive():
            order = _next(orders)
            if order == "stop" or self._worker.broken or self._worker.lost:
                self._stop(draining=draining is not None)
                return
            if draining is None and (order or self._worker.idle()):
                self._worker.close(drain=True)
                # In a thread, since the units under way need beats and counts until they end.
                draining = threading.Thread(target=self._drain, name="draining", daemon=True)
                draining.start()
            self._worker.tick()
        self._worker.hand_over()
        self._presence.leave()

    def _stop(self, *, draining: bool) -> None:
        self._worker.close(drain=False)
        over = time.monotonic() + STOP_SECONDS
        while self._worker.busy() and time.monotonic() < over:
            time.sleep(0.02)
        if self._worker.broken:
            raise WorkerBroken
        if not draining:  # else that thread has already made DBOS start nothing more
            self._runner.stop()
        if not self._worker.lost:
            self._worker.hand_over()
        self._presence.leave()

    def _drain(self) -> None:
        # What was performed a moment ago is still being recorded; DBOS itself looks once a second only.
        over = time.monotonic() + RECORD_SECONDS
        while (left := self._queue.started_by(self._presence.id)) and time.monotonic() < over:
            time.sleep(0.02)
        self._runner.stop(wait_seconds=DRAIN_SECONDS if left else 0)


def _next(orders: queue.Queue[Order]) -> Order | None:
    try:
        return orders.get(timeout=TICK_SECONDS)
    except queue.Empty:
        return None
