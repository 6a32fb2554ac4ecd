"""Loads the `shop` data set: tables with rows and comments, dbt models, views, the external schema."""

from __future__ import annotations

from wharfinger_sandbox.data.ddl import create_table, table_comments, view_comments
from wharfinger_sandbox.data.generate import copy_text
from wharfinger_sandbox.data.loading import Loader
from wharfinger_sandbox.data.shop import of_database
from wharfinger_sandbox.data.shop_views import EXTERNAL, VIEWS, dbt_statements
from wharfinger_sandbox.data.spec import Table
from wharfinger_sandbox.dialect.names import ident, qualified

SECOND_DATABASE = "marketing"


async def load_shop(loader: Loader) -> None:
    """Load the shop into the databases that do not have it, each in one transaction."""
    for database in (SECOND_DATABASE, "dev"):
        tables = of_database(database)
        schemas = list(dict.fromkeys(table.schema for table in tables.values()))
        if not await loader.exists(database, schemas[0]):
            async with loader.transaction(database):
                await loader.run(database, [f"create schema {ident(schema)}" for schema in schemas])
                await _load_tables(loader, tables)
                await loader.run(database, _dependent_statements(database))
                await loader.run(database, ["analyze"])


async def _load_tables(loader: Loader, tables: dict[str, Table]) -> None:
    for table in tables.values():
        await loader.run(table.database, [create_table(table, tables)])
        await loader.copy(table.database, qualified((table.schema, table.name)), copy_text(table, tables))
        await loader.run(table.database, list(table_comments(table)))


def _dependent_statements(database: str) -> list[str]:
    """Statements for what depends on the tables: the dbt models, the views, the external schema."""
    models = ["create schema analytics", *dbt_statements()] if database == "dev" else []
    views = [sql for view in VIEWS if view.database == database for sql in (view.sql, *view_comments(view))]
    return [*models, *views, *(EXTERNAL.statements if database == EXTERNAL.database else ())]
