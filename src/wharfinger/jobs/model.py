"""Background work as values: runs, units, the status of each table, and the decisions about them. Nothing acts here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wharfinger.core.errors import ErrorRecord, Failed, Unavailable, WharfingerError
from wharfinger.core.names import TableName

Kind = Literal["profile", "describe"]
Status = Literal["queued", "running", "completed", "failed", "skipped"]
UnitStatus = Literal["queued", "running", "completed", "failed", "split"]
Submission = Literal["make", "attach", "again"]
Next = Literal["retry", "split", "fail"]
Role = Literal["worker", "client"]

KINDS: tuple[Kind, ...] = ("profile", "describe")
"""The two jobs of a table, in their order: a description may lean on the profile."""

UNFINISHED: tuple[UnitStatus, ...] = ("queued", "running")

MAX_CLAIMS = 3
"""How often a unit is begun before its workers' deaths are taken for its own fault."""

BACKOFF_SECONDS = (1.0, 3.0, 9.0, 27.0)
"""The pauses before a unit is tried again when the warehouse was unavailable. The session's own retries come first."""

DESCRIBE_TOGETHER = 50
"""How many tables share a describe unit: it sends no statement, so only the queue's own work counts."""


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One table of a unit, with the signature it had when the unit was made."""

    table: TableName
    signature: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A unit before it is stored: `options` change what is done, `planned` is the number of statements it will send.

    `after` is the id of the unit that must end first, or empty.
    """

    kind: Kind
    members: tuple[Member, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    planned: int = 0
    after: str = ""

    def id(self, connection: str) -> str:
        """The unit's identity: the same work on the same tables with the same signatures has the same id."""
        tables = [[m.table.database, m.table.schema, m.table.name, m.signature] for m in sorted(self.members)]
        text = json.dumps([connection, self.kind, sorted(self.options.items()), tables], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Unit:
    """A stored unit. `ticket` is the one workflow that may perform it, empty while none may.

    `statements` and `api_calls` count what it has cost in its whole life.
    """

    id: str
    connection: str
    kind: Kind
    members: tuple[Member, ...]
    options: Mapping[str, str]
    status: UnitStatus
    planned: int = 0
    ticket: str = ""
    claims: int = 0
    executor: str = ""
    statements: int = 0
    api_calls: int = 0
    ended_at: datetime | None = None

    @property
    def tables(self) -> tuple[TableName, ...]:
        """The tables it is about."""
        return tuple(member.table for member in self.members)


@dataclass(frozen=True, slots=True)
class Run:
    """One time that somebody asked for tables to be processed; `owner` is the process that waits for it.

    `ceiling` is the most statements it may send, None for as many as it takes.
    """

    id: str
    connection: str
    owner: str
    started_at: datetime
    ceiling: int | None = None
    statements: int = 0
    api_calls: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """A process that takes part. `beats` grows while it lives; a worker that is not `accepting` begins nothing new."""

    id: str
    role: Role
    host: str
    pid: int
    accepting: bool = True
    beats: int = 0


@dataclass(frozen=True, slots=True)
class JobState:
    """How one job of one table stands, since when, and with which signature it was completed last."""

    status: Status = "skipped"
    error: ErrorRecord | None = None
    signature: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: tables done and in all for each job, and what has been sent to the warehouse for it."""

    done: Mapping[Kind, int]
    total: Mapping[Kind, int]
    failed: int
    statements: int
    api_calls: int
    unfinished: int

    @property
    def ended(self) -> bool:
        """Whether nothing is left to wait for."""
        return self.unfinished == 0

    def fraction(self) -> float:
        """The done part of all jobs, from 0 to 1."""
        total = sum(self.total.values())
        return sum(self.done.values()) / total if total else 1.0


def submission(existing: Unit | None, run_started: datetime) -> Submission:
    """What to do with a draft whose id may be known already.

    Work under way is joined, and so is work that ended after the run began: two people who ask at once get one piece
    of work. What ended before, well or badly, is done again: somebody asked anew.
    """
    if existing is None:
        return "make"
    fresh = existing.ended_at is not None and existing.ended_at >= run_started
    return "attach" if existing.status in UNFINISHED or fresh else "again"


def describe_drafts(members: Iterable[Member], profiled_by: Mapping[TableName, str]) -> list[Draft]:
    """Describe units: a table follows its profile unit, if it has one; the others go together."""
    groups: dict[str, list[Member]] = {}
    for member in members:
        groups.setdefault(profiled_by.get(member.table, ""), []).append(member)
    return [
        Draft("describe", tuple(group[start : start + DESCRIBE_TOGETHER]), after=after)
        for after, group in groups.items()
        for start in range(0, len(group), DESCRIBE_TOGETHER)
    ]


def parts(unit: Unit) -> list[Draft]:
    """The tables of a unit as units of their own. A lone table costs at most two statements more than it shared."""
    share = max(1, -(-unit.planned // len(unit.members))) if unit.planned else 0
    return [Draft(unit.kind, (member,), unit.options, share) for member in unit.members]


def after_error(unit: Unit, error: WharfingerError, tries: int, affordable: bool) -> Next:
    """What to do after the whole unit failed for the `tries`-th time.

    What was unavailable is tried again as it is. A failure of several tables may be one table's fault, so they are
    tried alone; a right that is missing to all of them is not. Both only while the run's ceiling allows it.
    """
    if affordable and isinstance(error, Unavailable) and tries <= len(BACKOFF_SECONDS):
        return "retry"
    if affordable and isinstance(error, Failed) and len(unit.members) > 1:
        return "split"
    return "fail"


def died_too_often(unit: Unit) -> Failed:
    """The error of a unit whose workers died one after the other."""
    return Failed(
        "The worker died while on this table",
        why=f"{unit.claims - 1} workers began it and none lived to its end",
        next_step="Free memory on this machine, look into worker.log in the home folder, then process it again",
    )


def own_fault(error: Exception) -> Failed:
    """A fault of ours as an error for people. The exception's text may hold values of a table, so it is left out."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" at {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return Failed(
        "Wharfinger met a fault of its own",
        why=f"{type(error).__name__}{place}",
        next_step="Report it with that place; processing the table again does no harm",
    )


def within(ceiling: int | None, used: int, more: int) -> bool:
    """Whether `more` statements fit under the ceiling when `used` are spent or promised."""
    return ceiling is None or used + more <= ceiling


def seconds_left(progress: Progress, elapsed: float) -> float | None:
    """A guess of the seconds to go, None before there is anything to guess from."""
    fraction = progress.fraction()
    return elapsed * (1 - fraction) / fraction if fraction > 0 and elapsed > 0 else None


def joinable(units: Iterable[Unit], members: Iterable[Member]) -> dict[TableName, str]:
    """The tables that `units` are about already, with the same signature, and those units' ids."""
    known = {member: unit.id for unit in units for member in unit.members}
    return {member.table: known[member] for member in members if member in known}


def unmatched(members: Sequence[Member], covered: Iterable[TableName]) -> list[Member]:
    """The members whose table is not covered."""
    known = set(covered)
    return [member for member in members if member.table not in known]
