"""Statements of a wire session: their translation, their place in the call log, and what the engine is to answer."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from wharfinger_sandbox.calls import StatementEntry
from wharfinger_sandbox.dialect import Context, Refused, Translation, split, translate
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.history import redacted
from wharfinger_sandbox.wire.probe import Probe
from wharfinger_sandbox.wire.recorder import SessionRecorder

CANCELED = "57014"

_ONLY_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)


@dataclass(frozen=True)
class PreparedStatement:
    """One statement as the client wrote it, with its translation or its refusal."""

    sql: str
    translation: Translation | None = None
    refused: Refused | None = None
    types: list[int] = field(default_factory=list, compare=False)
    """The engine's numbers of its columns' types, once it has described them."""

    @property
    def shown(self) -> str:
        """The statement for logs: no password in it."""
        return redacted(self.sql, self.translation)

    @property
    def reads_history(self) -> bool:
        """True when what ran before must be written for it to be seen."""
        return self.translation is not None and self.translation.reads_history

    @property
    def moves_counters(self) -> bool:
        """True when the engine counts rows or scans for it."""
        return self.translation is not None and self.translation.kind not in ("set", "show", "begin", "rollback")

    @property
    def changes_logins(self) -> bool:
        """True when idle connections of the sandbox itself must be closed around it."""
        return self.translation is not None and self.translation.changes_logins


@dataclass
class RunningText:
    """One SQL text on its way; it stands in the call log from `start` on. `formats` are those of its results."""

    prepared: PreparedStatement
    recorder: SessionRecorder
    formats: Sequence[int] = ()
    entry: StatementEntry | None = None
    began: float = 0.0

    def start(self) -> None:
        """It begins now; a portal that is read in pieces begins once."""
        if self.entry is None:
            self.began = time.monotonic()
            self.entry = self.recorder.started(self.prepared.shown)

    def end(self, status: str, *, tag: str = "", error: str | None = None) -> None:
        """It ended: `FINISHED`, `FAILED` or `ABORTED`."""
        self.start()
        if self.entry is not None:
            seconds = time.monotonic() - self.began
            self.entry.finished(status, seconds)
            self.recorder.ended(self.entry, self.prepared.translation, seconds, tag=tag, error=error)

    def paused(self) -> None:
        """A portal gave as many rows as were asked for; more may follow."""
        if self.entry is not None:
            self.entry.finished("FINISHED", time.monotonic() - self.began)


Kind = Literal["parse", "bind", "describe", "close", "execute", "query", "sync", "counters", "probe"]


@dataclass
class PendingResponse:
    """One thing the engine is to answer. `runs` are the texts it stands for, the first one current; `probe` is there
    for a question of the sandbox's own."""

    kind: Kind
    runs: deque[RunningText] = field(default_factory=deque)
    probe: Probe | None = None

    @property
    def refused(self) -> Refused | None:
        return self.runs[0].prepared.refused if self.runs else None

    def failed(self, sqlstate: str, said: str) -> None:
        """The current text failed; those after it never ran."""
        if self.runs:
            self.runs[0].end("ABORTED" if sqlstate == CANCELED else "FAILED", error=f"ERROR: {said}")
            self.runs.clear()

    def paused(self) -> None:
        """The current text gave as many rows as were asked for."""
        if self.runs:
            self.runs[0].paused()

    def completed(self, tag: str = "") -> PreparedStatement | None:
        """The current text is done; the next one begins."""
        if not self.runs:
            return None
        run = self.runs.popleft()
        run.end("FINISHED", tag=tag)
        if self.runs:
            self.runs[0].start()
        return run.prepared


class Translator:
    """Translates the statements of one session, keeping what later ones depend on."""

    def __init__(self, login: Login, database: str) -> None:
        self._context = Context(
            database=database, user=login.user, superuser=login.superuser, case_sensitive=login.case_sensitive
        )

    def setting(self, name: str, value: str) -> str | None:
        """The statement that gives a setting of the startup packet its value; None when the engine knows it itself.

        Raises Refused.
        """
        quoted = value.replace("'", "''")
        statement = f"set {name} to '{quoted}'"
        translation = translate(statement, self._context)
        self._context = self._context.after(translation)
        return None if translation.sql == statement else translation.sql

    def several(self, sql: str) -> list[PreparedStatement]:
        """The statements of one text; ends with the first that is refused. Empty when there is nothing but comments."""
        context, prepared = self._context, []
        for statement in split(sql):
            if _ONLY_COMMENTS.fullmatch(statement):
                continue
            one, context = _prepare(statement, context)
            prepared.append(one)
            if one.refused:
                break
        return prepared

    def single(self, sql: str) -> PreparedStatement | None:
        """The one statement of `sql`; None when there is none, or more than one: the engine says what is wrong then."""
        statements = [one for one in split(sql) if not _ONLY_COMMENTS.fullmatch(one)]
        return _prepare(statements[0], self._context)[0] if len(statements) == 1 else None

    def succeeded(self, prepared: PreparedStatement) -> None:
        """`prepared` succeeded."""
        if prepared.translation is not None:
            self._context = self._context.after(prepared.translation)

    def ready(self, status: bytes) -> None:
        """The engine is ready again; `status` is `I`, `T` or `E`."""
        self._context = replace(self._context, in_transaction=status != b"I")


def _prepare(sql: str, context: Context) -> tuple[PreparedStatement, Context]:
    try:
        translation = translate(sql, context)
    except Refused as refused:
        return PreparedStatement(sql, refused=refused), context
    return PreparedStatement(sql, translation), context.after(translation)


def join_statements(prepared: Iterable[PreparedStatement]) -> str:
    """One text for the engine; each statement on lines of its own, so that no comment hides the next."""
    return "\n;\n".join(one.translation.sql for one in prepared if one.translation)
