"""ALTER and DROP of tables, views, materialized views and routines."""

from __future__ import annotations

import json
from typing import Any

from wharfinger_sandbox.dialect.columns import column, is_constraint, table_constraint
from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.lexer import render
from wharfinger_sandbox.dialect.names import ident, literal, qualified
from wharfinger_sandbox.dialect.table_attributes import Attributes, sort_key, with_attributes
from wharfinger_sandbox.dialect.types import column_type
from wharfinger_sandbox.dialect.values import Refused, Translation, unsupported

_TAG = "ALTER TABLE"


def alter_table(cursor: Cursor) -> Translation:
    """ALTER TABLE, and ALTER VIEW … RENAME | OWNER; `cursor` is after ALTER."""
    cursor.next()
    table = cursor.dotted()
    head = f"alter table {qualified(table)}"
    if cursor.take("rename"):
        return _rename(cursor, head)
    if cursor.take("owner", "to"):
        return owner_to(cursor, "table", qualified(table), _TAG)
    if cursor.take("add"):
        return _add(cursor, table, head)
    if cursor.take("drop"):
        return _drop_part(cursor, head)
    if cursor.take("alter"):
        return _alter_part(cursor, table, head)
    if cursor.take("append"):
        raise unsupported("ALTER TABLE … APPEND")
    if cursor.take("set"):
        raise unsupported("ALTER TABLE … SET")
    if cursor.take("row") or cursor.take("masking"):
        raise unsupported("Row-level security")
    raise cursor.syntax_error()


def alter_routine(cursor: Cursor, kind: str) -> Translation:
    """ALTER FUNCTION | PROCEDURE name (types) OWNER TO | RENAME TO; `cursor` is after the kind."""
    tag = f"ALTER {kind.upper()}"
    target = f"{qualified(cursor.dotted())}({render(cursor.brackets()).strip()})"
    if cursor.take("owner", "to"):
        return owner_to(cursor, kind, target, tag)
    cursor.need("rename", "to")
    new_name = ident(cursor.name())
    cursor.need_end()
    return Translation(f"alter {kind} {target} rename to {new_name}", tag=tag, kind="ddl")


def owner_to(cursor: Cursor, kind: str, target: str, tag: str) -> Translation:
    """… OWNER TO user, through a catalog procedure, since a superuser may name any user; `cursor` is after TO."""
    owner = cursor.user()
    cursor.need_end()
    call = f"call pg_catalog.wf_change_owner({literal(kind)}, {literal(target)}, {literal(owner)})"
    return Translation(call, tag=tag, kind="ddl")


def _rename(cursor: Cursor, head: str) -> Translation:
    if cursor.take("to"):
        new_name = ident(cursor.name())
        cursor.need_end()
        return Translation(f"{head} rename to {new_name}", tag=_TAG, kind="ddl")
    cursor.take("column")
    old = ident(cursor.name())
    cursor.need("to")
    new_name = ident(cursor.name())
    cursor.need_end()
    return Translation(f"{head} rename column {old} to {new_name}", tag=_TAG, kind="ddl")


def _add(cursor: Cursor, table: Name, head: str) -> Translation:
    attributes = Attributes()
    if cursor.take("partition") or cursor.at("if", "not", "exists", "partition"):
        raise unsupported("ALTER TABLE … ADD PARTITION")
    if is_constraint(cursor):
        attributes.constraints.append(table_constraint(cursor))
        cursor.need_end()
        return _recorded(table, attributes.document())
    cursor.take("column")
    definition = column(cursor, attributes)
    cursor.need_end()
    ddl = f"{head} add column {definition}"
    return Translation(with_attributes(ddl, table, attributes.document()), tag=_TAG, kind="ddl")


def _recorded(table: Name, document: dict[str, Any]) -> Translation:
    call = f"call pg_catalog.wf_note_table({literal(qualified(table))}, {literal(json.dumps(document))})"
    return Translation(call, tag=_TAG, kind="ddl")


