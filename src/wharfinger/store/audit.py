"""The audit log in the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from wharfinger.core.events import Event, Outcome
from wharfinger.store.transactions import durable

_MOST = 2**31
"""More events than any store holds, and a number that SQLite takes."""


class AuditLog:
    """Records events: one is added when its act begins, its outcome when the act ends. None is ever removed.

    Both are on disk when the method returns. Each raises RuntimeError inside a transaction, whose rollback would remove
    the record: an act may contain transactions, not the other way round.
    """

    def begin(self, event: Event) -> int:
        """Record an event before its act begins; returns its number."""
        from wharfinger.store.models import AuditEvent

        with durable():
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
        """Record how the act of the event `number` ended. An outcome that was recorded before does not change."""
        from wharfinger.store.models import AuditEvent

        with durable():
            begun = AuditEvent.objects.filter(pk=number, outcome="begun")
            begun.update(outcome=outcome, detail=detail, ended_at=datetime.now(UTC))

    def events(self, since: datetime | None = None, limit: int = 100) -> list[Event]:
        """The newest `limit` events, the newest first; with `since`, only those that began at that time or later."""
        from wharfinger.store.models import AuditEvent

        rows = AuditEvent.objects.order_by("-id")
        if since is not None:
            rows = rows.filter(at__gte=since)
        return [
            Event(row.action, row.subject, row.actor, row.detail, row.at, cast(Outcome, row.outcome))
            for row in rows[: min(limit, _MOST)]
        ]
