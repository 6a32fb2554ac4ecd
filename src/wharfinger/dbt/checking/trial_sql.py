"""The statements with which a check tries what dbt does, and those that cure a refusal. Pure.

Source: dbt-redshift 1.11 (redshift-facts §3.3): dbt makes a schema only when the catalog does not list it. It makes a
table under another name, renames it, and drops the one it replaces.
"""

from __future__ import annotations

from collections.abc import Iterable

from wharfinger.core.names import quote_ident, quote_literal

SUPERUSER = "select usesuper from pg_user where usename = current_user"
CATALOG = (
    "select 1 from information_schema.tables limit 1",
    "select 1 from information_schema.views limit 1",
    "select 1 from pg_class join pg_namespace on pg_namespace.oid = pg_class.relnamespace limit 1",
    "select 1 from pg_proc join pg_namespace on pg_namespace.oid = pg_proc.pronamespace limit 1",
)
"""What dbt reads of the catalog whenever it builds."""

TABLE_INFO = "select 1 from svv_table_info limit 0"


def list_schemas(database: str, *, show: bool) -> str:
    """The names of the schemas, in the way dbt reads them; with `show` they are in the second column."""
    return (
        f"SHOW SCHEMAS FROM DATABASE {quote_ident(database)}" if show else "select distinct nspname from pg_namespace"
    )


def make_schema(database: str, schema: str, *, show: bool) -> str:
    """As dbt makes a schema; with `show` it names the database too."""
    place = f"{quote_ident(database)}.{quote_ident(schema)}" if show else quote_ident(schema)
    return f"create schema if not exists {place}"


def make_table(database: str, schema: str, name: str) -> list[str]:
    """As dbt makes a table: under one name, then renamed."""
    place = f"{quote_ident(database)}.{quote_ident(schema)}"
    made, renamed = quote_ident(f"{name}__dbt_tmp"), quote_ident(name)
    return [f"create table {place}.{made} as (select 1 as n)", f"alter table {place}.{made} rename to {renamed}"]


def make_temporary(name: str) -> str:
    """As dbt makes a temporary table."""
    return f"create temporary table {quote_ident(name)} as (select 1 as n)"


def owned_by_others(schemas: Iterable[str]) -> str:
    """Schema, name and owner of each table and view in `schemas` that another user owns."""
    names = ", ".join(quote_literal(name) for name in sorted(set(schemas)))
    return (
        "select n.nspname, c.relname, u.usename from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "join pg_user u on u.usesysid = c.relowner "
        f"where lower(n.nspname) in ({names}) and c.relkind in ('r', 'v', 'm') and u.usename <> current_user"
    )


def may(privilege: str, schema: str, name: str) -> str:
    """Whether the session's user has a privilege on a table."""
    return f"select has_table_privilege({quote_literal(table(schema, name))}, {quote_literal(privilege)})"


def read(database: str, schema: str, name: str) -> str:
    """Reads nothing of a table, but needs the right to."""
    return f"select 1 from {quote_ident(database)}.{table(schema, name)} limit 0"


def grant(privileges: str, on: str, user: str) -> str:
    """A GRANT; `on` is the kind of the object and its quoted name."""
    return f"GRANT {privileges} ON {on} TO {quote_ident(user)}"


def table(schema: str, name: str) -> str:
    """A table, quoted."""
    return f"{quote_ident(schema)}.{quote_ident(name)}"
