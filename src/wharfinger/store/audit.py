"""The audit log in the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from wharfinger.core.events import Event, Outcome


class AuditLog:
    """Keeps events for good: an event is added when its act begins, and its outcome is added when the act ends."""

    def begin(self, event: Event) -> int:
        """Keep an event before its act begins; answers its number."""
        from wharfinger.store.models import AuditEvent

        row = AuditEvent.objects.create(
            at=event.at,
            actor=event.actor,
            action=event.action,
            subject=event.subject,
            detail=event.detail,
            outcome=event.outcome,
        )
        return int(row.pk)

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        """Keep how the act of the event `number` ended. An outcome that is kept already stays."""
        from wharfinger.store.models import AuditEvent

        begun = AuditEvent.objects.filter(pk=number, outcome="begun")
        begun.update(outcome=outcome, detail=detail, ended_at=datetime.now(UTC))

    def events(self, since: datetime | None = None, limit: int = 100) -> list[Event]:
        """The last `limit` events, the newest first; with `since` those that began then or later."""
        from wharfinger.store.models import AuditEvent

        rows = AuditEvent.objects.order_by("-id")
        if since is not None:
            rows = rows.filter(at__gte=since)
        return [
            Event(row.action, row.subject, row.actor, row.detail, row.at, cast(Outcome, row.outcome))
            for row in rows[:limit]
        ]
