"""Runs and units in the store, and the status row of each table. What must not be torn is one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from wharfinger.core.errors import Conflict, ErrorRecord
from wharfinger.core.names import TableName
from wharfinger.jobs.model import (
    KINDS,
    UNFINISHED,
    Draft,
    JobState,
    Kind,
    Member,
    Progress,
    Run,
    Status,
    Unit,
    UnitStatus,
    submission,
    within,
)
from wharfinger.store.models import Run as RunRow
from wharfinger.store.models import RunUnit, TableStatus
from wharfinger.store.models import Unit as UnitRow

_CHUNK = 400
"""Rows a statement; SQLite takes 32,766 parameters."""

_ENDED = Q(status__in=("completed", "failed"))


class JobStore:
    """Keeps runs, units and statuses. Methods that take a unit change nothing when its ticket is out of date."""

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which nobody else writes."""
        return transaction.atomic()

    def begin(self, connection: str, owner: str, ceiling: int | None) -> Run:
        """A new run, owned by the process `owner`."""
        row = RunRow.objects.create(
            id=uuid.uuid4().hex, connection_id=connection, owner=owner, ceiling=ceiling, started_at=datetime.now(UTC)
        )
        return _run(row)

    def spend(self, run: Run, statements: int, api_calls: int) -> None:
        """Keep what the run sent by itself, outside of units."""
        RunRow.objects.filter(id=run.id).update(statements=statements, api_calls=api_calls)

    def end(self, run: Run, *, stopped: bool) -> None:
        """Nobody waits for the run any more."""
        RunRow.objects.filter(id=run.id, ended_at=None).update(ended_at=datetime.now(UTC), stopped=stopped)

    def active(self, connection: str, kind: Kind, options: Mapping[str, str]) -> list[Unit]:
        """The unfinished units of one kind with the same options."""
        rows = UnitRow.objects.filter(connection_id=connection, kind=kind, status__in=UNFINISHED)
        return [_unit(row) for row in rows if row.options == dict(options)]

    def attach(self, run: Run, unit_id: str) -> None:
        """Let the run want a unit that is there already."""
        row = UnitRow.objects.get(id=unit_id)
        RunUnit.objects.get_or_create(
            run_id=run.id,
            unit=row,
            defaults={"statements_before": row.statements, "api_calls_before": row.api_calls},
        )

    def place(self, run: Run, draft: Draft, parent: str = "") -> str:
        """Make a unit of the draft, or join the one that is there, as `submission` decides; answers its id."""
        unit_id = draft.id(run.connection)
        row = UnitRow.objects.filter(id=unit_id).first()
        decision = submission(_unit(row) if row is not None else None, run.started_at)
        if decision != "attach":
            UnitRow.objects.update_or_create(id=unit_id, defaults=_fresh(run.connection, draft, parent))
            self.set_statuses(run.connection, draft.kind, [member.table for member in draft.members], "queued")
        self.attach(run, unit_id)
        return unit_id

    def set_statuses(
        self,
        connection: str,
        kind: Kind,
        tables: Sequence[TableName],
        status: Status,
        errors: Mapping[TableName, ErrorRecord] | None = None,
    ) -> None:
        """Set the status rows of one job; tables with an error get `failed` and their error instead."""
        errors, at = errors or {}, datetime.now(UTC)
        rows = [
            TableStatus(
                connection_id=connection, database=table.database, schema=table.schema, name=table.name, kind=kind,
                status="failed" if table in errors else status, error=errors.get(table), at=at,
            )
            for table in tables
        ]  # fmt: skip
        TableStatus.objects.bulk_create(
            rows,
            batch_size=_CHUNK,
            update_conflicts=True,
            unique_fields=["connection", "database", "schema", "name", "kind"],
            update_fields=["status", "error", "at"],
        )

    def issue(self, run_id: str | None = None) -> list[str]:
        """Give a ticket to every queued unit whose turn it is; answers all tickets that the queue has not got yet.

        For the units of one run, or of every run that has not ended.
        """
        wanted = UnitRow.objects.filter(status="queued", wanted_by__run__ended_at=None)
        wanted = wanted.filter(wanted_by__run_id=run_id) if run_id else wanted
        unfinished_part = UnitRow.objects.filter(parent_id=OuterRef("after_id"), status__in=UNFINISHED)
        ended = Q(after=None) | Q(after__status__in=("completed", "failed"))
        turn = ended | (Q(after__status="split") & ~Q(Exists(unfinished_part)))
        with transaction.atomic():
            for row in wanted.filter(turn, ticket="").distinct():
                number = row.generation + 1
                UnitRow.objects.filter(id=row.id, ticket="").update(
                    generation=number, ticket=_ticket(row.id, number), claims=0, enqueued=False
                )
            waiting = wanted.filter(enqueued=False).exclude(ticket="")
            return list(waiting.values_list("ticket", flat=True).distinct())

    def mark_enqueued(self, tickets: Sequence[str]) -> None:
        """Note that the queue holds these tickets."""
        for start in range(0, len(tickets), _CHUNK):
            UnitRow.objects.filter(ticket__in=tickets[start : start + _CHUNK]).update(enqueued=True)

    def claim(self, ticket: str, executor: str, alive: Callable[[str], bool]) -> Unit | None:
        """Begin the unit of a ticket for `executor`.

        None when the ticket is out of date, when another living executor has it, or when nobody alive wants it any
        more: then it is given back.
        """
        with transaction.atomic():
            row = UnitRow.objects.filter(ticket=ticket, status__in=UNFINISHED).first()
            if row is None or (row.status == "running" and row.executor != executor and alive(row.executor)):
                return None
            if not self.wanted(row.id, alive):
                self.give_back(_unit(row))
                return None
            row.status, row.executor, row.claims = "running", executor, row.claims + 1
            row.save(update_fields=["status", "executor", "claims"])
            unit = _unit(row)
            self.set_statuses(unit.connection, unit.kind, unit.tables, "running")
            return unit

    def release(self, ticket: str) -> None:
        """A ticket that no worker could begin is void; its unit waits for a new one."""
        UnitRow.objects.filter(ticket=ticket, status="queued").update(ticket="", enqueued=False)

    def wanted(self, unit_id: str, alive: Callable[[str], bool]) -> bool:
        """Whether a run that has not ended, of an owner who lives, wants the unit."""
        owners = RunRow.objects.filter(wanted__unit_id=unit_id, ended_at=None).values_list("owner", flat=True)
        return any(alive(owner) for owner in owners.distinct())

    def count(self, unit_id: str, statements: int, api_calls: int) -> None:
        """Add to what a unit has cost."""
        UnitRow.objects.filter(id=unit_id).update(
            statements=F("statements") + statements, api_calls=F("api_calls") + api_calls
        )

    def give_back(self, unit: Unit) -> None:
        """The unit is queued again without a ticket; it waits for somebody to want it."""
        with transaction.atomic():
            if self._held(unit).update(status="queued", ticket="", executor="", enqueued=False):
                self.set_statuses(unit.connection, unit.kind, unit.tables, "queued")

    def finish(self, unit: Unit, errors: Mapping[TableName, ErrorRecord]) -> None:
        """The unit ended; every table without an error is completed."""
        with transaction.atomic():
            status = "failed" if errors else "completed"
            if self._held(unit).update(status=status, failures=len(errors), ended_at=datetime.now(UTC)):
                self.set_statuses(unit.connection, unit.kind, unit.tables, "completed", errors)
                self._keep_signatures(unit, errors)

    def split(self, unit: Unit, drafts: Iterable[Draft]) -> None:
        """Put units of fewer tables in the place of one that failed; whoever wanted it wants them."""
        with transaction.atomic():
            if not self._held(unit).update(status="split", ended_at=datetime.now(UTC)):
                return
            runs = [_run(row) for row in RunRow.objects.filter(wanted__unit_id=unit.id, ended_at=None)]
            for draft in drafts:
                for run in runs:
                    self.place(run, draft, parent=unit.id)

    def affordable(self, unit: Unit, more: int) -> bool:
        """Whether every run that wants the unit may send `more` statements beyond what is spent and promised."""
        for row in RunRow.objects.filter(wanted__unit_id=unit.id, ended_at=None).exclude(ceiling=None):
            wanted = RunUnit.objects.filter(run=row, unit__status__in=UNFINISHED)
            amounts = wanted.values_list("unit__planned", "unit__statements", "statements_before")
            promised = sum(max(0, planned - (spent - before)) for planned, spent, before in amounts)
            if not within(row.ceiling, self.progress(_run(row)).statements + promised, more):
                return False
        return True

    def progress(self, run: Run) -> Progress:
        """How far the run is, its own statements included. Raises Conflict when its connection was removed."""
        units = UnitRow.objects.filter(wanted_by__run_id=run.id)
        whole = units.exclude(status="split")
        spent = RunUnit.objects.filter(run_id=run.id).aggregate(
            statements=Sum(F("unit__statements") - F("statements_before")),
            api_calls=Sum(F("unit__api_calls") - F("api_calls_before")),
        )
        own = RunRow.objects.filter(id=run.id).first()
        if own is None:
            raise Conflict(
                "The run is gone",
                why="its connection was removed meanwhile",
                next_step="See `wharfinger connection list`",
            )
        return Progress(
            done=_sizes(whole.filter(_ENDED)),
            total=_sizes(whole),
            failed=whole.aggregate(n=Sum("failures"))["n"] or 0,
            statements=own.statements + (spent["statements"] or 0),
            api_calls=own.api_calls + (spent["api_calls"] or 0),
            unfinished=units.filter(status__in=UNFINISHED).count(),
        )

    def states(self, run: Run) -> dict[TableName, dict[Kind, JobState]]:
        """How the jobs of the run's tables stand, for those that are part of a unit of it."""
        states = self.statuses(run.connection)
        answer: dict[TableName, dict[Kind, JobState]] = {}
        for row in UnitRow.objects.filter(wanted_by__run_id=run.id):
            for member in _members(row):
                kind = cast(Kind, row.kind)
                answer.setdefault(member.table, {})[kind] = states.get((member.table, kind), JobState("queued"))
        return answer

    def statuses(self, connection: str) -> dict[tuple[TableName, Kind], JobState]:
        """Every status row of a connection."""
        fields = ("database", "schema", "name", "kind", "status", "error", "signature", "at")
        rows = TableStatus.objects.filter(connection_id=connection).values_list(*fields)
        return {
            (TableName(database, schema, name), cast(Kind, kind)): JobState(cast(Status, status), *rest)
            for database, schema, name, kind, status, *rest in rows.iterator(2000)
        }

    def running(self, executor: str) -> list[Unit]:
        """The units that an executor has begun."""
        return [_unit(row) for row in UnitRow.objects.filter(status="running", executor=executor)]

    def end_abandoned(self, alive: Callable[[str], bool]) -> None:
        """End the runs whose owner died."""
        for row in RunRow.objects.filter(ended_at=None):
            if not alive(row.owner):
                self.end(_run(row), stopped=True)

    def prune(self, keep: timedelta = timedelta(days=30)) -> list[str]:
        """Forget old runs and the units nobody wants any more; answers all tickets that those had."""
        RunRow.objects.filter(started_at__lt=datetime.now(UTC) - keep).delete()
        old = UnitRow.objects.filter(wanted_by=None).exclude(status="running")
        generations = list(old.values_list("id", "generation"))
        old.delete()
        return [_ticket(unit_id, number + 1) for unit_id, last in generations for number in range(last)]

    def _keep_signatures(self, unit: Unit, failed: Collection[TableName]) -> None:
        for member in unit.members:
            if member.table not in failed:
                name = member.table
                TableStatus.objects.filter(
                    connection_id=unit.connection, database=name.database, schema=name.schema, name=name.name,
                    kind=unit.kind,
                ).update(signature=member.signature)  # fmt: skip

    def _held(self, unit: Unit) -> QuerySet[UnitRow]:
        """The row while it is still the unit that was claimed: a worker that lost it writes nothing."""
        return UnitRow.objects.filter(id=unit.id, ticket=unit.ticket, executor=unit.executor, status__in=UNFINISHED)


