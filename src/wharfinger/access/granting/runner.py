"""Runs the statements of a plan of grants, each committed alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import groupby

from wharfinger.access.applying.recording import Recording
from wharfinger.access.granting.plan import Granted, GrantPlan, makes_user
from wharfinger.access.planning.step import Step
from wharfinger.access.ports import Connections
from wharfinger.connections.model import Connection
from wharfinger.connections.naming import naming
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Statement, Usage

ALREADY = "already exists"
"""Redshift's message when a user exists (redshift-facts §7, row 31)."""

NO_USER = "the user could not be made"


class GrantRunner:
    """Runs grants through an administrator's connection."""

    def __init__(
        self,
        connections: Connections,
        administrator: Connection,
        usage: Usage,
        record: Callable[[Sequence[Step]], Recording],
    ) -> None:
        self._connections = connections
        self._administrator = administrator
        self._usage = usage
        self._record = record

    def run(self, plan: GrantPlan) -> Iterator[Granted]:
        """Run the statements, with one session for each database; yields each result, in order, as soon as it is known.

        A failed statement does not stop the others, but when the user cannot be made nothing else is tried.
        """
        failed = False
        for database, group in groupby(plan.steps, key=lambda step: step.database):
            steps = list(group)
            if not failed and makes_user(steps[0]):
                for made in self._in_database(database, steps[:1]):
                    failed = made.status == "failed"
                    yield made
                steps = steps[1:]
            if failed:
                yield from (Granted(step, "skipped", NO_USER) for step in steps)
            elif steps:
                yield from self._in_database(database, steps)

    def _in_database(self, database: str, steps: Sequence[Step]) -> Iterator[Granted]:
        statements = [Statement(step.sql, label="grants: apply") for step in steps]
        known = 0
        done: list[Step] = []
        try:
            with (
                naming(self._administrator),
                closing(self._connections.open(self._administrator, self._usage, database=database)) as session,
            ):
                for outcome in session.run_all(statements):
                    known += 1
                    done += [steps[outcome.index]] if outcome.error is None else []
                    yield _granted(steps[outcome.index], outcome.error)
                self._record(done).committed(session)
        except WharfingerError as error:
            yield from (Granted(step, "failed", str(error)) for step in steps[known:])


def _granted(step: Step, error: WharfingerError | None) -> Granted:
    if error is None:
        return Granted(step, "done")
    if makes_user(step) and ALREADY in error.why:
        return Granted(step, "already")
    return Granted(step, "failed", f"{error.what}. {error.why}" if error.why else error.what)
