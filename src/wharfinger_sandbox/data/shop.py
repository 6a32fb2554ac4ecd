"""The `shop` data set: a trading company's warehouse, in the databases `dev` and `marketing`."""

from __future__ import annotations

from wharfinger_sandbox.data import shop_core, shop_marketing, shop_more, shop_odd, shop_stripe
from wharfinger_sandbox.data.ddl import create_table, in_order, qualified, table_comments, view_comments
from wharfinger_sandbox.data.generate import copy_text
from wharfinger_sandbox.data.loading import Loader
from wharfinger_sandbox.data.shop_views import EXTERNAL, VIEWS, dbt_statements
from wharfinger_sandbox.data.spec import Table, quoted

TABLES: tuple[Table, ...] = (
    *shop_stripe.TABLES,
    *shop_core.TABLES,
    *shop_more.TABLES,
    *shop_odd.TABLES,
    *shop_marketing.TABLES,
)
SECOND_DATABASE = "marketing"


def of_database(database: str) -> dict[str, Table]:
    """The tables of one database by `schema.name`, each after those it refers to."""
    tables = {table.path: table for table in TABLES if table.database == database}
    return {table.path: table for table in in_order(tables)}


async def load_shop(loader: Loader) -> None:
    """Make everything of the shop; none of it may be there yet."""
    for database in ("dev", SECOND_DATABASE):
        tables = of_database(database)
        schemas = dict.fromkeys(table.schema for table in tables.values())
        await loader.run(database, [f"create schema {quoted(schema)}" for schema in schemas])
        for table in tables.values():
            await loader.run(database, [create_table(table, tables)])
            await loader.copy(database, qualified(table.schema, table.name), copy_text(table, tables))
            await loader.run(database, list(table_comments(table)))
    await loader.run("dev", ["create schema analytics", *dbt_statements()])
    for view in VIEWS:
        await loader.run(view.database, [view.sql, *view_comments(view)])
    await loader.run("dev", EXTERNAL.statements)
    for database in ("dev", SECOND_DATABASE):
        await loader.run(database, ["analyze"])
