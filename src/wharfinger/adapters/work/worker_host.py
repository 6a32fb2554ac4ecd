"""A worker process from its start to its end: its presence, its end of the queue, and the orders it obeys."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from wharfinger.adapters.work.dbos_queue import CONCURRENCY, TicketRunner
from wharfinger.adapters.work.presence import Presence
from wharfinger.jobs.worker import Worker

Order = Literal["drain", "stop"]

TICK_SECONDS = 0.25
DRAIN_SECONDS = 7 * 24 * 3600
BREAK_SECONDS = 10.0
"""How long the other units of a broken worker may take to be given back."""


class WorkerBroken(Exception):
    """The state of a unit could not be kept; the process must die without leaving, for others to go on with it."""


class WorkerHost:
    """Runs one worker. `start`, then `run` until it has nothing to do or is ordered to end."""

    def __init__(
        self, creator: Callable[[], Any], presence: Presence, worker: Worker, concurrency: int = CONCURRENCY
    ) -> None:
        self._presence = presence
        self._worker = worker
        self._runner = TicketRunner(creator, presence.id, worker.perform, concurrency)

    def start(self) -> None:
        """Take part, and begin to take tickets."""
        self._presence.enter()
        self._runner.start()

    def run(self, orders: queue.Queue[Order]) -> None:
        """Work until an order or idleness ends it.

        `drain`: what is begun is brought to its end. `stop`: it is given back, which may still follow a `drain`.
        Raises WorkerBroken, and what the store raises; the process has threads then that do not end by themselves.
        """
        ending: threading.Thread | None = None
        self._worker.prune()
        while ending is None or ending.is_alive():
            order = _next(orders)
            if self._worker.broken:
                self._break_off()
            if order == "stop":
                self._worker.close(drain=False)
            if ending is None and (order or self._worker.idle()):
                self._worker.close(drain=True)
                # In a thread, as the begun units need their beats and counts to their end.
                ending = threading.Thread(target=self._end, name="ending")
                ending.start()
            self._worker.tick()
        if self._worker.broken:
            raise WorkerBroken
        self._worker.hand_over()
        self._presence.leave()

    def _break_off(self) -> None:
        self._worker.close(drain=False)
        over = time.monotonic() + BREAK_SECONDS
        while self._worker.busy() and time.monotonic() < over:
            time.sleep(TICK_SECONDS)
        raise WorkerBroken

    def _end(self) -> None:
        self._runner.stop(wait_seconds=DRAIN_SECONDS if self._worker.busy() else 0)


def _next(orders: queue.Queue[Order]) -> Order | None:
    try:
        return orders.get(timeout=TICK_SECONDS)
    except queue.Empty:
        return None
