"""Values of the rows of runs and units, and the reverse."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from wharfinger.core.names import TableName
from wharfinger.jobs.model import Member, Run, Unit, unit_of, work_id
from wharfinger.store.models import Run as RunRow
from wharfinger.store.models import RunUnit
from wharfinger.store.models import Unit as UnitRow

NOT_ENDED = Q(unit__ended_at=None, unit__attempt=F("attempt"))
"""Of the rows of RunUnit those whose attempt has not ended: a later attempt says that this one has."""


def attempt_row(work: str) -> QuerySet[UnitRow]:
    """The row of an attempt while it has not ended: one that is out of date writes nothing."""
    unit_id, attempt = unit_of(work)
    return UnitRow.objects.filter(id=unit_id, attempt=attempt, ended_at=None)


def owned_row(unit: Unit) -> QuerySet[UnitRow]:
    """The row of a unit while the process that took it, when its fence was this, may write about it."""
    return attempt_row(unit.work).filter(fence=unit.fence)


def names_of(tables: Iterable[TableName]) -> list[list[str]]:
    """Names as JSON."""
    return [[table.database, table.schema, table.name] for table in tables]


def members_of(row: UnitRow) -> list[Member]:
    """The members of a unit."""
    return [Member(TableName(database, schema, name), sig) for database, schema, name, sig in row.members]


def unit_value(row: UnitRow) -> Unit:
    """A unit."""
    return Unit(
        id=row.id,
        connection=row.connection_id,
        kind=row.kind,
        members=tuple(members_of(row)),
        options=dict(row.options),
        planned=row.planned,
        attempt=row.attempt,
        done=row.done,
        statements=row.statements,
        api_calls=row.api_calls,
        ended_at=row.ended_at,
        fence=row.fence,
    )


def run_value(row: RunRow) -> Run:
    """A run."""
    return Run(
        id=row.id,
        connection=row.connection_id,
        asked_by=row.asked_by,
        started_at=row.started_at,
        ceiling=row.ceiling,
        tables=tuple(TableName(*one) for one in row.tables),
        left=tuple(TableName(*one) for one in row.left),
        notes=tuple(row.notes),
        performer=row.performer,
    )


def works_of(rows: QuerySet[RunUnit]) -> list[str]:
    """The attempts that these rows want, each once."""
    return [work_id(unit, attempt) for unit, attempt in rows.values_list("unit_id", "attempt").distinct()]
