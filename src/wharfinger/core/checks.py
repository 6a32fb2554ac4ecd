"""A check and a report of checks: one shape for connection tests, dbt checks, access checks and network checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from wharfinger.core.verbs import Call

CheckStatus = Literal["passed", "warned", "failed", "skipped", "computed"]
"""`warned` and `skipped` do not count as failures; `computed` was derived from rights instead of tried."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, the result, and what to do when it is not `passed`.

    `about` names the thing where one report checks several of a kind. `fix` is SQL that fixes it. `fields` and `call`
    are the fields that are wrong and the verb that would help; a door words them beside `next_step`.
    """

    id: str
    status: CheckStatus
    detail: str = ""
    next_step: str = ""
    about: str = ""
    fix: str = ""
    fields: tuple[str, ...] = ()
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Checks in their order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """False only when a check failed."""
        return not any(check.status == "failed" for check in self.checks)

    def with_status(self, *statuses: CheckStatus) -> Iterable[Check]:
        """The checks with one of `statuses`."""
        return (check for check in self.checks if check.status in statuses)
