"""Applies the steps of a plan: one transaction for each database; passwords are stored or shown before that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

from wharfinger.access.applying.passwords import digest
from wharfinger.access.applying.recording import Recording
from wharfinger.access.planning.plan import Plan
from wharfinger.access.planning.step import Step
from wharfinger.access.ports import Connections, PasswordKeeper
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.events import Outcome
from wharfinger.core.secret import Secret
from wharfinger.core.session import EndUnknown, Statement, Usage

MakePassword = Callable[[], Secret]

Phase = Literal["before", "sent", "rolled back", "committed"]
"""The state of one database: nothing sent yet; sent, outcome not known; undone as a whole; in effect as a whole."""


@dataclass(slots=True)
class Applied:
    """The result of applying: `applied` of `of` steps, the users that got a password, and the error that stopped it.

    It is up to date at every moment, also after an interruption (Ctrl-C). `databases` has the phase of each database
    that was begun, in order.
    """

    of: int
    applied: int = 0
    users: tuple[str, ...] = ()
    error: WharfingerError | None = None
    databases: dict[str, Phase] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome | None:
        """`done` when every step is in effect, `unknown` when that is not known for the last database, else `failed`.

        None for a plan without steps.
        """
        if not self.of:
            return None
        if self.applied == self.of:
            return "done"
        return "unknown" if "sent" in self.databases.values() else "failed"

    def words(self) -> str:
        """What happened, for the audit log: `3 of 7 steps; dev applied, interrupted in marketing`."""
        parts = [_words(database, phase, self.error) for database, phase in self.databases.items()]
        count = f"{self.applied} of {self.of} step{'' if self.of == 1 else 's'}"
        return "; ".join([count, ", ".join(parts)]) if parts else count


def _words(database: str, phase: Phase, error: WharfingerError | None) -> str:
    if phase == "committed":
        return f"{database} applied"
    if error is None:
        return f"interrupted {'in' if phase == 'sent' else 'before'} {database}"
    return {
        "before": f"failed before anything was sent to {database}",
        "sent": f"outcome in {database} unknown",
        "rolled back": f"failed in {database}, which is unchanged",
    }[phase]


class Applier:
    """Applies steps through one connection, with one session for each database."""

    def __init__(
        self,
        connections: Connections,
        connection: Connection,
        usage: Usage,
        keeper: PasswordKeeper,
        make_password: MakePassword,
        record: Callable[[Sequence[Step]], Recording],
    ) -> None:
        self._connections = connections
        self._connection = connection
        self._usage = usage
        self._keeper = keeper
        self._make_password = make_password
        self._record = record

    def apply(self, plan: Plan, applied: Applied) -> None:
        """Apply the steps of `plan`, and update `applied` after each change of a database's phase.

        A step that fails undoes its whole database; what was committed in other databases stays. `applied.error` says
        which step failed and why; no further database is tried.
        """
        for database in _order(plan, self._connection):
            part = [(number, step) for number, step in enumerate(plan.steps, 1) if step.database == database]
            try:
                self.apply_in(database, part, applied)
            except WharfingerError as error:
                applied.error = error
                return

    def apply_in(self, database: str, part: Sequence[tuple[int, Step]], applied: Applied) -> None:
        """Apply numbered steps in one transaction. Raises the error of the warehouse or of `keeper`.

        `keeper` gets the passwords first. They are taken back when it is known that the warehouse has not set them.
        """
        passwords = {step.password_for: self._make_password() for _, step in part if step.password_for}
        applied.databases[database] = "before"
        recording = self._record([step for _, step in part])
        handed_over = False
        try:
            if passwords:
                self._keeper.keep(passwords)
                handed_over = True
            with closing(self._connections.open(self._connection, self._usage, database=database)) as session:
                recording.begin()
                applied.databases[database] = "sent"
                session.together([_statement(number, step, passwords) for number, step in part])
                applied.databases[database] = "committed"
                applied.applied += len(part)
                applied.users += tuple(passwords)
                recording.committed(session)
        except WharfingerError as error:
            if applied.databases[database] == "sent" and not isinstance(error, EndUnknown):
                applied.databases[database] = "rolled back"
                recording.undone()
            raise
        finally:
            if handed_over and applied.databases[database] in ("before", "rolled back"):
                self._keeper.take_back(passwords)


def _statement(number: int, step: Step, passwords: dict[str, Secret]) -> Statement:
    text = step.sql
    if step.password_for:
        text = step.with_digest(digest(passwords[step.password_for], step.password_for))
    return Statement(text, label=f"step {number}")


def _order(plan: Plan, connection: Connection) -> list[str]:
    """The connection's own database first, since users and groups are made there; last when a user is removed."""
    own = connection.database
    last = plan.request.purpose == "leave"
    return sorted({step.database for step in plan.steps}, key=lambda name: ((name == own) == last, name))
