"""The status row of each job of each table: what people see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from wharfinger.core.errors import ErrorRecord
from wharfinger.core.names import TableName
from wharfinger.jobs.model import JobState, Kind, Member, Status, Unit
from wharfinger.store.models import TableStatus

_CHUNK = 400
"""Rows a statement; SQLite takes 32,766 parameters."""


class StatusStore:
    """Keeps the statuses of tables."""

    def statuses(self, connection: str) -> dict[tuple[TableName, Kind], JobState]:
        """Every status row of a connection."""
        fields = ("database", "schema", "name", "kind", "status", "error", "signature", "at")
        rows = TableStatus.objects.filter(connection_id=connection).values_list(*fields)
        return {
            (TableName(database, schema, name), kind): JobState(cast(Status, status), *rest)
            for database, schema, name, kind, status, *rest in rows.iterator(2000)
        }

    def set_statuses(
        self,
        connection: str,
        kind: Kind,
        tables: Sequence[TableName],
        status: Status,
        errors: Mapping[TableName, ErrorRecord] | None = None,
    ) -> None:
        """Set the status rows of one job; tables with an error get `failed` and their error instead."""
        errors, at = errors or {}, datetime.now(UTC)
        rows = [
            TableStatus(
                connection_id=connection, database=table.database, schema=table.schema, name=table.name, kind=kind,
                status="failed" if table in errors else status, error=errors.get(table), at=at,
            )
            for table in tables
        ]  # fmt: skip
        TableStatus.objects.bulk_create(
            rows,
            batch_size=_CHUNK,
            update_conflicts=True,
            unique_fields=["connection", "database", "schema", "name", "kind"],
            update_fields=["status", "error", "at"],
        )

    def keep_signatures(self, unit: Unit, members: Iterable[Member], failed: Collection[TableName]) -> None:
        """Note the signatures that the members' jobs were completed with; those of `failed` tables stay."""
        for member in members:
            if member.table not in failed:
                name = member.table
                TableStatus.objects.filter(
                    connection_id=unit.connection, database=name.database, schema=name.schema, name=name.name,
                    kind=unit.kind,
                ).update(signature=member.signature)  # fmt: skip
