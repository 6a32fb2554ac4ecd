"""The objects behind ON in GRANT and REVOKE (redshift-facts §4.2)."""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.lexer import render
from wharfinger_sandbox.dialect.names import ident, qualified
from wharfinger_sandbox.dialect.values import Refused, unsupported

_CLOSED_SCHEMAS = {"pg_catalog": "pg_statistic", "information_schema": "sql_parts", "pg_internal": "pg_internal"}
"""System schemas and the relation on which a grant on all their tables fails (redshift-facts §4.4)."""


def grant_target(cursor: Cursor) -> tuple[str, str, list[Name]]:
    """The kind of the objects (table, schema, database, routine), the engine's SQL for them, and the named relations.

    Raises Refused.
    """
    if cursor.take("all", "tables", "in", "schema"):
        schemas = cursor.schemas()
        for schema in schemas:
            if schema in _CLOSED_SCHEMAS:
                raise Refused("42501", f"permission denied for relation {_CLOSED_SCHEMAS[schema]}")
        return "table", f"all tables in schema {', '.join(ident(name) for name in schemas)}", []
    for plural, kind in (("functions", "functions"), ("procedures", "procedures")):
        if cursor.take("all", plural, "in", "schema"):
            return "routine", f"all {kind} in schema {schema_names(cursor)}", []
    if cursor.take("schema"):
        return "schema", f"schema {schema_names(cursor)}", []
    if cursor.take("database"):
        return "database", f"database {_idents(cursor)}", []
    if cursor.token.is_word("function", "procedure"):
        return "routine", f"{cursor.next().low} {_signatures(cursor)}", []
    if cursor.token.is_word("external", "language", "datashare", "model", "copy") and cursor.peek().is_name():
        raise unsupported(f"Rights ON {cursor.token.text.upper()} {cursor.peek().text.upper()}".strip())
    cursor.take("table")
    names = cursor.dotted_names()
    return "table", ", ".join(qualified(name) for name in names), names


def schema_names(cursor: Cursor) -> str:
    """The engine's SQL for a list of schemas."""
    return ", ".join(ident(name) for name in cursor.schemas())


def _idents(cursor: Cursor) -> str:
    return ", ".join(ident(name) for name in cursor.names())


def _signatures(cursor: Cursor) -> str:
    found = []
    while True:
        name = qualified(cursor.dotted())
        found.append(f"{name}({render(cursor.brackets()).strip()})")
        if not cursor.take_op(","):
            return ", ".join(found)
