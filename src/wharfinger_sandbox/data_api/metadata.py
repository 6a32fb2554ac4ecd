"""ListDatabases, ListSchemas, ListTables and DescribeTable, which read the catalog without starting a statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.data_api import paging
from wharfinger_sandbox.data_api.registry import not_found
from wharfinger_sandbox.data_api.settings import SignIn
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.logins import LoginRefused
from wharfinger_sandbox.statements.columns import Column
from wharfinger_sandbox.statements.executor import connection_text

MOST_LISTED = 1000
_DATABASES = "select database_name from svv_redshift_databases order by 1"
_SCHEMAS = """
select schema_name from svv_all_schemas
where database_name = current_database() and schema_name like %(schema)s order by 1
"""
_TABLES = """
select table_name, table_schema, case table_type when 'BASE TABLE' then 'TABLE' else table_type end
from svv_tables where table_schema like %(schema)s and table_name like %(table)s order by 2, 1
"""
_COLUMNS = """
select v.table_schema, v.table_name, a.attname, coalesce(nullif(t.typbasetype, 0), t.oid),
       case when t.typbasetype = 0 then a.atttypmod else t.typtypmod end, a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
from svv_tables v
join pg_namespace n on n.nspname = v.table_schema
join pg_class c on c.relnamespace = n.oid and c.relname = v.table_name
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where (%(schema)s::text is null or v.table_schema = %(schema)s)
  and (%(table)s::text is null or v.table_name = %(table)s)
order by 1, 2, a.attnum
"""


class CatalogMetadata:
    """Reads the catalog as the caller's database user. Every operation raises ApiError (redshift-facts §1.9)."""

    def __init__(self, engine: Engine, sign_in: SignIn) -> None:
        self._engine = engine
        self._sign_in = sign_in

    async def databases(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ListDatabases."""
        rows = await self._read(body, caller, body["Database"], _DATABASES, {})
        return paging.list_response("Databases", rows, body, _first, most=MOST_LISTED)

    async def schemas(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ListSchemas."""
        rows = await self._read(body, caller, body["Database"], _SCHEMAS, {"schema": body.get("SchemaPattern") or "%"})
        return paging.list_response("Schemas", rows, body, _first, most=MOST_LISTED)

    async def tables(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ListTables."""
        patterns = {"schema": body.get("SchemaPattern") or "%", "table": body.get("TablePattern") or "%"}
        rows = await self._read(body, caller, body["Database"], _TABLES, patterns)
        return paging.list_response("Tables", rows, body, _table, most=MOST_LISTED)

    async def describe_table(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DescribeTable: the columns of all tables that match Schema and Table."""
        names = {"schema": body.get("Schema"), "table": body.get("Table")}
        rows = await self._read(body, caller, body["Database"], _COLUMNS, names)
        if not rows and names["table"]:
            raise not_found("Table does not exist.", str(names["table"]))
        answer = paging.list_response("ColumnList", rows, body, _column, most=MOST_LISTED)
        return answer | ({"TableName": names["table"]} if names["table"] else {})

    async def _read(
        self, body: dict[str, Any], caller: Caller, database: str, sql: str, values: dict[str, Any]
    ) -> Sequence[tuple[Any, ...]]:
        connected = body.get("ConnectedDatabase") or database
        try:
            login = await self._sign_in(caller, {**body, "Database": connected})
            if connected != database:
                # A user who may log in to ConnectedDatabase may read the catalog of Database.
                async with (
                    self._sign_in.connection_slot(login),
                    self._engine.lease(connected, login.role) as connection,
                ):
                    await connection.execute("select 1")
            async with self._sign_in.connection_slot(login), self._engine.lease(database, login.role) as connection:
                return await (await connection.execute(sql, values)).fetchall()
        except LoginRefused as refused:
            raise ApiError("DatabaseConnectionException", refused.text) from refused
        except psycopg.errors.QueryCanceled as cancelled:
            raise ApiError("QueryTimeoutException", str(cancelled)) from cancelled
        except psycopg.OperationalError as error:
            raise ApiError("DatabaseConnectionException", connection_text(error)) from error


def _first(row: tuple[Any, ...]) -> str:
    return str(row[0])


def _table(row: tuple[Any, ...]) -> dict[str, str]:
    name, schema, kind = row
    return {"name": name, "schema": schema, "type": kind}


def _column(row: tuple[Any, ...]) -> dict[str, Any]:
    schema, table, name, type_oid, modifier, not_null, default = row
    column = Column(name, type_oid, modifier).with_source(schema, table, nullable=not not_null)
    metadata = column.metadata()
    metadata["length"] = metadata["precision"]
    return metadata | ({"columnDefault": default} if default is not None else {})
