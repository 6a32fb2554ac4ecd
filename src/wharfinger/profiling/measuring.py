"""Performs one unit: sends its statements together, and tries alone what failed in company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wharfinger.catalog.model import Table
from wharfinger.core.batches import cost_of
from wharfinger.core.errors import Refused, Unavailable, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Outcome, Session
from wharfinger.jobs.ports import Affordable
from wharfinger.profiling.decode import Gathered, take_in
from wharfinger.profiling.model import Level
from wharfinger.profiling.sql import Branch, Shared, statements_for
from wharfinger.profiling.units import statements_of


@dataclass(slots=True)
class Measured:
    """What came of a unit: what was gathered of each table, and the error of each that failed."""

    gathered: dict[TableName, Gathered]
    errors: dict[TableName, WharfingerError] = field(default_factory=dict)


def measure(session: Session, tables: Sequence[Table], level: Level, affordable: Affordable) -> Measured:
    """Measure and sample tables of the session's database, in as few statements as the limits allow.

    When a statement of several tables fails, each of its branches is tried alone, as far as that is `affordable`, so
    that only the bad table fails. Raises Unavailable and Stopped, which are nobody's fault.
    """
    result = Measured({table.name: Gathered() for table in tables})
    failed = _send(session, statements_of(tables, level), result)
    alone = [shared for branch in failed for shared in statements_for([branch])]
    more = cost_of([shared.statement for shared in alone]).statements
    if alone and affordable(more):
        _send(session, alone, result)
    else:
        result.errors.update({branch.table: _too_many(branch.table, more) for branch in failed})
    return result


def _send(session: Session, shared: Sequence[Shared], result: Measured) -> list[Branch]:
    """Run statements and read their rows; the branches of those that failed in company."""
    failed: list[Branch] = []
    for outcome in session.run_all([one.statement for one in shared]):
        one = shared[outcome.index]
        error = _read(one, outcome, result.gathered)
        if error is not None and len(one.branches) > 1:
            failed += one.branches
        elif error is not None:
            result.errors[one.branches[0].table] = error
    return failed


def _read(shared: Shared, outcome: Outcome, gathered: Mapping[TableName, Gathered]) -> WharfingerError | None:
    try:
        take_in(shared, outcome.unwrap(), gathered)
    except Unavailable:
        raise
    except WharfingerError as error:
        return error
    return None


def _too_many(table: TableName, more: int) -> Refused:
    return Refused(
        "Not tried alone, as the ceiling of statements is reached",
        subject=str(table),
        why=f"a statement it shared failed, and to try its tables alone takes {more} statements",
        next_step="Process again with a higher --max-statements",
    )
