"""The tables of the `shop` data set: a trading company's warehouse, in the databases `dev` and `marketing`."""

from __future__ import annotations

from wharfinger_sandbox.data import shop_core, shop_edge_cases, shop_marketing, shop_operations, shop_stripe
from wharfinger_sandbox.data.ddl import in_dependency_order
from wharfinger_sandbox.data.spec import Table

TABLES: tuple[Table, ...] = (
    *shop_stripe.TABLES,
    *shop_core.TABLES,
    *shop_operations.TABLES,
    *shop_edge_cases.TABLES,
    *shop_marketing.TABLES,
)


def of_database(database: str) -> dict[str, Table]:
    """The tables of `database` by `schema.name`; each table comes after those it refers to."""
    tables = {table.path: table for table in TABLES if table.database == database}
    return {table.path: table for table in in_dependency_order(tables)}
