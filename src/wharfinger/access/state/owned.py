"""The objects that one user owns: the statements that read them, and their rows as values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wharfinger.access.model import routine_sql
from wharfinger.core.names import quote_ident, quote_literal
from wharfinger.core.session import Row, Statement


@dataclass(frozen=True, slots=True, order=True)
class Owned:
    """An object that a user owns; `kind` is the word after ALTER."""

    database: str
    kind: str
    schema: str = ""
    name: str = ""

    def sql(self) -> str:
        """The object as ALTER names it."""
        if self.kind in ("function", "procedure"):
            return f"{self.kind} {routine_sql(self.schema, self.name)}"
        if self.kind == "table":
            return f"table {quote_ident(self.schema)}.{quote_ident(self.name)}"
        return f"{self.kind} {quote_ident(self.name or self.schema or self.database)}"


def owned_statements(user: str) -> dict[str, Statement]:
    """The statements that read what a user owns in one database, from PG_* tables only, which show all objects."""
    who = f"(select usesysid from pg_user where usename = {quote_literal(user)})"
    # Temporary tables end with their session, and no other session can alter them.
    lasting = "n.nspname not like 'pg!_temp!_%' escape '!'"
    # oidvectortypes is PostgreSQL 8.0's; that Redshift has it is unverified. pg_proc_info marks procedures.
    routines = (
        "select n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')' from pg_catalog.pg_proc_info p"
        f" join pg_catalog.pg_namespace n on n.oid = p.pronamespace where p.proowner = {who} and p.prokind"
    )
    return {
        "table": Statement(
            "select n.nspname, c.relname from pg_catalog.pg_class c"
            " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
            f" where c.relkind in ('r', 'v', 'm') and c.relowner = {who} and {lasting}",
            label="owned tables",
        ),
        "schema": Statement(
            f"select n.nspname, '' from pg_catalog.pg_namespace n where n.nspowner = {who} and {lasting}",
            label="owned schemas",
        ),
        "function": Statement(f"{routines} <> 'p'", label="owned functions"),
        "procedure": Statement(f"{routines} = 'p'", label="owned procedures"),
    }


def temporary_tables(user: str) -> Statement:
    """The statement that reads the temporary tables of a user's open sessions (redshift-facts §4.1.17)."""
    return Statement(
        "select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        f" where c.relowner = (select usesysid from pg_user where usename = {quote_literal(user)})"
        " and c.relkind = 'r' and n.nspname like 'pg!_temp!_%' escape '!' order by c.relname",
        label="temporary tables",
    )


def open_sessions(user: str, database: str) -> Statement:
    """The statement that reads the processes of a user's sessions in a database; on a workgroup it fails (§5.4.7)."""
    # STV_SESSIONS cuts names off after 50 characters.
    return Statement(
        f"select process from stv_sessions where user_name = {quote_literal(user[:50])}"
        f" and db_name = {quote_literal(database[:50])} order by process",
        label="open sessions",
    )


def owned_databases(user: str) -> Statement:
    """The statement that reads the databases a user owns."""
    return Statement(
        "select datname from pg_catalog.pg_database"
        f" where datdba = (select usesysid from pg_user where usename = {quote_literal(user)})",
        label="owned databases",
    )


def owned(database: str, read: Mapping[str, Iterable[Row]]) -> Iterator[Owned]:
    """The rows of `owned_statements` as values."""
    for kind, rows in read.items():
        for schema, name in rows:
            yield Owned(database, kind, str(schema), str(name or ""))
