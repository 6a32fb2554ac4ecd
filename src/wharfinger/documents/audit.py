"""The audit log."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import TypedDict

from wharfinger.core.events import Event, Outcome


class EventDocument(TypedDict):
    """One act: when it began, who did what to which thing, and how it ended."""

    at: str
    actor: str
    action: str
    subject: str
    outcome: Outcome
    detail: str


class AuditDocument(TypedDict):
    """Acts, the newest first."""

    events: list[EventDocument]


def event_document(event: Event) -> EventDocument:
    """One event; `at` is ISO 8601 in UTC."""
    return {
        "at": event.at.isoformat(),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "outcome": event.outcome,
        "detail": event.detail,
    }


def audit_document(events: Iterable[Event]) -> AuditDocument:
    """Events in the order given."""
    return {"events": [event_document(event) for event in events]}
