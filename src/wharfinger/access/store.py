"""Plans, and what was done to passwords, in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from wharfinger.access.model import Note
from wharfinger.access.password_record import (
    PasswordRecord,
    PasswordRecords,
    PasswordState,
    is_same_warehouse,
    may_be_same_warehouse,
    newest,
)
from wharfinger.access.planning.plan import Plan, Request
from wharfinger.access.planning.step import Step
from wharfinger.connections.model import Connection, TargetKind
from wharfinger.core.errors import NotFound
from wharfinger.core.verbs import Call, call
from wharfinger.store.models import AccessPassword, AccessPlan
from wharfinger.store.models import Connection as ConnectionRow


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

    def was_applied(self, plan: Plan, applied: int, at: datetime) -> None:
        """Store that `applied` steps of a plan took effect at that time."""
        AccessPlan.objects.filter(id=plan.id).update(applied=applied, applied_at=at)

    def applied(self, connection: Connection) -> Iterator[Plan]:
        """The plans that were applied to the warehouse of `connection`, the newest first.

        Those of other connections that may lead to the same warehouse are among them.
        """
        alike = AccessPlan.objects.filter(
            connection__target_kind=connection.target_kind, connection__target=connection.target
        )
        rows = alike.exclude(applied_at=None).select_related("connection").order_by("-applied_at", "id")
        return (_plan(row, _connection(row.connection)) for row in rows)


class PasswordStore:
    """What was done to the passwords of users, for each connection; removed with the connection."""

    def of(self, connection: Connection) -> PasswordRecords:
        """What is known of the users of the warehouse that `connection` leads to."""
        certain: list[PasswordRecord] = []
        possible: list[PasswordRecord] = []
        for row in AccessPassword.objects.select_related("connection"):
            other = _connection(row.connection)
            record = PasswordRecord(row.user, row.user_id, cast("PasswordState", row.state), row.changed_at)
            if is_same_warehouse(connection, other):
                certain.append(record)
            elif may_be_same_warehouse(connection, other):
                possible.append(record)
        return newest(certain, possible)

    def put(self, connection: Connection, records: Iterable[PasswordRecord]) -> None:
        """Store records; each replaces the one of the same user and connection."""
        for record in records:
            AccessPassword.objects.update_or_create(
                connection_id=connection.id,
                user=record.user,
                defaults={"user_id": record.user_id, "state": record.state, "changed_at": record.at},
            )

    def forget(self, connection: Connection, users: Collection[str]) -> None:
        """Delete the records of users that exist no more."""
        AccessPassword.objects.filter(connection_id=connection.id, user__in=users).delete()


def _connection(row: ConnectionRow) -> Connection:
    """The members of a connection that tell which warehouse it leads to."""
    return Connection(
        name=row.name,
        target_kind=cast("TargetKind", row.target_kind),
        target=row.target,
        region=row.region,
        database=row.database,
        host=row.host,
        port=row.port,
        endpoint_url=row.endpoint_url,
        account_id=row.account_id,
        id=row.id,
    )


def _plan(row: AccessPlan, connection: Connection) -> Plan:
    return Plan(
        id=row.id,
        connection=connection.name,
        request=Request(**row.content["request"]),
        digest=row.digest,
        steps=tuple(Step(**step) for step in row.content["steps"]),
        notes=tuple(_note(note) for note in row.content["notes"]),
        made_at=row.made_at,
        applied_at=row.applied_at,
        applied=row.applied,
    )


def _note_record(note: Note) -> dict[str, Any]:
    record: dict[str, Any] = {"about": note.about, "text": note.text} | ({"gap": True} if note.gap else {})
    return record if note.call is None else record | {"call": note.call.record()}


def _note(record: dict[str, Any]) -> Note:
    helps = Call.from_record(record["call"]) if "call" in record else None
    return Note(record["about"], record["text"], helps, gap=record.get("gap", False))
