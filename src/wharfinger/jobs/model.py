"""Background work as values: runs, units, the status of each table, and the decisions about them. Nothing acts here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from wharfinger.core.errors import ErrorRecord, Failed, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped

Kind = str
"""What is done to a table, such as `profile`: a name under which a handler is registered (`jobs.kinds`)."""

Status = Literal["queued", "running", "completed", "failed", "skipped"]
Placing = Literal["join", "resume", "again"]
Role = Literal["worker", "client"]

MAX_STARTS = 3
"""How many workers may die on a unit before it fails."""

PAUSES_SECONDS = (1.0, 3.0, 9.0, 27.0)
"""The pauses before a step is tried again when the warehouse was unavailable. The session's own retries come first."""

LEAST_FRACTION = 0.1
"""The done part of a run from which its end is estimated: the first tables end late, as a worker has to start."""

FUTILE_WORKERS = 5
"""How many workers may be started for a run without an end of any of its tables before its watcher gives up. More than
`MAX_STARTS`: a table on which workers die fails before that, and the others go on."""

DIRECT_TABLES = 5
DIRECT_UNITS = 2
"""A run of at most so many tables, and so many units that wait for no other, is performed by the process that asked
for it: starting a worker would take longer than the work."""


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One table of a unit, with the signature it had when the unit was made."""

    table: TableName
    signature: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A unit before it is stored: `options` change what is done, `planned` is the number of statements it will send."""

    kind: Kind
    members: tuple[Member, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    planned: int = 0

    def id(self, connection: str) -> str:
        """The unit's identity: the same work on the same tables with the same signatures has the same id."""
        tables = [[m.table.database, m.table.schema, m.table.name, m.signature] for m in sorted(self.members)]
        text = json.dumps([connection, self.kind, sorted(self.options.items()), tables], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of work that a run wants for some tables.

    `cut` groups tables into drafts; tables that it leaves out stay queued for another run. `options` are part of what
    the work is. `after` names a kind earlier in the same run: a table's work waits until that kind has ended for it,
    with or without an error.
    """

    kind: Kind
    members: Sequence[Member]
    cut: Callable[[Sequence[Member]], Iterable[Draft]]
    options: Mapping[str, str] = field(default_factory=dict)
    after: Kind = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stored unit: one kind of work for one table, or for several that share statements.

    `attempt` counts how often it was requested again, `fence` how often a process took it. `done` counts the members
    that have ended in this attempt. `statements` and `api_calls` count what it has cost in its whole life.
    """

    id: str
    connection: str
    kind: Kind
    members: tuple[Member, ...]
    options: Mapping[str, str]
    planned: int = 0
    attempt: int = 1
    done: int = 0
    statements: int = 0
    api_calls: int = 0
    ended_at: datetime | None = None
    fence: int = 0

    @property
    def work(self) -> str:
        """The id of this attempt, which is the id of its workflow."""
        return work_id(self.id, self.attempt)

    @property
    def tables(self) -> tuple[TableName, ...]:
        """The tables it is about."""
        return tuple(member.table for member in self.members)


def work_id(unit_id: str, attempt: int) -> str:
    """The id of one attempt of a unit: the digest of its content, and the number of the attempt."""
    return f"{unit_id}-{attempt}"


def unit_of(work: str) -> tuple[str, int]:
    """The unit's id and the attempt that `work_id` made `work` of."""
    unit_id, _, attempt = work.rpartition("-")
    return unit_id, int(attempt)


@dataclass(frozen=True, slots=True)
class Run:
    """One time that `asked_by` asked for work on tables.

    `ceiling` is the most statements it may send, None for as many as it takes. `tables` are those it is about, also
    where nothing is due of them; `left` are those that its cutting left for another run. `performer` is the process
    that performs it directly, empty where the queue has it.
    """

    id: str
    connection: str
    asked_by: str
    started_at: datetime
    ceiling: int | None = None
    tables: tuple[TableName, ...] = ()
    left: tuple[TableName, ...] = ()
    notes: tuple[str, ...] = ()
    performer: str = ""

    @property
    def direct(self) -> bool:
        """Whether the process that asked for it performs it."""
        return bool(self.performer)


class Superseded(Stopped):
    """Another process has taken the unit over, because this one was silent for too long: what it writes is refused."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that takes part. `beats` grows while it lives; a worker that is not `accepting` begins nothing new.

    A `lost` one was silent for so long that others took over its work.
    """

    id: str
    role: Role
    host: str
    pid: int
    accepting: bool = True
    beats: int = 0
    lost: bool = False


ProcessState = Literal["alive", "silent", "lost", "dead"]
"""How a process looks to another one; see `adapters.work.presence`."""


@dataclass(frozen=True, slots=True)
class JobState:
    """The status of one job of one table, since when, its error, and the signature it was completed with last."""

    status: Status = "skipped"
    error: ErrorRecord | None = None
    signature: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: tables done and in all for each kind, and what has been sent to the warehouse for it.

    `ended`: every unit has ended. `cancelled`: the run was cancelled before that. `waits_for` names what has to end
    before the run can go on, for people; empty while it goes on.
    """

    done: Mapping[Kind, int]
    total: Mapping[Kind, int]
    failed: int
    statements: int
    api_calls: int
    ended: bool
    cancelled: bool = False
    seconds: float = 0.0
    waits_for: str = ""

    def fraction(self) -> float:
        """The done part of all jobs, from 0 to 1."""
        total = sum(self.total.values())
        return sum(self.done.values()) / total if total else 1.0


def placing(known: Unit, under_way: bool, in_queue: bool, run_started: datetime) -> Placing:
    """What a run does with a unit that is stored already.

    It joins work under way, and work that ended after the run began: two people who ask at once get one piece of work.
    An attempt that the queue never received, because the process that asked for it was killed before, is resumed.
    Everything else was ended or cancelled before: the unit is done again, under the next attempt.
    """
    if under_way or (known.ended_at is not None and known.ended_at >= run_started):
        return "join"
    return "again" if known.ended_at is not None or in_queue else "resume"


def alone(unit: Unit, member: Member) -> Unit:
    """A unit with one table only. A lone table costs at most two statements more than its share."""
    share = max(1, -(-unit.planned // len(unit.members))) if unit.planned else 0
    return replace(unit, members=(member,), planned=share)


def worth_trying_alone(unit: Unit, error: WharfingerError) -> bool:
    """Whether the tables of a unit that failed are to be tried one by one.

    A failure of several tables may be the fault of one; a right that is missing to all of them is not.
    """
    return isinstance(error, Failed) and len(unit.members) > 1


def worker_died() -> Failed:
    """The error of a unit whose workers died one after the other."""
    return Failed(
        "The worker died while on this table",
        why=f"{MAX_STARTS} workers began it and none reached its end",
        next_step="Free memory on this machine, read worker.log in the home folder, then process the table again",
    )


def no_progress(workers: int) -> Failed:
    """The error of a run for which workers were started in vain."""
    return Failed(
        "The run makes no progress",
        why=f"{workers} workers were started for it one after the other, and no table of it has ended",
        next_step="Read worker.log in the home folder, then process again",
    )


def queue_failed() -> Failed:
    """The error of a unit that the queue gave up before any worker began it."""
    return Failed(
        "The queue could not start the work on this table",
        why="its record in the queue could not be read",
        next_step="Read worker.log in the home folder, then process the table again",
    )


def own_fault(error: Exception) -> Failed:
    """An internal error as an error for people. The exception's text may hold values of a table, so it is left out."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" at {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return Failed(
        "Internal error in Wharfinger",
        why=f"{type(error).__name__}{place}",
        next_step="Report it with that place; it is safe to process the table again",
    )


def within(ceiling: int | None, used: int, more: int) -> bool:
    """Whether `more` statements fit under the ceiling when `used` are spent or promised."""
    return ceiling is None or used + more <= ceiling


def seconds_left(progress: Progress, elapsed: float) -> float | None:
    """An estimate of the seconds until the run has ended, None before there is enough to estimate from."""
    fraction = progress.fraction()
    return elapsed * (1 - fraction) / fraction if fraction >= LEAST_FRACTION and elapsed > 0 else None


def joinable(units: Iterable[Unit], members: Iterable[Member]) -> dict[TableName, Unit]:
    """The units that do the same to the same tables, with the same signature, by table."""
    known = {member: unit for unit in units for member in unit.members}
    return {member.table: known[member] for member in members if member in known}


def uncovered(members: Iterable[Member], covered: Iterable[TableName]) -> list[Member]:
    """The members whose table is not covered."""
    known = set(covered)
    return [member for member in members if member.table not in known]
