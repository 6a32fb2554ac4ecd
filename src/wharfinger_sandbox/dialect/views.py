"""Views, late-binding views and materialized views."""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.leader_node import is_leader
from wharfinger_sandbox.dialect.lexer import Token
from wharfinger_sandbox.dialect.names import ident, literal, qualified
from wharfinger_sandbox.dialect.queries import rewrite_tokens
from wharfinger_sandbox.dialect.relations import relations
from wharfinger_sandbox.dialect.table_attributes import Attributes, table_attributes, with_attributes
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported

_NO_BINDING = ("with", "no", "schema", "binding")


def create_view(cursor: Cursor) -> Translation:
    """CREATE [OR REPLACE] VIEW … [WITH NO SCHEMA BINDING]; `cursor` is at OR or VIEW. Raises Refused."""
    replace = cursor.take("or", "replace")
    cursor.need("view")
    name = qualified(cursor.dotted())
    columns = f" ({', '.join(ident(column) for column in cursor.name_list())})" if cursor.token.is_op("(") else ""
    cursor.need("as")
    query = cursor.tokens[cursor.index :]
    late = len(query) > 4 and tuple(token.low for token in query[-5:-1]) == _NO_BINDING
    if late:
        del query[-5:-1]
        _must_be_qualified(query)
    text = rewrite_tokens(query, cursor.context).strip()
    if late:
        definition = f"{columns} as {text}"
        call = f"call pg_catalog.wf_create_late_binding({literal(name)}, {literal(definition)}, {str(replace).lower()})"
        return Translation(call, tag="CREATE VIEW", kind="ddl", query=text)
    head = "create or replace view" if replace else "create view"
    return Translation(f"{head} {name}{columns} as {text}", tag="CREATE VIEW", kind="ddl", query=text)


def _must_be_qualified(query: list[Token]) -> None:
    if any(len(name) == 1 and not is_leader(name) for name in relations(query)):
        raise Refused(
            "0A000",
            "All the relation names inside should be qualified when creating views with no schema binding.",
        )


def create_materialized_view(cursor: Cursor) -> Translation:
    """CREATE MATERIALIZED VIEW with its table attributes; `cursor` is at MATERIALIZED. Raises Refused."""
    cursor.need("materialized", "view")
    name = cursor.dotted()
    columns = f" ({', '.join(ident(column) for column in cursor.name_list())})" if cursor.token.is_op("(") else ""
    attributes = Attributes()
    table_attributes(cursor, attributes)
    cursor.need("as")
    text = rewrite_tokens(cursor.tokens[cursor.index :], cursor.context).strip()
    ddl = f"create materialized view {qualified(name)}{columns} as {text}"
    document = {**attributes.document(), "materialized": True}
    return Translation(with_attributes(ddl, name, document), tag="CREATE MATERIALIZED VIEW", kind="ddl", query=text)


def refresh(sql: str, context: Context) -> Translation:
    """REFRESH MATERIALIZED VIEW name [RESTRICT | CASCADE]."""
    cursor = Cursor(sql, context)
    cursor.need("refresh", "materialized", "view")
    name = qualified(cursor.dotted())
    if cursor.take("cascade"):
        raise unsupported("REFRESH MATERIALIZED VIEW … CASCADE")
    cursor.take("restrict")
    cursor.need_end()
    return Translation(f"call pg_catalog.wf_refresh({literal(name)})", tag="REFRESH", kind="utility")
