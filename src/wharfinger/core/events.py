"""Audit events: who did what to which thing, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

Outcome = Literal["begun", "done", "failed", "unknown"]
"""`begun` until the act has ended, for ever when its process was killed; `unknown` when the result is not known."""


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
    """The store of events."""

    def begin(self, event: Event) -> int:
        """Store an event durably before its act begins; returns its number."""

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        """Store how the act ended, and its final detail."""
