"""Names of tables."""

from __future__ import annotations

from typing_extensions import TypedDict

from wharfinger.core.names import TableName


class TableNameDocument(TypedDict):
    """A table's name: whole in `table`, quoted where needed, and its three parts as the catalog spells them."""

    table: str
    database: str
    schema: str
    name: str


def table_name_document(name: TableName) -> TableNameDocument:
    """One table's name."""
    return {"table": str(name), "database": name.database, "schema": name.schema, "name": name.name}
