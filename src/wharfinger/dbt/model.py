"""What is asked for and what is answered: the request for a profile, the printed profile, the checks of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wharfinger.core.checks import CheckStatus
from wharfinger.core.secret import Secret
from wharfinger.dbt.cloud import Forms

DEFAULT_TARGET = "dev"
DEFAULT_THREADS = 4


@dataclass(frozen=True, slots=True)
class Request:
    """What a person wants of a profile.

    `method` is empty for the one that fits, `host` and `port` empty and 0 for those of the warehouse, `threads` None
    for what stands there or 4. `tcp_keepalive_idle` is in seconds, 0 takes it out. `more` are further fields as typed.
    `secret` is written in clear text; without it dbt takes it from the environment.
    """

    profile: str
    schema: str
    target: str = DEFAULT_TARGET
    user: str = ""
    method: str = ""
    threads: int | None = None
    tcp_keepalive_idle: int | None = None
    autocreate: bool = False
    db_groups: tuple[str, ...] = ()
    aws_profile: str = ""
    access_key_id: str = ""
    host: str = ""
    port: int = 0
    more: Mapping[str, str] = field(default_factory=dict)
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the warehouse is, and whom AWS takes the connection's identity for; empty where it was not needed."""

    host: str
    port: int
    account_id: str = ""
    identity_user: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A profile as it was made: its text without secrets, where it belongs and why, and what became of the file.

    `path` is None for the dbt platform, which has no file. `backup` is the copy of what was there before.
    """

    path: Path | None
    why: str
    yaml: str
    env: tuple[str, ...]
    notes: tuple[str, ...] = ()
    written: bool = False
    backup: Path | None = None
    forms: Forms | None = None

    def document(self) -> dict[str, Any]:
        """The JSON of `dbt profile`."""
        return {
            "path": None if self.path is None else str(self.path),
            "why": self.why,
            "yaml": self.yaml,
            "env": list(self.env),
            "notes": list(self.notes),
            "written": self.written,
            "backup": None if self.backup is None else str(self.backup),
            **({} if self.forms is None else {"dbt_cloud": self.forms.document()}),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `dbt check`. `profile` and `target` are empty for what concerns the whole file."""

    id: str
    status: CheckStatus
    detail: str
    next_step: str = ""
    profile: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The checks of a profiles.yml, in their order."""

    path: Path
    why: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """False only when a check failed."""
        return all(check.status != "failed" for check in self.checks)

    def document(self) -> dict[str, Any]:
        """The JSON of `dbt check`."""
        return {
            "ok": self.ok,
            "path": str(self.path),
            "why": self.why,
            "checks": [
                {
                    "id": check.id,
                    "status": check.status,
                    "detail": check.detail,
                    "next_step": check.next_step,
                    "profile": check.profile or None,
                    "target": check.target or None,
                }
                for check in self.checks
            ],
        }
