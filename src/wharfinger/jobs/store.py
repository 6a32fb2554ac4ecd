"""Runs and their units in the store. What must not be torn is one transaction.

Nothing here decides what runs: the queue does. The rows hold the content of units, and what people see of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from wharfinger.core.errors import ErrorRecord
from wharfinger.core.names import TableName
from wharfinger.jobs.model import (
    Draft,
    Kind,
    Run,
    Superseded,
    Unit,
    unit_of,
    within,
    work_id,
)
from wharfinger.jobs.store_rows import (
    NOT_ENDED,
    attempt_row,
    owned_row,
    run_value,
    unit_value,
    works_of,
)
from wharfinger.jobs.store_runs import RunRows
from wharfinger.store.database import close_database
from wharfinger.store.models import Run as RunRow
from wharfinger.store.models import RunUnit
from wharfinger.store.models import Unit as UnitRow
from wharfinger.store.transactions import exclusive

KEPT = timedelta(days=30)
"""How long a run is kept, and a unit after the last run that wanted it."""


class JobStore(RunRows):
    """Keeps runs, units and statuses.

    What is written of a unit is dropped when its attempt is out of date, and refused with Superseded when another
    process has taken the unit since.
    """

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which no other thread or process writes."""
        return exclusive()

    def close(self) -> None:
        """Close this thread's connection to the store; it opens again by itself."""
        close_database()

    # Attempts that runs want

    def abandoned(self, run: Run) -> list[str]:
        """The attempts not ended that this run wants and no other run that has not ended does."""
        others = RunUnit.objects.filter(unit=OuterRef("unit"), attempt=OuterRef("attempt"), run__ended_at=None)
        mine = RunUnit.objects.filter(NOT_ENDED, run_id=run.id).exclude(Exists(others.exclude(run_id=run.id)))
        return works_of(mine)

    def adopt_direct_runs(self, performer: str) -> list[str]:
        """Take the runs that a silent process performs directly away from it, for the queue.

        Returns the attempts to be enqueued; the others wait for these.
        """
        with exclusive():
            runs = [run_value(row) for row in RunRow.objects.filter(performer=performer, ended_at=None)]
            for run in runs:
                self.take_back(works_of(RunUnit.objects.filter(NOT_ENDED, run_id=run.id)), performer)
            RunRow.objects.filter(id__in=[run.id for run in runs]).update(performer="")
            return [work for run in runs for work in self.ready(run)]

    def ready(self, run: Run) -> list[str]:
        """The attempts of a run that have not ended and wait for no other."""
        first = Q(after=None) | Q(after__ended_at__isnull=False)
        return works_of(RunUnit.objects.filter(NOT_ENDED, first, run_id=run.id))

    # Units

    def unit(self, unit_id: str) -> Unit | None:
        """The unit with that id, None when there is none."""
        row = UnitRow.objects.filter(id=unit_id).first()
        return unit_value(row) if row is not None else None

    def unfinished_units(self, connection: str, kind: Kind, options: Mapping[str, str]) -> list[Unit]:
        """The units of one kind with the same options whose newest attempt has not ended."""
        rows = UnitRow.objects.filter(connection_id=connection, kind=kind, ended_at=None)
        return [unit_value(row) for row in rows if row.options == dict(options)]

    def unfinished(self, work: str) -> Unit | None:
        """The unit of an attempt that has not ended, else None."""
        row = attempt_row(work).first()
        return unit_value(row) if row is not None else None

    def predecessors(self, connection: str) -> dict[str, set[str]]:
        """For each attempt that waits for others to end those it waits for, as far as they have not ended."""
        waiting = RunUnit.objects.filter(
            NOT_ENDED, unit__connection=connection, run__ended_at=None, after__isnull=False, after__ended_at=None
        )
        before: dict[str, set[str]] = {}
        for unit, attempt, after, its_attempt in waiting.values_list(
            "unit_id", "attempt", "after_id", "after__attempt"
        ):
            before.setdefault(work_id(unit, attempt), set()).add(work_id(after, its_attempt))
        return before

    def followers(self, work: str) -> list[str]:
        """The attempts that may begin now that this one has ended, of runs that have not ended.

        None while a later attempt of the same unit is under way: its own end lets them begin.
        """
        after = unit_of(work)[0]
        waiting = RunUnit.objects.filter(NOT_ENDED, after_id=after, run__ended_at=None, after__ended_at__isnull=False)
        return works_of(waiting)

    def place(self, run: Run, draft: Draft, attempt: int) -> Unit:
        """Store the draft as a unit that is to be performed under `attempt`; its tables are queued."""
        row, _ = UnitRow.objects.update_or_create(
            id=draft.id(run.connection),
            defaults={
                "connection_id": run.connection,
                "kind": draft.kind,
                "options": dict(draft.options),
                "members": [[m.table.database, m.table.schema, m.table.name, m.signature] for m in draft.members],
                "size": len(draft.members),
                "planned": draft.planned,
                "attempt": attempt,
                "done": 0,
                "failures": 0,
                "ended_at": None,
            },
        )
        self.set_statuses(run.connection, draft.kind, [member.table for member in draft.members], "queued")
        return unit_value(row)

    def attach(self, run: Run, unit: Unit, after: Unit | None) -> None:
        """Let the run want the unit's attempt, once `after` has ended."""
        RunUnit.objects.update_or_create(
            run_id=run.id,
            unit_id=unit.id,
            defaults={"attempt": unit.attempt, "after_id": after.id if after else None},
            create_defaults={
                "attempt": unit.attempt,
                "after_id": after.id if after else None,
                "statements_before": unit.statements,
                "api_calls_before": unit.api_calls,
            },
        )

    # Performing

    def start(self, work: str, owner: str) -> Unit | None:
        """The unit of an attempt, which the process `owner` has taken; its tables that have not ended are running.

        Who took it before may write nothing about it any more. None when the attempt is out of date or gone.
        """
        with exclusive():
            attempt_row(work).update(owner=owner, fence=F("fence") + 1)
            unit = self.unfinished(work)
            if unit is not None:
                self.set_statuses(unit.connection, unit.kind, unit.tables[unit.done :], "running")
            return unit

    @contextlib.contextmanager
    def writing(self, unit: Unit) -> Iterator[None]:
        """A transaction for the effects of a unit. Raises Superseded when another process has taken the unit."""
        with exclusive():
            self._require(unit)
            yield

    def take_back(self, works: Sequence[str], owner: str) -> None:
        """Take attempts away from the process `owner`, which died or is silent; their tables are queued again.

        What another process has taken meanwhile stays with it.
        """
        with exclusive():
            for work in works:
                if attempt_row(work).filter(owner=owner).update(owner="", fence=F("fence") + 1):
                    self.give_back([work])

    def count(self, unit_id: str, statements: int, api_calls: int) -> None:
        """Add to what a unit has cost, also where its result is refused: it was sent."""
        UnitRow.objects.filter(id=unit_id).update(
            statements=F("statements") + statements, api_calls=F("api_calls") + api_calls
        )

    def hand_back(self, unit: Unit) -> None:
        """The tables of a unit that this process took and that are not through are queued again."""
        with self.writing(unit):
            self.give_back([unit.work])

    def give_back(self, works: Sequence[str]) -> None:
        """The tables of these attempts that are not through are queued again, whoever has taken them."""
        with exclusive():
            for work in works:
                if unit := self.unfinished(work):
                    self.set_statuses(unit.connection, unit.kind, unit.tables[unit.done :], "queued")

    def finish(self, unit: Unit, errors: Mapping[TableName, ErrorRecord]) -> None:
        """The unit has ended; every table without an error is completed."""
        with self.writing(unit):
            ended = owned_row(unit).update(done=F("size"), failures=len(errors), ended_at=datetime.now(UTC))
            if ended:
                self.set_statuses(unit.connection, unit.kind, unit.tables, "completed", errors)
                self.keep_signatures(unit, unit.members, errors)
                self._end_runs(unit)

    def finish_one(self, unit: Unit, place: int, error: ErrorRecord | None) -> None:
        """One table of the unit, at `place` among its members, is through; the last one ends the unit."""
        member = unit.members[place]
        errors = {member.table: error} if error else {}
        last = place + 1 == len(unit.members)
        with self.writing(unit):
            # The condition counts each table once, also when its worker died before the queue heard of it.
            ended = owned_row(unit).filter(done=place).update(
                done=place + 1, failures=F("failures") + len(errors), ended_at=datetime.now(UTC) if last else None
            )  # fmt: skip
            if ended:
                self.set_statuses(unit.connection, unit.kind, [member.table], "completed", errors)
                self.keep_signatures(unit, [member], errors)
                self._end_runs(unit)

    def affordable(self, unit: Unit, more: int) -> bool:
        """Whether every run that wants the unit may send `more` statements beyond what is spent and promised."""
        wanting = RunRow.objects.filter(wanted__unit_id=unit.id, wanted__attempt=unit.attempt, ended_at=None)
        for row in wanting.exclude(ceiling=None).distinct():
            amounts = RunUnit.objects.filter(NOT_ENDED, run=row).values_list(
                "unit__planned", "unit__statements", "statements_before"
            )
            promised = sum(max(0, planned - (spent - before)) for planned, spent, before in amounts)
            if not within(row.ceiling, self.progress(run_value(row)).statements + promised, more):
                return False
        return True

    # Forgetting

    def old(self, keep: timedelta = KEPT) -> list[Unit]:
        """Forget runs older than `keep`; returns the units that no run wants any more."""
        RunRow.objects.filter(started_at__lt=datetime.now(UTC) - keep).delete()
        return [unit_value(row) for row in UnitRow.objects.filter(wanted_by=None)]

    def delete(self, units: Iterable[Unit]) -> None:
        """Forget units that no run wants."""
        for unit in units:
            UnitRow.objects.filter(id=unit.id, attempt=unit.attempt, wanted_by=None).delete()

    def _require(self, unit: Unit) -> None:
        fence = UnitRow.objects.filter(id=unit.id, attempt=unit.attempt).values_list("fence", flat=True).first()
        if fence is not None and fence != unit.fence:
            raise Superseded

    def _end_runs(self, unit: Unit) -> None:
        """End the runs that waited for this unit only: they may have no watcher."""
        waiting = RunUnit.objects.filter(NOT_ENDED, run_id=OuterRef("id"))
        wanting = RunRow.objects.filter(wanted__unit_id=unit.id, ended_at=None).exclude(Exists(waiting))
        for run_id in list(wanting.values_list("id", flat=True)):
            RunRow.objects.filter(id=run_id).update(ended_at=datetime.now(UTC))
