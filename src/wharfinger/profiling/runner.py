"""Runs the statements of one unit; when a shared statement fails, its tables are measured one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wharfinger.catalog.model import Table
from wharfinger.core.batches import cost_of
from wharfinger.core.errors import Refused, Unavailable, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Outcome, Session
from wharfinger.profiling.model import Level
from wharfinger.profiling.ports import Affordable
from wharfinger.profiling.results import TableResult, add_rows
from wharfinger.profiling.sql import Branch, Shared, statements_for
from wharfinger.profiling.units import statements_of


@dataclass(slots=True)
class Measured:
    """The outcome of a unit: the results of each table, and the error of each table that failed."""

    results: dict[TableName, TableResult]
    errors: dict[TableName, WharfingerError] = field(default_factory=dict)


def measure(session: Session, tables: Sequence[Table], level: Level, affordable: Affordable) -> Measured:
    """Measure and sample tables of the session's database, in as few statements as the limits allow.

    When a statement of several tables fails, each of its branches is run alone, if that is `affordable`, so that only
    the table with the error fails. Raises Unavailable and Stopped, which no table causes.
    """
    measured = Measured({table.name: TableResult() for table in tables})
    failed = _run(session, statements_of(tables, level), measured)
    alone = [shared for branch in failed for shared in statements_for([branch])]
    more = cost_of([shared.statement for shared in alone]).statements
    if alone and affordable(more):
        _run(session, alone, measured)
    else:
        measured.errors.update({branch.table: _not_affordable(branch.table, more) for branch in failed})
    return measured


def _run(session: Session, shared: Sequence[Shared], measured: Measured) -> list[Branch]:
    """Run statements and read their rows. Returns the branches of failed statements that have several."""
    failed: list[Branch] = []
    for outcome in session.run_all([one.statement for one in shared]):
        one = shared[outcome.index]
        error = _read(one, outcome, measured.results)
        if error is not None and len(one.branches) > 1:
            failed += one.branches
        elif error is not None:
            measured.errors[one.branches[0].table] = error
    return failed


def _read(shared: Shared, outcome: Outcome, results: Mapping[TableName, TableResult]) -> WharfingerError | None:
    try:
        add_rows(shared, outcome.unwrap(), results)
    except Unavailable:
        raise
    except WharfingerError as error:
        return error
    return None


def _not_affordable(table: TableName, more: int) -> Refused:
    return Refused(
        "Not measured: the ceiling of statements is reached",
        subject=str(table),
        why=f"a statement that measured it with other tables failed, and measuring them alone takes {more} statements",
        next_step="Process again with a higher ceiling",
        fields=["max_statements"],
    )
