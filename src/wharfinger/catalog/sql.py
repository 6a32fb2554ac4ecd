"""The statements that read a database's catalog: a constant number, however many tables there are. Pure.

They follow these rules (redshift-facts §5.1, §5.3): PG_* tables and leader-node functions are never joined with SVV_*
views, which run on the compute nodes; a result has no arrays and no aclitem; comments come from pg_description, which
alone has them in full; svv_redshift_columns is not used because it cuts long types.
dbt-redshift reads columns with `pg_get_late_binding_view_cols` and `format_type` too; both run on the leader node.
"""

from __future__ import annotations

from collections.abc import Collection

from wharfinger.core.names import outside_system, quote_ident, quote_literal
from wharfinger.core.session import Statement

_LITERALS_BYTES = 60_000
"""The longest list of schema names in a statement, in bytes; with a longer list the client filters."""

# The oid of pg_class, the same in every PostgreSQL: pg_description marks comments on tables and columns with it.
_PG_CLASS = 1259


def databases() -> Statement:
    """database_name, database_type (local or shared)."""
    return Statement("select database_name, database_type from svv_redshift_databases", label="databases")


def databases_of_old_servers() -> Statement:
    """database_name, 'local'; for a server without svv_redshift_databases."""
    return Statement("select datname, 'local' from pg_catalog.pg_database where datallowconn", label="databases")


def relations(schemas: Collection[str] | None) -> Statement:
    """oid, schema, name, relkind, owner, comment, reltuples of the relations in `schemas`; None means all schemas."""
    return Statement(
        "select c.oid, n.nspname, c.relname, c.relkind, u.usename, d.description, c.reltuples"
        " from pg_catalog.pg_class c"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " left join pg_catalog.pg_user u on u.usesysid = c.relowner"
        " left join pg_catalog.pg_description d"
        f" on d.objoid = c.oid and d.objsubid = 0 and d.classoid = {_PG_CLASS}"
        f" where c.relkind in ('r', 'v', 'm') and {_within('n.nspname', schemas)}",
        label="relations",
    )


def materialized_views() -> Statement:
    """database, schema, name of materialized views, which pg_class shows as plain views; names are blank padded."""
    return Statement("select database_name, schema_name, name from svv_mv_info", label="materialized views")


def external_tables(schemas: Collection[str]) -> Statement:
    """schema, table, column, type, number, nullable: a row per column in `schemas`, a row per table elsewhere."""
    head = "select t.schemaname, t.tablename, {} from svv_external_tables t"
    if not schemas:
        return Statement(head.format("null, null, null, null"), label="external tables")
    return Statement(
        head.format("c.columnname, c.external_type, c.columnnum, c.is_nullable")
        + " left join svv_external_columns c on c.schemaname = t.schemaname and c.tablename = t.tablename"
        f" and {_within('c.schemaname', schemas)}",
        label="external tables",
    )


def columns(schemas: Collection[str]) -> Statement:
    """schema, table, number, column, type, not null, comment; `not null` is null for a late-binding view.

    The columns of `schemas`, and one row for each late-binding view elsewhere, because nothing else distinguishes these
    from other views. Late-binding views have no rows in pg_attribute.
    """
    late = (
        "select v.view_schema, v.view_name, v.col_num, v.col_name, v.col_type::varchar, null::boolean, null::varchar"
        " from pg_get_late_binding_view_cols()"
        " v(view_schema name, view_name name, col_name name, col_type varchar, col_num int)"
    )
    if not schemas:
        return Statement(f"{late} where v.col_num = 1", label="columns")
    return Statement(
        "select n.nspname, c.relname, a.attnum::int, a.attname,"
        " pg_catalog.format_type(a.atttypid, a.atttypmod)::varchar, a.attnotnull, d.description::varchar"
        " from pg_catalog.pg_attribute a"
        " join pg_catalog.pg_class c on c.oid = a.attrelid"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " left join pg_catalog.pg_description d"
        f" on d.objoid = c.oid and d.objsubid = a.attnum and d.classoid = {_PG_CLASS}"
        f" where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm')"
        f" and {_within('n.nspname', schemas)}"
        f" union all {late} where v.col_num = 1 or {_within('v.view_schema', schemas)}",
        label="columns",
    )


def keys(schemas: Collection[str]) -> Statement:
    """schema, table, contype, definition, schema and name of the table it refers to.

    pg_get_constraintdef has the columns of conkey, which is an array, as text in the key's order (AWS's
    v_generate_tbl_ddl reads keys with it).
    """
    return Statement(
        "select n.nspname, c.relname, k.contype, pg_catalog.pg_get_constraintdef(k.oid)::varchar, fn.nspname, f.relname"
        " from pg_catalog.pg_constraint k"
        " join pg_catalog.pg_class c on c.oid = k.conrelid"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " left join pg_catalog.pg_class f on f.oid = k.confrelid"
        " left join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace"
        f" where k.contype in ('p', 'u', 'f') and {_within('n.nspname', schemas)}",
        label="keys",
    )


def table_info(schemas: Collection[str]) -> Statement:
    """schema, table, table_id, tbl_rows, estimated_visible_rows, size, diststyle, sortkey1. Needs a GRANT."""
    return Statement(
        'select "schema", "table", table_id, tbl_rows, estimated_visible_rows, "size", diststyle, sortkey1'
        f" from svv_table_info where {_within(quote_ident('schema'), schemas)}",
        label="table info",
    )


def writes() -> Statement:
    """table_id, the time of its last write, and whether another user wrote it.

    Without a right to them the queries of other users are left out silently, so only a row of another user proves that
    the result is complete (redshift-facts §5.4). Tables of two databases may have the same id: at worst that costs one
    unnecessary profile.
    """
    return Statement(
        "select table_id, max(end_time)::varchar, max(case when user_id <> current_user_id then 1 else 0 end)"
        " from sys_query_detail where step_name in ('insert', 'delete') group by table_id",
        label="writes",
    )


def show_tables(database: str, schema: str) -> Statement:
    """SHOW TABLES of one schema. Newer servers have more columns, so they are read by name (redshift-facts §5.2)."""
    return Statement(f"show tables from schema {quote_ident(database)}.{quote_ident(schema)}", label="show tables")


def _within(column: str, schemas: Collection[str] | None) -> str:
    """A condition on a schema column: one of `schemas`, or no system schema when the list would be too long."""
    names = ", ".join(quote_literal(schema) for schema in sorted(schemas or ()))
    if names and len(names.encode()) <= _LITERALS_BYTES:
        return f"{column} in ({names})"
    return outside_system(column)
