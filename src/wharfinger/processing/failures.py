"""The failures of a run, those with one cause together: tables that lack the same right need one GRANT. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wharfinger.core.errors import ErrorRecord
from wharfinger.core.names import TableName
from wharfinger.core.rights import MissingRight, grant
from wharfinger.processing.model import JOBS, Job, Processed

_POSITION = re.compile(r" \(Position: \d+\)$")
"""Where in a statement the engine stopped: it differs from table to table, the cause does not."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Tables of one job that failed for the same cause. `error` speaks of all of them."""

    job: Job
    tables: tuple[TableName, ...]
    error: ErrorRecord

    @property
    def lacks_a_right(self) -> bool:
        """Whether a missing right in the warehouse is the cause."""
        return "lacks" in self.error


def failure_groups(done: Processed) -> list[FailureGroup]:
    """The failures of a run by cause, in the order of their first tables."""
    groups: dict[object, list[tuple[TableName, Job, ErrorRecord]]] = {}
    for name, job, error in _failures(done):
        groups.setdefault(_cause(name, job, error), []).append((name, job, error))
    return [_together(members) for members in groups.values()]


def _failures(done: Processed) -> Iterator[tuple[TableName, Job, ErrorRecord]]:
    for name, states in sorted(done.tables.items()):
        for job in JOBS:
            state = states.get(job)
            if state is not None and state.status == "failed" and state.error is not None:
                yield name, job, state.error


def _cause(name: TableName, job: Job, error: ErrorRecord) -> object:
    if "lacks" in error:
        right = MissingRight(**error["lacks"])
        # One GRANT runs in one database. A table's name is its own; a schema is one for all of its tables.
        return job, name.database, right if right.kind else replace(right, name="")
    why = _POSITION.sub("", error["why"])
    return job, error["kind"], error["what"], why, error["next_step"], str(error.get("call"))


def _together(members: list[tuple[TableName, Job, ErrorRecord]]) -> FailureGroup:
    tables = tuple(name for name, _, _ in members)
    _, job, first = members[0]
    if len(members) == 1:
        return FailureGroup(job, tables, first)
    error: ErrorRecord = {**first, "subject": "", "why": _POSITION.sub("", first["why"])}
    if "lacks" in first:
        rights = [MissingRight(**error["lacks"]) for _, _, error in members if "lacks" in error]
        error["next_step"] = first["next_step"].replace(grant(rights[:1]), grant(rights))
        if len({right.name for right in rights}) > 1:
            error["what"] = "No right to read these tables"
            error["why"] = f"{first['why']}, and likewise for the others"
    return FailureGroup(job, tables, error)
