"""Audit events: who did what to which thing, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

Outcome = Literal["begun", "done", "failed", "unknown"]
"""`begun` until the act has ended, and for good when its process was killed; `unknown` when nobody can tell."""


@dataclass(frozen=True, slots=True)
class Event:
    """One act: `action` is a verb of `core.verbs`, `subject` a name; no member holds secrets or table values."""

    action: str
    subject: str
    actor: str = "local"
    detail: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    outcome: Outcome = "begun"


class Audit(Protocol):
    """Where events are kept."""

    def begin(self, event: Event) -> int:
        """Keep an event durably before its act begins; answers its number."""

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        """Keep how the act ended, and what is to be said of it now."""
