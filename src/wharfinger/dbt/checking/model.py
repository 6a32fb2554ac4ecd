"""The output of `dbt check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wharfinger.core.checks import Check, CheckStatus, Report
from wharfinger.core.verbs import Call

MOST_NAMES = 5
"""The most names that one check lists."""


@dataclass(frozen=True, slots=True)
class TargetCheck(Check):
    """A check of one target of one profile; both are empty for what concerns the whole file. `about` joins them."""

    profile: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found in a target without signing in: its status, what it is, and what to do."""

    status: CheckStatus
    detail: str
    next_step: str = ""


def target_check(
    id_: str,
    status: CheckStatus,
    detail: str,
    next_step: str = "",
    *,
    profile: str = "",
    target: str = "",
    fields: Sequence[str] = (),
    call: Call | None = None,
) -> TargetCheck:
    """A check about `profile.target`."""
    about = ".".join(part for part in (profile, target) if part)
    return TargetCheck(id_, status, detail, next_step, about, "", tuple(fields), call, profile, target)


@dataclass(frozen=True, slots=True)
class ProfilesReport:
    """The checks of one profiles.yml in their order: its path, why dbt reads that one, and the checks."""

    path: Path
    why: str
    checks: tuple[TargetCheck, ...]

    @property
    def ok(self) -> bool:
        """False only when a check failed."""
        return Report(self.checks).ok
