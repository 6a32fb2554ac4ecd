"""Plans in the store."""

from __future__ import annotations

from dataclasses import asdict

from wharfinger.access.model import Note
from wharfinger.access.plan import Plan, Request
from wharfinger.access.steps import Step
from wharfinger.connections.model import Connection
from wharfinger.core.errors import NotFound
from wharfinger.store.models import AccessPlan


class PlanStore:
    """Keeps the plans of every connection; they go with it."""

    def add(self, connection: Connection, plan: Plan) -> None:
        """Keep a plan under its id."""
        content = {
            "request": asdict(plan.request),
            "steps": [asdict(step) for step in plan.steps],
            "notes": [asdict(note) for note in plan.notes],
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
                next_step=f"Make one with `wharfinger access plan {connection.name} SPEC`",
            )
        return _plan(row, connection)


def _plan(row: AccessPlan, connection: Connection) -> Plan:
    return Plan(
        id=row.id,
        connection=connection.name,
        request=Request(**row.content["request"]),
        digest=row.digest,
        steps=tuple(Step(**step) for step in row.content["steps"]),
        notes=tuple(Note(**note) for note in row.content["notes"]),
        made_at=row.made_at,
    )
