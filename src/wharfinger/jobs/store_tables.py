"""The statuses of single tables: read when a table is shown, deleted when it is deselected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from wharfinger.catalog.store_rows import about, is_table
from wharfinger.core.names import TableName
from wharfinger.jobs.model import JobState, Kind, Status
from wharfinger.store.models import TableStatus
from wharfinger.store.transactions import exclusive


class TableStatuses:
    """The last status of each kind of work on a table. Every method takes the connection's id."""

    def of(self, connection: str, table: TableName) -> dict[Kind, JobState]:
        """The status rows of one table; kinds that it never had are left out."""
        rows = TableStatus.objects.filter(connection_id=connection).filter(is_table(table))
        return {row.kind: JobState(cast(Status, row.status), row.error, row.signature, row.at) for row in rows}

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Delete the status rows of these tables: an error may hold more than a name."""
        with exclusive():
            for rows in about(TableStatus.objects.filter(connection_id=connection), tables):
                rows.delete()
