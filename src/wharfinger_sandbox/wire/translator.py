"""Translates the statements of a wire session and keeps the context that later statements depend on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from wharfinger_sandbox.dialect import Context, Refused, Translation, split, translate
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.history import redacted

_ONLY_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)


@dataclass(frozen=True)
class PreparedStatement:
    """One statement as the client wrote it, with its translation or its refusal.

    `types` are the engine's type numbers of the result columns, filled in once the engine has described them.
    """

    sql: str
    translation: Translation | None = None
    refused: Refused | None = None
    types: list[int] = field(default_factory=list, compare=False)

    @property
    def redacted(self) -> str:
        """The statement without passwords, for the call log."""
        return redacted(self.sql, self.translation)

    @property
    def reads_history(self) -> bool:
        """True when the statement reads the system views of queries, so earlier queries must be written first."""
        return self.translation is not None and self.translation.reads_history

    @property
    def moves_counters(self) -> bool:
        """True when the engine counts rows or scans for the statement."""
        return self.translation is not None and self.translation.kind not in ("set", "show", "begin", "rollback")

    @property
    def changes_logins(self) -> bool:
        """True when the sandbox must close its idle connections before and after the statement."""
        return self.translation is not None and self.translation.changes_logins


class Translator:
    """Translates the statements of one session of `login` in `database`."""

    def __init__(self, login: Login, database: str) -> None:
        self._context = Context(
            database=database, user=login.user, superuser=login.superuser, case_sensitive=login.case_sensitive
        )

    def setting(self, name: str, value: str) -> str | None:
        """The statement that applies a setting of the startup packet; None when the engine has the same parameter.

        Raises Refused.
        """
        quoted = value.replace("'", "''")
        statement = f"set {name} to '{quoted}'"
        translation = translate(statement, self._context)
        self._context = self._context.after(translation)
        return None if translation.sql == statement else translation.sql

    def several(self, sql: str) -> list[PreparedStatement]:
        """The statements of `sql` up to the first refused one, without those that are only comments."""
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
        """The only statement of `sql`; None when there is none or more than one, which the engine will refuse."""
        statements = [one for one in split(sql) if not _ONLY_COMMENTS.fullmatch(one)]
        return _prepare(statements[0], self._context)[0] if len(statements) == 1 else None

    def succeeded(self, prepared: PreparedStatement) -> None:
        """Update the context after `prepared` has succeeded."""
        if prepared.translation is not None:
            self._context = self._context.after(prepared.translation)

    def ready(self, status: bytes) -> None:
        """Update the context from a ReadyForQuery; `status` is `I`, `T` or `E`."""
        self._context = replace(self._context, in_transaction=status != b"I")


def _prepare(sql: str, context: Context) -> tuple[PreparedStatement, Context]:
    try:
        translation = translate(sql, context)
    except Refused as refused:
        return PreparedStatement(sql, refused=refused), context
    return PreparedStatement(sql, translation), context.after(translation)


def join_statements(prepared: Iterable[PreparedStatement]) -> str:
    """One text with all translated statements, each on its own lines, so that no comment hides the next one."""
    return "\n;\n".join(one.translation.sql for one in prepared if one.translation)