def _fresh(connection: str, draft: Draft, parent: str) -> dict[str, Any]:
    return {
        "connection_id": connection,
        "kind": draft.kind,
        "options": dict(draft.options),
        "members": [[m.table.database, m.table.schema, m.table.name, m.signature] for m in draft.members],
        "size": len(draft.members),
        "failures": 0,
        "status": "queued",
        "planned": draft.planned,
        "ticket": "",
        "enqueued": False,
        "claims": 0,
        "executor": "",
        "after_id": draft.after or None,
        "parent_id": parent or None,
        "ended_at": None,
    }


def _ticket(unit_id: str, generation: int) -> str:
    return f"{unit_id}-{generation}"


def _members(row: UnitRow) -> list[Member]:
    return [Member(TableName(database, schema, name), sig) for database, schema, name, sig in row.members]


def _unit(row: UnitRow) -> Unit:
    return Unit(
        id=row.id,
        connection=row.connection_id,
        kind=cast(Kind, row.kind),
        members=tuple(_members(row)),
        options=dict(row.options),
        status=cast(UnitStatus, row.status),
        planned=row.planned,
        ticket=row.ticket,
        claims=row.claims,
        executor=row.executor,
        statements=row.statements,
        api_calls=row.api_calls,
        ended_at=row.ended_at,
    )


def _run(row: RunRow) -> Run:
    return Run(row.id, row.connection_id, row.owner, row.started_at, row.ceiling, row.statements, row.api_calls)


def _sizes(units: QuerySet[UnitRow]) -> dict[Kind, int]:
    counted = dict(units.values_list("kind").annotate(n=Sum("size")).order_by())
    return {kind: int(counted.get(kind, 0)) for kind in KINDS}
