"""What a worker does: performs units, counts what they cost, and looks after what dead workers left behind."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from wharfinger.core.errors import ErrorRecord, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped, Usage
from wharfinger.core.tracebacks import traceback_text
from wharfinger.jobs.model import BACKOFF_SECONDS, MAX_CLAIMS, Unit, after_error, died_too_often, own_fault, parts
from wharfinger.jobs.ports import Perform, Presence, Queue, WorkerStore

log = logging.getLogger("wharfinger.jobs")

IDLE_SECONDS = 20.0
"""How long a worker without work stays."""


class WorkerPresence(Presence, Protocol):
    """The presence of a worker, which may have to look after dead ones."""

    def lead(self) -> bool: ...

    def dead(self) -> list[str]: ...

    def forget(self, process_id: str) -> None: ...

    def accept_no_more(self) -> None: ...


@dataclass(slots=True)
class _Begun:
    unit: Unit
    usage: Usage
    told: tuple[int, int] = (0, 0)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Worker:
    """One worker process. `perform` is called from several threads, `tick` from one, again and again."""

    def __init__(
        self,
        store: WorkerStore,
        queue: Queue,
        presence: WorkerPresence,
        do: Perform,
        clock: Callable[[], float] = time.monotonic,
        backoff: tuple[float, ...] = BACKOFF_SECONDS,
    ) -> None:
        self._store = store
        self._queue = queue
        self._presence = presence
        self._do = do
        self._clock = clock
        self._backoff = backoff
        self._begun: dict[str, _Begun] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._stopping = False
        self._broken = threading.Event()
        self._busy_at = clock()

    @property
    def broken(self) -> bool:
        """Whether the state of a unit could not be kept, so that only another worker can go on with it."""
        return self._broken.is_set()

    def perform(self, ticket: str) -> None:
        """Perform the unit of a ticket. Never raises: what happens to a unit is told by its rows.

        Where those cannot be read or written, it never returns either: a ticket that was returned from never comes
        again, while the tickets of a worker that died go to the next one. This one is `broken` then.
        """
        try:
            if self._closing:
                self._store.release(ticket)
                return
            unit = self._store.claim(ticket, self._presence.id, self._presence.alive)
            if unit is not None:
                self._carry_out(unit)
                self.advance()
        except Exception as error:  # noqa: BLE001 - the queue would keep the exception, and its text may hold values
            _report(f"ticket {ticket}", error)
            self._broken.set()
            threading.Event().wait()

    def advance(self) -> None:
        """Give their tickets to units whose turn has come, and put them into the queue."""
        if tickets := self._store.issue():
            self._queue.enqueue(tickets)
            self._store.mark_enqueued(tickets)

    def tick(self) -> None:
        """Say that this worker lives, keep the counts, drop what nobody wants, resume what the dead left."""
        self._presence.beat()
        for begun in self._all():
            self._tell(begun)
            if not self._store.wanted(begun.unit.id, self._presence.alive):
                begun.usage.stop.set()
        if self._presence.lead():
            self._look_after_the_dead()

    def idle(self) -> bool:
        """Whether there has been nothing to do for a while."""
        return not self.busy() and self._clock() - self._busy_at > IDLE_SECONDS

    def busy(self) -> int:
        """How many units are begun."""
        with self._lock:
            return len(self._begun)

    def close(self, *, drain: bool) -> None:
        """Begin nothing new; without `drain` stop what is begun, too, so that it is given back."""
        self._closing = True
        self._presence.accept_no_more()
        if not drain:
            self._stopping = True
            for begun in self._all():
                begun.usage.stop.set()

    def hand_over(self) -> None:
        """At the end: tickets that were taken and came too late to be begun go back into the queue."""
        self._queue.resume(self._presence.id)

    def prune(self) -> None:
        """Forget what is old."""
        if tickets := self._store.prune():
            self._queue.forget(tickets)

    def _carry_out(self, unit: Unit) -> None:
        if unit.claims > MAX_CLAIMS:
            self._fail(unit, died_too_often(unit))
            return
        with self._registered(unit) as begun:
            for tries in count(1):
                error = self._once(begun)
                if error is None:
                    return
                decision = after_error(unit, error, tries, self._affordable(begun, unit.planned))
                if decision == "split":
                    self._store.split(unit, parts(unit))
                    return
                if decision == "fail":
                    self._fail(unit, error)
                    return
                if begun.usage.stop.wait(self._backoff[min(tries, len(self._backoff)) - 1]):
                    self._store.give_back(unit)
                    return

    def _once(self, begun: _Begun) -> WharfingerError | None:
        """Do the work once. None when the unit is dealt with, else the error it failed with as a whole."""
        try:
            errors = self._do(begun.unit, begun.usage, lambda more: self._affordable(begun, more))
        except Stopped:
            self._tell(begun)
            self._store.give_back(begun.unit)
            return None
        except WharfingerError as error:
            self._tell(begun)
            return error
        except Exception as error:  # noqa: BLE001 - one table's bug must not stop the others
            self._tell(begun)
            _report(f"unit {begun.unit.id}", error)
            return own_fault(error)
        self._tell(begun)
        self._store.finish(begun.unit, _documents(errors))
        return None

    def _fail(self, unit: Unit, error: WharfingerError) -> None:
        self._store.finish(unit, _documents(dict.fromkeys(unit.tables, error)))

    def _affordable(self, begun: _Begun, more: int) -> bool:
        self._tell(begun)
        return self._store.affordable(begun.unit, more)

    def _tell(self, begun: _Begun) -> None:
        with begun.lock:
            now = (begun.usage.statements, begun.usage.api_calls)
            if now != begun.told:
                self._store.count(begun.unit.id, now[0] - begun.told[0], now[1] - begun.told[1])
                begun.told = now

    @contextlib.contextmanager
    def _registered(self, unit: Unit) -> Iterator[_Begun]:
        begun = _Begun(unit, Usage())
        with self._lock:
            self._begun[unit.id] = begun
        if self._stopping:  # close() may have come between the claim and the line above
            begun.usage.stop.set()
        try:
            yield begun
        finally:
            with self._lock:
                self._begun.pop(unit.id, None)
                self._busy_at = self._clock()

    def _all(self) -> list[_Begun]:
        with self._lock:
            return list(self._begun.values())

    def _look_after_the_dead(self) -> None:
        dead = self._presence.dead()
        for process_id in dead:
            resumed = set(self._queue.resume(process_id))
            for unit in self._store.running(process_id):
                if unit.ticket not in resumed:  # the queue knows nothing of it, so it will never come by itself
                    self._store.give_back(unit)
            self._presence.forget(process_id)
        if dead:
            self._store.end_abandoned(self._presence.alive)


def _documents(errors: Mapping[TableName, WharfingerError]) -> dict[TableName, ErrorRecord]:
    """Errors as they are stored, each about its table."""
    return {table: _about(table, error.record()) for table, error in errors.items()}


def _about(table: TableName, document: ErrorRecord) -> ErrorRecord:
    next_step = document["next_step"] or "Mend the table or its rights in the warehouse, then process it again"
    return {**document, "subject": str(table), "next_step": next_step}


def _report(about: str, error: Exception) -> None:
    log.error("%s: %s\n%s", about, own_fault(error).why, traceback_text(error))
