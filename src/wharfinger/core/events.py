"""Audit events: who did what to which thing. Each verb that changes something writes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """One audit line: `action` is `capability:verb`, `subject` a name; neither holds secrets or table values."""

    action: str
    subject: str
    actor: str = "local"
    detail: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Audit(Protocol):
    """Where events are kept."""

    def record(self, event: Event) -> None:
        """Keep one event for good."""
