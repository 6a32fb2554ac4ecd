"""Placing what a run wants: which units under way it joins, and which are stored to be performed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wharfinger.core.names import TableName
from wharfinger.jobs.model import (
    DIRECT_TABLES,
    DIRECT_UNITS,
    Draft,
    Kind,
    Member,
    Run,
    Unit,
    Wanted,
    joinable,
    placing,
    uncovered,
)
from wharfinger.jobs.ports import Queue, RunStore


@dataclass(slots=True)
class Placed:
    """What became of what a run wants: the unit of each kind and table, what it begins itself, what it leaves."""

    units: dict[tuple[Kind, TableName], Unit] = field(default_factory=dict)
    first: list[Unit] = field(default_factory=list)
    joined: bool = False
    left: list[TableName] = field(default_factory=list)

    def small(self) -> bool:
        """Whether the process that asks performs it faster than a worker could be started."""
        tables = {table for _, table in self.units}
        return not self.joined and len(tables) <= DIRECT_TABLES and len(self.first) <= DIRECT_UNITS


@dataclass(frozen=True, slots=True)
class _Queued:
    """Attempts that wait or run, and those that the queue knows, whether they ended or not."""

    going: frozenset[str]
    known: frozenset[str]


class Placement:
    """Cuts what is wanted into units. The queue is asked only when a unit is stored that has not ended."""

    def __init__(self, store: RunStore, queue: Callable[[], Queue]) -> None:
        self._store = store
        self._queue = queue

    def place(self, run: Run, wanted: Sequence[Wanted]) -> Placed:
        """Join units under way, store units for the rest, and let the run want both. Call it in one transaction."""
        placed = Placed()
        for one in wanted:
            known = self._store.unfinished_units(run.connection, one.kind, one.options) if one.members else []
            queued = self._queued(known)
            joined = joinable([unit for unit in known if unit.work in queued.going], one.members)
            for unit in {unit.id: unit for unit in joined.values()}.values():
                self._attach(run, placed, unit, placed.units.get((one.after, unit.tables[0])))
            rest = uncovered(one.members, joined)
            groups: dict[str, list[Member]] = {}
            before: dict[str, Unit | None] = {}
            for member in rest:
                after = placed.units.get((one.after, member.table))
                groups.setdefault(after.work if after else "", []).append(member)
                before[after.work if after else ""] = after
            for work, members in groups.items():
                for draft in one.cut(members):
                    self._place_draft(run, placed, draft, before[work], queued)
            left = [member.table for member in rest if (one.kind, member.table) not in placed.units]
            self._store.set_statuses(run.connection, one.kind, left, "queued")
            placed.left += left
        return placed

    def _place_draft(self, run: Run, placed: Placed, draft: Draft, after: Unit | None, queued: _Queued) -> None:
        known = self._store.unit(draft.id(run.connection))
        attempt = 1
        if known is not None:
            decision = placing(known, known.work in queued.going, known.work in queued.known, run.started_at)
            if decision == "join":
                self._attach(run, placed, known, after)
                return
            attempt = known.attempt + (decision == "again")
        unit = self._store.place(run, draft, attempt)
        self._attach(run, placed, unit, after, new=True)

    def _attach(self, run: Run, placed: Placed, unit: Unit, after: Unit | None, *, new: bool = False) -> None:
        after = after if after is not None and after.ended_at is None else None
        self._store.attach(run, unit, after)
        placed.units |= {(unit.kind, table): unit for table in unit.tables}
        placed.joined |= not new and unit.ended_at is None
        if new and after is None:
            placed.first.append(unit)

    def _queued(self, units: Sequence[Unit]) -> _Queued:
        """What the queue says of units that have not ended. One that waits for another unit goes with that one."""
        if not units:
            return _Queued(frozenset(), frozenset())
        before = self._store.predecessors(units[0].connection)
        works = [unit.work for unit in units]
        known = self._queue().under_way({*works, *(one for work in works for one in before.get(work, ()))})
        going = (work for work in works if known.get(work) or any(known.get(one) for one in before.get(work, ())))
        return _Queued(frozenset(going), frozenset(known))
