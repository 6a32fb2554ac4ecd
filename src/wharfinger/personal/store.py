"""The owners' choices about personal data, in the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from wharfinger.catalog.store_rows import about, is_table, name_of
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

    def written(self, connection: str, tables: Collection[TableName]) -> dict[TableName, dict[str, str]]:
        """The choices for the columns of these tables, by column name; tables without one are left out."""
        found: dict[TableName, dict[str, str]] = {}
        for rows in about(ColumnChoice.objects.filter(connection_id=connection), tables):
            for row in rows:
                found.setdefault(name_of(row), {})[row.column] = row.choice
        return found

    def write(self, connection: str, texts: Mapping[TableName, Mapping[str, str]]) -> None:
        """Store choices that `written` returned."""
        with exclusive():
            for table, choices in texts.items():
                for column, choice in choices.items():
                    self.choose(connection, table, column, cast(Choice, choice))

    def count(self, connection: str) -> int:
        """How many columns of a connection have a choice."""
        return ColumnChoice.objects.filter(connection_id=connection).count()

    def forget(self, connection: str, tables: Sequence[TableName]) -> None:
        """Delete the choices for the columns of these tables."""
        with exclusive():
            for rows in about(ColumnChoice.objects.filter(connection_id=connection), tables):
                rows.delete()
