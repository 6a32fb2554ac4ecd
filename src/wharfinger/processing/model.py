"""A request to process tables, what is due of it, and the result. Frozen values and pure decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, cast

from wharfinger.catalog.model import Table, digest
from wharfinger.catalog.signals import MAX_AGE
from wharfinger.core.ages import age
from wharfinger.core.errors import Invalid
from wharfinger.core.names import TableName
from wharfinger.jobs.model import Draft, JobState, Kind, Member
from wharfinger.profiling.due import ProfileOptions
from wharfinger.profiling.model import Level, TableProfile
from wharfinger.profiling.units import ProfileUnit

Job = Literal["profile", "describe"]

JOBS: tuple[Job, ...] = ("profile", "describe")
"""The jobs of a table, in their order: a description may use the profile."""

LEVELS: tuple[Level, ...] = ("basic", "full")

DESCRIBE_TOGETHER = 50
"""How many tables share a describe unit: it sends no statement, so only the queue's own work counts."""

NOTHING = JobState("skipped")


MAX_CEILING = 2_147_483_647
"""The largest limit of statements that every database of the store holds."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `ceiling` is the largest number of statements to send, None for no limit.

    `scan_views`: profile views and external tables too, whose scan may cost anything.
    """

    patterns: tuple[str, ...] = ()
    kinds: tuple[Job, ...] = JOBS
    level: Level = "basic"
    force: bool = False
    max_age: timedelta = MAX_AGE
    ceiling: int | None = None
    scan_views: bool = False

    @classmethod
    def parse(
        cls,
        *,
        patterns: Iterable[str] = (),
        only: str = "",
        level: str = "basic",
        force: bool = False,
        max_age: str = "",
        max_statements: int | None = None,
        scan_views: bool = False,
    ) -> Request:
        """A request from plain values, as every door has them.

        `only` is one of `JOBS` or empty for both; `max_age` is a number with m, h, d or w, such as 12h, or empty for
        the default. Raises Invalid with the name of the wrong field.
        """
        _choice("only", only, ("", *JOBS))
        _choice("level", level, LEVELS)
        if max_statements is not None and not 1 <= max_statements <= MAX_CEILING:
            raise Invalid(
                "Not a limit of statements",
                subject=str(max_statements),
                fields=["max_statements"],
                next_step=f"Write a number from 1 to {MAX_CEILING}",
            )
        return cls(
            patterns=tuple(patterns),
            kinds=(cast(Job, only),) if only else JOBS,
            level=cast(Level, level),
            force=force,
            max_age=age(max_age, "max_age") if max_age else MAX_AGE,
            ceiling=max_statements,
            scan_views=scan_views,
        )

    def profile_options(self) -> ProfileOptions:
        """The part of it that profiling decides by."""
        return ProfileOptions(self.level, self.force, self.max_age, self.scan_views)


@dataclass(frozen=True, slots=True)
class Processed:
    """The result of a run: the status of both jobs of every table, and what it has cost.

    `left` counts the tables that the ceiling left for another run. `complete` is False while the run has not ended,
    and when it was cancelled before.
    """

    run: str
    tables: Mapping[TableName, Mapping[Job, JobState]]
    statements: int
    api_calls: int
    seconds: float
    complete: bool = True
    left: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    def count(self, job: Job, status: str) -> int:
        """How many tables have that status in one job."""
        return sum(states[job].status == status for states in self.tables.values())

    @property
    def failed(self) -> bool:
        """Whether a job of any table failed."""
        return any(self.count(job, "failed") for job in JOBS)


def _choice(field_name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Invalid(
            "Not a choice here",
            subject=value,
            fields=[field_name],
            next_step=f"Choose one of {', '.join(filter(None, allowed))}",
        )


def evidence_signature(table: Table, sources: str) -> str:
    """A digest of what a description is written from, the profile apart.

    `sources` identifies what lies outside of the catalog: the writer and the dbt manifests.
    """
    columns = [[column.name, column.type, column.nullable, column.comment] for column in table.columns]
    keys = [table.keys.primary, table.keys.unique, [[key.columns, str(key.target)] for key in table.keys.foreign]]
    return digest([table.kind, table.comment, columns, keys, sources])


def text_due(table: Table, sources: str, state: JobState | None, profile: TableProfile | None) -> bool:
    """Whether a table's description is to be written: never done, from other evidence, or before the last profile."""
    if state is None or state.status != "completed" or state.at is None:
        return True
    measured_since = profile is not None and profile.profiled_at > state.at
    return measured_since or state.signature != evidence_signature(table, sources)


def divided(
    tables: Iterable[Table],
    states: Mapping[tuple[TableName, Kind], JobState],
    kind: Kind,
    unread: Collection[str] = (),
) -> tuple[list[Table], list[Table]]:
    """The tables of which an earlier run left this job undone or failed, and the others.

    The tables of databases that are `unread` are among the first, whatever their status.
    """
    undone: list[Table] = []
    others: list[Table] = []
    for table in tables:
        state = states.get((table.name, kind), NOTHING)
        settled = state.status in ("completed", "skipped") and table.name.database not in unread
        (others if settled else undone).append(table)
    return undone, others


def profile_members(tables: Iterable[Table]) -> list[Member]:
    """Tables that are due, as members of profile units."""
    return [Member(table.name, table.signature.digest) for table in tables if table.signature is not None]


def profile_drafts(
    units: Sequence[ProfileUnit], signatures: Mapping[TableName, str], options: Mapping[str, str]
) -> list[Draft]:
    """Planned profile units as drafts of background work."""
    return [
        Draft("profile", tuple(Member(name, signatures[name]) for name in unit.tables), options, unit.statements)
        for unit in units
    ]


def describe_drafts(members: Sequence[Member]) -> list[Draft]:
    """Tables whose description is due as drafts of background work."""
    return [
        Draft("describe", tuple(members[start : start + DESCRIBE_TOGETHER]))
        for start in range(0, len(members), DESCRIBE_TOGETHER)
    ]


def outcome(
    names: Iterable[TableName], states: Mapping[TableName, Mapping[Kind, JobState]], left: Iterable[TableName]
) -> dict[TableName, dict[Job, JobState]]:
    """The status of both jobs of every table: what was not asked for or not due is skipped, what was left is queued."""
    waiting = set(left)
    return {
        name: {
            job: states.get(name, {}).get(job, JobState("queued") if job == "profile" and name in waiting else NOTHING)
            for job in JOBS
        }
        for name in names
    }
