"""The source tables of a result's columns, looked up when the result is fetched."""

from __future__ import annotations

from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.statements.results import Result

_COLUMNS = """
select c.oid, a.attnum, n.nspname, c.relname, a.attnotnull
from unnest(%s::oid[], %s::int2[]) as wanted (relation, number)
join pg_class c on c.oid = wanted.relation
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum = wanted.number
"""


async def add_sources(engine: Engine, database: str, result: Result) -> None:
    """Set schema, table and nullability of the result's columns that come from tables, once per result.

    The columns of a dropped table, or of one that an open transaction has created, stay without them.
    """
    wanted = {(column.table_oid, column.attribute) for column in result.columns if column.table_oid}
    if result.has_sources or not wanted:
        return
    result.has_sources = True
    async with engine.admin(database) as connection:
        cursor = await connection.execute(_COLUMNS, ([oid for oid, _ in wanted], [number for _, number in wanted]))
        found = {(row[0], row[1]): row[2:] for row in await cursor.fetchall()}
    for index, column in enumerate(result.columns):
        if place := found.get((column.table_oid, column.attribute)):
            schema, table, not_null = place
            result.columns[index] = column.with_source(str(schema), str(table), nullable=not not_null)
