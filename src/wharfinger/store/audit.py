"""The audit log in the store."""

from __future__ import annotations

from wharfinger.core.events import Event


class AuditLog:
    """Keeps events for good; only ever adds."""

    def record(self, event: Event) -> None:
        """Keep one event. Inside a transaction it is kept or lost with what it tells of."""
        from wharfinger.store.models import AuditEvent

        AuditEvent.objects.create(
            at=event.at, actor=event.actor, action=event.action, subject=event.subject, detail=event.detail
        )

    def recent(self, limit: int = 100) -> list[Event]:
        """The last `limit` events, the newest first."""
        from wharfinger.store.models import AuditEvent

        rows = AuditEvent.objects.order_by("-id")[:limit]
        return [Event(row.action, row.subject, row.actor, row.detail, row.at) for row in rows]
