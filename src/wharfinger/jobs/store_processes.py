"""The processes that take part in background work, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

from django.db.models import F

from wharfinger.jobs.model import Process, Role
from wharfinger.store.database import close_database
from wharfinger.store.models import Process as Row


class ProcessStore:
    """Keeps who takes part."""

    def add(self, process: Process) -> None:
        """A process comes."""
        Row.objects.create(
            id=process.id, role=process.role, host=process.host, pid=process.pid, started_at=datetime.now(UTC)
        )

    def beat(self, process_id: str) -> bool:
        """A process says that it lives. False when it was taken for lost, or is not known."""
        return bool(Row.objects.filter(id=process_id, lost=False).update(beats=F("beats") + 1))

    def lose(self, process_id: str) -> None:
        """A process was silent for too long: others take over its work."""
        Row.objects.filter(id=process_id).update(lost=True)

    def accept_no_more(self, process_id: str) -> None:
        """A worker begins nothing new from now on."""
        Row.objects.filter(id=process_id).update(accepting=False)

    def get(self, process_id: str) -> Process | None:
        """One process, None when it has left."""
        row = Row.objects.filter(id=process_id).first()
        return _value(row) if row is not None else None

    def all(self) -> list[Process]:
        """Every process that has come and not left, whether it lives or not."""
        return [_value(row) for row in Row.objects.order_by("started_at")]

    def close(self) -> None:
        """Close this thread's connection to the store; it opens again by itself."""
        close_database()

    def remove(self, process_ids: Iterable[str]) -> None:
        """Processes leave."""
        Row.objects.filter(id__in=list(process_ids)).delete()


def _value(row: Row) -> Process:
    return Process(row.id, cast(Role, row.role), row.host, row.pid, row.accepting, row.beats, row.lost)
