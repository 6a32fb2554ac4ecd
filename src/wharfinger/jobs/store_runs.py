"""Runs in the store, and what people see of them: how far each is, and the statuses of its tables."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime

from wharfinger.core.errors import Conflict
from wharfinger.core.names import TableName
from wharfinger.core.verbs import call
from wharfinger.jobs.model import JobState, Kind, Progress, Run
from wharfinger.jobs.store_rows import NOT_ENDED, members_of, names_of, run_value
from wharfinger.jobs.store_statuses import StatusStore
from wharfinger.store.models import Run as RunRow
from wharfinger.store.models import RunUnit
from wharfinger.store.models import Unit as UnitRow


class RunRows(StatusStore):
    """Keeps runs."""

    def begin(self, connection: str, asked_by: str, ceiling: int | None) -> Run:
        """A new run that `asked_by` asks for."""
        row = RunRow.objects.create(
            id=uuid.uuid4().hex,
            connection_id=connection,
            asked_by=asked_by,
            ceiling=ceiling,
            started_at=datetime.now(UTC),
        )
        return run_value(row)

    def get(self, run_id: str) -> Run | None:
        """The run with that id, None when there is none."""
        row = RunRow.objects.filter(id=run_id).first()
        return run_value(row) if row is not None else None

    def describe(self, run: Run) -> None:
        """Keep what the run is about, and which process performs it directly."""
        RunRow.objects.filter(id=run.id).update(
            tables=names_of(run.tables), left=names_of(run.left), notes=list(run.notes), performer=run.performer
        )

    def spend(self, run: Run, statements: int, api_calls: int) -> None:
        """Keep what the run sent by itself, outside of units."""
        RunRow.objects.filter(id=run.id).update(statements=statements, api_calls=api_calls)

    def end(self, run: Run, *, stopped: bool) -> None:
        """The run has ended; `stopped` when it was cancelled before all its units had. One that ended stays so."""
        RunRow.objects.filter(id=run.id, ended_at=None).update(ended_at=datetime.now(UTC), stopped=stopped)

    def performers(self, connection: str) -> dict[str, set[TableName]]:
        """The processes that perform runs directly, each with the tables of its units that have not ended."""
        rows = RunUnit.objects.filter(NOT_ENDED, run__connection=connection, run__ended_at=None)
        found: dict[str, set[TableName]] = {}
        for row in rows.exclude(run__performer="").select_related("run", "unit"):
            found.setdefault(row.run.performer, set()).update(member.table for member in members_of(row.unit))
        return found

    def end_direct_runs(self, performer: str) -> None:
        """End the runs that a process performed directly which has died; their tables are due again."""
        RunRow.objects.filter(performer=performer, ended_at=None).update(ended_at=datetime.now(UTC), stopped=True)

    def progress(self, run: Run) -> Progress:
        """How far the run is, its own statements included. Raises Conflict when its connection was removed."""
        row = RunRow.objects.filter(id=run.id).values("statements", "api_calls", "ended_at", "stopped").first()
        if row is None:
            raise Conflict(
                "The run is gone",
                why="its connection was removed meanwhile",
                next_step="See which connections there are",
                call=call("connection:list"),
            )
        done, total, failed, waiting = Counter[Kind](), Counter[Kind](), 0, 0
        statements, api_calls = row["statements"], row["api_calls"]
        fields = ("kind", "size", "done", "failures", "statements", "api_calls", "attempt", "ended_at")
        rows = RunUnit.objects.filter(run_id=run.id).values_list(
            *(f"unit__{name}" for name in fields), "attempt", "statements_before", "api_calls_before"
        )
        for kind, size, through, failures, sent, called, newest, ended_at, attempt, sent_before, called_before in rows:
            current = newest == attempt  # a later attempt says that this one has ended
            total[kind] += size
            done[kind] += through if current else size
            failed += failures if current else 0
            waiting += current and ended_at is None
            statements += sent - sent_before
            api_calls += called - called_before
        until = row["ended_at"] or datetime.now(UTC)
        return Progress(
            done=done,
            total=total,
            failed=failed,
            statements=statements,
            api_calls=api_calls,
            ended=waiting == 0 and not row["stopped"],
            cancelled=row["stopped"],
            seconds=(until - run.started_at).total_seconds(),
        )

    def states(self, run: Run) -> dict[TableName, dict[Kind, JobState]]:
        """The statuses of the run's tables, for the jobs that are part of a unit of it."""
        states = self.statuses(run.connection)
        answer: dict[TableName, dict[Kind, JobState]] = {}
        for row in UnitRow.objects.filter(wanted_by__run_id=run.id):
            for member in members_of(row):
                state = states.get((member.table, row.kind), JobState("queued"))
                answer.setdefault(member.table, {})[row.kind] = state
        return answer
