"""One statement of a plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wharfinger.core.names import quote_literal

PASSWORD = "'***'"  # noqa: S105
"""The placeholder in a step's text for the digest of a password, which is put in when the step is applied."""

Effect = Literal["add", "change", "remove"]
"""What a step does to the warehouse, as a plan shows it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a plan, in `database`. A `destructive` one takes something away.

    `changes` is true for a step that replaces what is there, such as an owner, a search_path or a password.
    `password_for` names the user whose password digest the statement takes, `disables` the user whose password it
    disables, `drops` the user it drops: the home records what became of their passwords.
    """

    database: str
    sql: str
    why: str
    destructive: bool = False
    password_for: str = ""
    changes: bool = False
    disables: str = ""
    drops: str = ""

    @property
    def effect(self) -> Effect:
        """Whether the step adds, changes or removes something."""
        if self.changes:
            return "change"
        return "remove" if self.destructive else "add"

    def with_digest(self, digest: str) -> str:
        """The statement as it is sent, with `digest` in the place of the placeholder."""
        head, _, tail = self.sql.rpartition(PASSWORD)
        return head + quote_literal(digest) + tail
