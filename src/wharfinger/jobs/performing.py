"""Performing one unit of work: its steps, what it costs, what is kept of it. The same in a worker and without one."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from wharfinger.core.errors import ErrorRecord, Unavailable, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped, Usage
from wharfinger.core.tracebacks import traceback_text
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import PAUSES_SECONDS, Superseded, Unit, alone, own_fault, worth_trying_alone
from wharfinger.jobs.ports import Action, Doing, Explain, Steps, UnitStore

log = logging.getLogger("wharfinger.jobs")


@dataclass(slots=True)
class _Active:
    unit: Unit
    usage: Usage = field(default_factory=Usage)
    counted: tuple[int, int] = (0, 0)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Performer:
    """Performs units, several at a time, each in a thread of its caller."""

    def __init__(
        self,
        store: UnitStore,
        kinds: Kinds,
        pauses: tuple[float, ...] = PAUSES_SECONDS,
        explain: Explain = lambda _: None,
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._pauses = pauses
        self._explain = explain
        self._active: dict[str, _Active] = {}
        self._lock = threading.Lock()
        self._stopping = False

    def perform(self, unit: Unit, steps: Steps) -> None:
        """Perform a unit that `UnitStore.start` has active.

        The handler is called in a step that is tried again while the warehouse is unavailable. When the unit failed as
        a whole, each of its tables is tried in a step of its own. Raises Stopped when `stop` or `stop_all` ended it:
        its tables are queued again then; Superseded when another process has taken it; and what the store raises.
        """
        with self._registered(unit) as active:

            def whole(tries: int) -> bool:
                errors = self._try(active, unit, tries)
                if errors is not None:
                    self._store.finish(unit, errors)
                return errors is None

            if steps.run("unit", whole, self._tries):
                for place in range(len(unit.members)):
                    steps.run("table", self._table(active, place), self._tries)

    def active(self) -> list[str]:
        """The attempts that are under way here."""
        with self._lock:
            return list(self._active)

    def stop(self, works: set[str]) -> None:
        """Stop some of the attempts under way: running statements are cancelled, tables are queued again."""
        with self._lock:
            for work in works & self._active.keys():
                self._active[work].usage.stop.set()

    def stop_all(self) -> None:
        """Stop everything under way, and everything that is started later."""
        self._stopping = True
        self.stop(set(self.active()))

    def count_all(self) -> None:
        """Write down what the units under way have cost so far."""
        with self._lock:
            active = list(self._active.values())
        for one in active:
            self._count(one)

    @property
    def _tries(self) -> int:
        return len(self._pauses) + 1

    def _table(self, active: _Active, place: int) -> Action:
        """The step for one table of a unit that failed as a whole."""
        unit = active.unit
        part = alone(unit, unit.members[place])

        def action(tries: int) -> bool:
            errors = self._try(active, part, tries) or {}
            self._store.finish_one(unit, place, errors.get(part.tables[0]))
            return False

        return action

    def _try(self, active: _Active, unit: Unit, tries: int) -> dict[TableName, ErrorRecord] | None:
        """Call the handler for `unit`, which is the active unit or a part of it.

        The errors of its tables; None when the tables are to be tried one by one. Raises Unavailable for another try.
        """
        doing = Doing(
            active.usage, lambda more: self._affordable(active, more), lambda: self._store.writing(active.unit)
        )
        try:
            errors = self._kinds.perform(unit, doing)
        except Superseded:
            self._count(active)
            raise
        except Stopped:
            self._give_back(active)
            raise
        except Unavailable as met:
            if tries < len(self._pauses) and self._affordable(active, unit.planned):
                # Not the queue's own pause: that one cannot be interrupted.
                if active.usage.stop.wait(self._pauses[tries]):
                    self._give_back(active)
                    raise Stopped from None
                raise
            error: WharfingerError = met
        except WharfingerError as met:
            error = met
        except Exception as met:  # noqa: BLE001 - one table's bug must not stop the others
            error = report(f"unit {unit.id}", met, self._explain)
        else:
            self._count(active)
            return {table: _record(table, one) for table, one in errors.items()}
        self._count(active)
        if worth_trying_alone(unit, error) and self._affordable(active, unit.planned):
            return None
        return records(unit, error)

    def _give_back(self, active: _Active) -> None:
        self._count(active)
        self._store.hand_back(active.unit)

    def _affordable(self, active: _Active, more: int) -> bool:
        self._count(active)
        return self._store.affordable(active.unit, more)

    def _count(self, active: _Active) -> None:
        with active.lock:
            now = (active.usage.statements, active.usage.api_calls)
            if now != active.counted:
                self._store.count(active.unit.id, now[0] - active.counted[0], now[1] - active.counted[1])
                active.counted = now

    @contextlib.contextmanager
    def _registered(self, unit: Unit) -> Iterator[_Active]:
        active = _Active(unit)
        with self._lock:
            self._active[unit.work] = active
        if self._stopping:  # stop_all() may have come between the start and the line above
            active.usage.stop.set()
        try:
            yield active
        finally:
            with self._lock:
                self._active.pop(unit.work, None)


def _record(table: TableName, error: WharfingerError) -> ErrorRecord:
    """An error as it is stored: about its table."""
    record = error.record()
    next_step = record["next_step"] or "Correct the table or its rights in the warehouse, then process it again"
    return {**record, "subject": str(table), "next_step": next_step}


def records(unit: Unit, error: WharfingerError) -> dict[TableName, ErrorRecord]:
    """One error for every table of a unit, as it is stored."""
    return {table: _record(table, error) for table in unit.tables}


def report(about: str, met: Exception, explain: Explain) -> WharfingerError:
    """Log an exception without the values that its text may hold; the error to report for it."""
    error = explain(met) or own_fault(met)
    log.error("%s: %s\n%s", about, error, traceback_text(met))
    return error
