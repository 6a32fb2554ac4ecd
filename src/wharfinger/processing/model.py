"""What somebody asks to be processed, what is due of it, and what came of it. Frozen values and pure decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from wharfinger.catalog.model import Table, digest
from wharfinger.catalog.signals import MAX_AGE
from wharfinger.core.names import TableName
from wharfinger.jobs.model import KINDS, Draft, JobState, Kind, Member
from wharfinger.profiling.due import ProfileOptions
from wharfinger.profiling.model import Level, TableProfile
from wharfinger.profiling.units import ProfileUnit

NOTHING = JobState("skipped")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for. `ceiling` is the most statements to send, None for as many as it takes.

    `scan_views`: profile views and external tables too, whose scan may cost anything.
    """

    patterns: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = KINDS
    level: Level = "basic"
    force: bool = False
    max_age: timedelta = MAX_AGE
    ceiling: int | None = None
    scan_views: bool = False

    def wish(self) -> ProfileOptions:
        """The part of it that profiling decides by."""
        return ProfileOptions(self.level, self.force, self.max_age, self.scan_views)


@dataclass(frozen=True, slots=True)
class Processed:
    """What came of a run: how both jobs of every table stand, and what it has cost.

    `left` counts the tables that the ceiling left for another time. `complete` is False when it was stopped before.
    """

    run: str
    tables: Mapping[TableName, Mapping[Kind, JobState]]
    statements: int
    api_calls: int
    seconds: float
    complete: bool = True
    left: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    def count(self, kind: Kind, status: str) -> int:
        """How many tables stand so in one job."""
        return sum(states[kind].status == status for states in self.tables.values())

    @property
    def failed(self) -> bool:
        """Whether a job of any table failed."""
        return any(self.count(kind, "failed") for kind in KINDS)


def evidence_signature(table: Table, sources: str) -> str:
    """A digest of what a description is written from, the profile apart.

    `sources` stands for what lies outside of the catalog: the writer and the dbt manifests.
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

    The tables of databases that are `unread` are among the first, whatever came of an earlier run.
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


def outcome(
    names: Iterable[TableName], states: Mapping[TableName, Mapping[Kind, JobState]], left: Iterable[TableName]
) -> dict[TableName, dict[Kind, JobState]]:
    """How both jobs of every table stand: what was not asked for or not due is skipped, what was left is queued."""
    waiting = set(left)
    return {
        name: {
            kind: states.get(name, {}).get(
                kind, JobState("queued") if kind == "profile" and name in waiting else NOTHING
            )
            for kind in KINDS
        }
        for name in names
    }
