"""The `shop` data set: a trading company's warehouse, in the databases `dev` and `marketing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wharfinger_sandbox.data import shop_core, shop_edge_cases, shop_marketing, shop_operations, shop_stripe
from wharfinger_sandbox.data.ddl import create_table, in_dependency_order, table_comments, view_comments
from wharfinger_sandbox.data.generate import copy_text
from wharfinger_sandbox.data.shop_views import EXTERNAL, VIEWS, dbt_statements
from wharfinger_sandbox.data.spec import Table
from wharfinger_sandbox.dialect.names import ident, qualified

if TYPE_CHECKING:
    from wharfinger_sandbox.data.loading import Loader

TABLES: tuple[Table, ...] = (
    *shop_stripe.TABLES,
    *shop_core.TABLES,
    *shop_operations.TABLES,
    *shop_edge_cases.TABLES,
    *shop_marketing.TABLES,
)
SECOND_DATABASE = "marketing"


def of_database(database: str) -> dict[str, Table]:
    """The tables of one database by `schema.name`, each after those it refers to."""
    tables = {table.path: table for table in TABLES if table.database == database}
    return {table.path: table for table in in_dependency_order(tables)}


async def load_shop(loader: Loader) -> None:
    """Make what is not there yet of the shop: each database whole, or not at all when it is cut short."""
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
    """Statements for what stands on the tables: dbt's models, views, the external schema."""
    models = ["create schema analytics", *dbt_statements()] if database == "dev" else []
    views = [sql for view in VIEWS if view.database == database for sql in (view.sql, *view_comments(view))]
    return [*models, *views, *(EXTERNAL.statements if database == EXTERNAL.database else ())]
