"""CREATE TABLE with columns, LIKE or AS; Redshift's attributes are recorded beside the engine's table."""

from __future__ import annotations

from dataclasses import replace

from wharfinger_sandbox.dialect.columns import column, is_constraint, table_constraint
from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.names import ident, qualified
from wharfinger_sandbox.dialect.queries import rewrite_query
from wharfinger_sandbox.dialect.table_attributes import Attributes, table_attributes, with_attributes
from wharfinger_sandbox.dialect.values import Translation


def create_table(cursor: Cursor) -> Translation:
    """CREATE TABLE with columns, LIKE or AS; `cursor` is after CREATE. Raises Refused."""
    cursor.take("local")
    temporary = bool(cursor.take_any("temporary", "temp"))
    cursor.need("table")
    exists = cursor.take("if", "not", "exists")
    temporary = cursor.token.text == "#" or temporary
    table = _table_name(cursor)
    attributes = Attributes()
    head = f"create {'temporary ' if temporary else ''}table {'if not exists ' if exists else ''}{qualified(table)}"
    if cursor.token.is_op("(") and not _is_column_list(cursor):
        body = _body(cursor, attributes)
        table_attributes(cursor, attributes)
        cursor.need_end()
        return _translation(f"{head} ({body})", table, attributes, exists, "CREATE TABLE")
    columns = f" ({', '.join(ident(name) for name in cursor.name_list())})" if cursor.token.is_op("(") else ""
    table_attributes(cursor, attributes)
    cursor.need("as")
    query = rewrite_query(cursor.rest(), cursor.context)
    return replace(_translation(f"{head}{columns} as {query}", table, attributes, exists, "SELECT"), query=query)


def _translation(ddl: str, table: Name, attributes: Attributes, exists: bool, tag: str) -> Translation:
    document = attributes.document()
    if document and exists:
        document["if_not_exists"] = True
    # CREATE TABLE … AS also writes rows.
    writes = (qualified(table), ("insert",)) if tag == "SELECT" else (None, ())
    return Translation(with_attributes(ddl, table, document), tag=tag, kind="ddl", target=writes[0], steps=writes[1])


def _table_name(cursor: Cursor) -> Name:
    if cursor.take_op("#"):
        return (f"#{cursor.name()}",)
    return cursor.dotted()


def _is_column_list(cursor: Cursor) -> bool:
    """Whether the brackets contain only names, as before AS."""
    ahead = 1
    while True:
        if not cursor.peek(ahead).is_name():
            return False
        sign = cursor.peek(ahead + 1)
        if sign.is_op(")"):
            return True
        if not sign.is_op(","):
            return False
        ahead += 2


def _body(cursor: Cursor, attributes: Attributes) -> str:
    cursor.need_op("(")
    parts: list[str] = []
    while True:
        part = _element(cursor, attributes)
        if part:
            parts.append(part)
        if not cursor.take_op(","):
            break
    cursor.need_op(")")
    return ", ".join(parts)


def _element(cursor: Cursor, attributes: Attributes) -> str:
    if cursor.take("like"):
        parent = qualified(cursor.dotted())
        if cursor.take("including", "defaults"):
            return f"like {parent} including defaults"
        cursor.take("excluding", "defaults")
        return f"like {parent}"
    if is_constraint(cursor):
        attributes.constraints.append(table_constraint(cursor))
        return ""
    return column(cursor, attributes)
