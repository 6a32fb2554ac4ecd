"""The owners' choices about personal data, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from wharfinger.catalog.store_rows import about, is_table
from wharfinger.core.names import TableName
from wharfinger.personal.model import Choice
from wharfinger.store.models import ColumnChoice
from wharfinger.store.transactions import exclusive


class ChoiceStore:
    """Holds the owners' choices about columns. Every method takes the connection's id."""

    def of(self, connection: str, table: TableName) -> dict[str, Choice]:
        """The choices for a table's columns, by column name; columns without a choice are absent."""
        rows = ColumnChoice.objects.filter(connection_id=connection).filter(is_table(table))
        return {row.column: cast(Choice, row.choice) for row in rows}

    def choose(self, connection: str, table: TableName, column: str, choice: Choice | None) -> None:
        """Store a choice for one column in place of an earlier one; None removes it."""
        rows = ColumnChoice.objects.filter(connection_id=connection, column=column).filter(is_table(table))
        with exclusive():
            rows.delete()
            if choice is not None:
                ColumnChoice.objects.create(
                    connection_id=connection, database=table.database, schema=table.schema, name=table.name,
                    column=column, choice=choice,
                )  # fmt: skip

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Delete the choices for the columns of these tables."""
        with exclusive():
            for rows in about(ColumnChoice.objects.filter(connection_id=connection), tables):
                rows.delete()
