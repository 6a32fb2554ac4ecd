"""Runs of processing: what they did, and what they would cost."""

from __future__ import annotations

from typing_extensions import TypedDict

from wharfinger.core.errors import error_of
from wharfinger.core.names import TableName
from wharfinger.documents.errors import ErrorDocument, Words, error_document
from wharfinger.documents.names import TableNameDocument, table_name_document
from wharfinger.jobs.model import JobState, Status
from wharfinger.processing.model import Processed
from wharfinger.profiling.service import Estimate


class JobDocument(TypedDict):
    """The status of one job of one table; `error` is null unless it failed."""

    status: Status
    error: ErrorDocument | None


class ProcessedTableDocument(TableNameDocument):
    """One table of a run, and its two jobs."""

    profile: JobDocument
    describe: JobDocument


class ProcessedDocument(TypedDict):
    """A run: its tables, what was sent to the warehouse for it, and its seconds.

    `complete` is false when the run was stopped before its end. `notes` are what could not be read on the way.
    """

    run: str
    tables: list[ProcessedTableDocument]
    statements: int
    api_calls: int
    seconds: float
    complete: bool
    notes: list[str]


class EstimateDocument(TypedDict):
    """What a run would cost. `megabytes` are scanned by the warehouse; `seconds` are rough."""

    tables: int
    statements: int
    api_calls: int
    megabytes: int
    seconds: float


def job_document(state: JobState, words: Words) -> JobDocument:
    """One job of a table."""
    return {"status": state.status, "error": error_document(error_of(state.error), words) if state.error else None}


def processed_document(done: Processed, words: Words) -> ProcessedDocument:
    """A run, its tables in the order of their names."""
    return {
        "run": done.run,
        "tables": [_table(name, done, words) for name in sorted(done.tables)],
        "statements": done.statements,
        "api_calls": done.api_calls,
        "seconds": round(done.seconds, 3),
        "complete": done.complete,
        "notes": list(done.notes),
    }


def estimate_document(cost: Estimate) -> EstimateDocument:
    """An estimate."""
    return {
        "tables": cost.tables,
        "statements": cost.statements,
        "api_calls": cost.api_calls,
        "megabytes": cost.megabytes,
        "seconds": cost.seconds,
    }


def _table(name: TableName, done: Processed, words: Words) -> ProcessedTableDocument:
    states = done.tables[name]
    return {
        **table_name_document(name),
        "profile": job_document(states["profile"], words),
        "describe": job_document(states["describe"], words),
    }