def _drop_part(cursor: Cursor, head: str) -> Translation:
    what = "constraint" if cursor.take("constraint") else "column"
    if what == "column":
        if cursor.take("partition"):
            raise unsupported("ALTER TABLE … DROP PARTITION")
        cursor.take("column")
    name = ident(cursor.name())
    behaviour = cursor.take_any("cascade", "restrict")
    cursor.need_end()
    return Translation(f"{head} drop {what} {name} {behaviour}".strip(), tag=_TAG, kind="ddl")


def _alter_part(cursor: Cursor, table: Name, head: str) -> Translation:
    attributes = Attributes()
    if cursor.take("distkey"):
        attributes.values.update(diststyle="key", distkey=cursor.name())
    elif cursor.take("diststyle"):
        style = cursor.take_any("all", "even", "key", "auto")
        attributes.values["diststyle"] = style
        if style == "key":
            cursor.need("distkey")
            attributes.values["distkey"] = cursor.name()
    elif cursor.take("encode", "auto"):
        attributes.values["encode"] = "auto"
    elif sort_key(cursor, attributes):
        if not attributes.sortkeys:
            attributes.values.update(sortstyle="auto", sortkeys=[])
    else:
        return _alter_column(cursor, table, head)
    cursor.need_end()
    return _recorded(table, attributes.document())


def _alter_column(cursor: Cursor, table: Name, head: str) -> Translation:
    cursor.take("column")
    name = cursor.name()
    if cursor.take("type"):
        kind = column_type(cursor)
        cursor.need_end()
        # Redshift only changes the length of a VARCHAR this way.
        if not kind.startswith("varchar("):
            raise Refused("0A000", f'target data type "{kind}" is not supported')
        ddl = f"{head} alter column {ident(name)} type {kind}"
        call = f"call pg_catalog.wf_alter_type({literal(ddl)}, {literal(qualified(table))}, {literal(name)})"
        return Translation(call, tag=_TAG, kind="ddl")
    encodings = {}
    while True:
        cursor.need("encode")
        encoding = cursor.next().low
        encodings[name] = "none" if encoding == "raw" else encoding
        if not cursor.take_op(","):
            break
        cursor.need("alter")
        cursor.take("column")
        name = cursor.name()
    cursor.need_end()
    return _recorded(table, {"encodings": encodings})


def alter_materialized_view(cursor: Cursor) -> Translation:
    """ALTER MATERIALIZED VIEW … AUTO REFRESH | OWNER TO | table attributes; `cursor` is at MATERIALIZED."""
    cursor.need("materialized", "view")
    view = cursor.dotted()
    if cursor.take("owner", "to"):
        return owner_to(cursor, "materialized view", qualified(view), "ALTER MATERIALIZED VIEW")
    if cursor.take("auto", "refresh"):
        word = cursor.take_any("yes", "no")
        if not word:
            raise cursor.syntax_error()
        cursor.need_end()
        return _recorded(view, {"auto_refresh": word == "yes"})
    cursor.need("alter")
    return _alter_part(cursor, view, "")


def drop_relations(cursor: Cursor, kind: str, tag: str) -> Translation:
    """DROP TABLE | VIEW | MATERIALIZED VIEW; `cursor` is after the kind."""
    exists = cursor.take("if", "exists")
    names = [qualified(name) for name in cursor.dotted_names()]
    cascade = cursor.take_any("cascade", "restrict") == "cascade"
    cursor.need_end()
    array = ", ".join(literal(name) for name in names)
    call = f"call pg_catalog.wf_drop({literal(kind)}, array[{array}], {str(exists).lower()}, {str(cascade).lower()})"
    return Translation(call, tag=tag, kind="ddl")


def drop_routine(cursor: Cursor, kind: str) -> Translation:
    """DROP FUNCTION | PROCEDURE name (types); `cursor` is after the kind."""
    text = render(cursor.tokens[cursor.index :]).strip()
    return Translation(f"drop {kind} {text}", tag=f"DROP {kind.upper()}", kind="ddl")
