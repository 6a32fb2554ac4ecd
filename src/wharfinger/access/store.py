"""Plans in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from wharfinger.access.model import Note
from wharfinger.access.planning.plan import Plan, Request
from wharfinger.access.planning.steps import Step
from wharfinger.connections.model import Connection
from wharfinger.core.errors import NotFound
from wharfinger.core.verbs import Call, call
from wharfinger.store.models import AccessPlan


class PlanStore:
    """Stores the plans of every connection; they are removed with the connection."""

    def add(self, connection: Connection, plan: Plan) -> None:
        """Store a plan under its id."""
        content = {
            "request": asdict(plan.request),
            "steps": [asdict(step) for step in plan.steps],
            "notes": [_note_record(note) for note in plan.notes],
        }
        AccessPlan.objects.create(
            id=plan.id, connection_id=connection.id, digest=plan.digest, content=content, made_at=plan.made_at
        )

    def get(self, connection: Connection, id: str) -> Plan:
        """The plan of that id, of that connection. Raises NotFound."""
        row = AccessPlan.objects.filter(id=id, connection_id=connection.id).first()
        if row is None:
            raise NotFound(
                "There is no such plan for this connection",
                subject=id,
                next_step="Look which plans there are",
                call=call("access:plans", connection=connection.name),
            )
        return _plan(row, connection)

    def all(self, connection: Connection) -> Iterator[Plan]:
        """Every plan of a connection, the newest first."""
        rows = AccessPlan.objects.filter(connection_id=connection.id).order_by("-made_at", "id")
        return (_plan(row, connection) for row in rows)


def _plan(row: AccessPlan, connection: Connection) -> Plan:
    return Plan(
        id=row.id,
        connection=connection.name,
        request=Request(**row.content["request"]),
        digest=row.digest,
        steps=tuple(Step(**step) for step in row.content["steps"]),
        notes=tuple(_note(note) for note in row.content["notes"]),
        made_at=row.made_at,
    )


def _note_record(note: Note) -> dict[str, Any]:
    record: dict[str, Any] = {"about": note.about, "text": note.text}
    return record if note.call is None else record | {"call": note.call.record()}


def _note(record: dict[str, Any]) -> Note:
    helps = Call.from_record(record["call"]) if "call" in record else None
    return Note(record["about"], record["text"], helps)
