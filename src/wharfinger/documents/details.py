"""Everything known about one table."""

from __future__ import annotations

from typing_extensions import TypedDict

from wharfinger.catalog.model import Column, KeyKind, Kind, Signal, SignalName, State
from wharfinger.core.errors import error_of
from wharfinger.describing.details import TableDetails
from wharfinger.documents.descriptions import DescriptionDocument, description_document
from wharfinger.documents.errors import ErrorDocument, Words, error_document
from wharfinger.documents.names import TableNameDocument, table_name_document
from wharfinger.jobs.model import JobState, Status
from wharfinger.profiling.model import ColumnProfile


class SignalDocument(TypedDict):
    """The change signal used for a table, and which changes it can miss, in words for people."""

    name: SignalName
    misses: str


class ColumnProfileDocument(TypedDict):
    """The figures of a column.

    `nulls` is exact. `min` and `max` are the engine's exact text, null where the type has none. `distinct` is
    approximate, null when it was not measured. `samples` are sorted distinct values of a sample of rows. `masked`: the
    column looks personal, so the values here are masks.
    """

    nulls: int
    min: str | None
    max: str | None
    distinct: int | None
    samples: list[str]
    masked: bool


class ColumnDocument(TypedDict):
    """A column. `type` is the whole Redshift type, `key` the strongest declared key it is part of."""

    name: str
    type: str
    nullable: bool
    key: KeyKind | None
    description: DescriptionDocument | None
    profile: ColumnProfileDocument | None


class LastJobDocument(TypedDict):
    """The last status of one kind of work on a table, since when, and its error, null unless it failed."""

    status: Status
    at: str | None
    error: ErrorDocument | None


class TableDetailsDocument(TableNameDocument):
    """A selected table with its descriptions and its profile.

    `rows` is the count of the last profile, else the warehouse's own figure, null if unknown. `profiled_at` is ISO 8601
    in UTC, null before the first profile. `signal` is null before the first reading. `jobs` has a member `profile` and
    a member `describe` once the table was processed: where one failed, `profile` and the texts are older than that.
    `columns_unknown` says why `columns` is empty, null when it is not.
    """

    kind: Kind
    state: State
    rows: int | None
    description: DescriptionDocument | None
    signal: SignalDocument | None
    profiled_at: str | None
    jobs: dict[str, LastJobDocument]
    columns_unknown: str | None
    columns: list[ColumnDocument]


def table_details_document(details: TableDetails, words: Words) -> TableDetailsDocument:
    """One table with its columns in the table's order."""
    return {
        **table_name_document(details.table.name),
        "kind": details.table.kind,
        "state": details.table.state,
        "rows": details.rows,
        "description": description_document(details.descriptions.table),
        "signal": _signal(details.signal, details.misses),
        "profiled_at": details.profile.profiled_at.isoformat() if details.profile else None,
        "jobs": {kind: _job(state, words) for kind, state in sorted(details.jobs.items())},
        "columns_unknown": details.table.columns_unknown or None,
        "columns": [_column(details, column) for column in details.table.columns],
    }


def _job(state: JobState, words: Words) -> LastJobDocument:
    return {
        "status": state.status,
        "at": state.at.isoformat() if state.at else None,
        "error": error_document(error_of(state.error), words) if state.error else None,
    }


def _signal(signal: Signal | None, misses: str) -> SignalDocument | None:
    return {"name": signal.name, "misses": misses} if signal else None


def _column(details: TableDetails, column: Column) -> ColumnDocument:
    return {
        "name": column.name,
        "type": column.type,
        "nullable": column.nullable,
        "key": details.table.keys.of(column.name),
        "description": description_document(details.descriptions.columns.get(column.name)),
        "profile": _profile(details.profile.column(column.name) if details.profile else None),
    }


def _profile(profile: ColumnProfile | None) -> ColumnProfileDocument | None:
    if profile is None:
        return None
    return {
        "nulls": profile.nulls,
        "min": profile.min,
        "max": profile.max,
        "distinct": profile.distinct,
        "samples": list(profile.samples),
        "masked": profile.masked,
    }
