"""SHOW of objects, as calls of catalog functions (redshift-facts §5.2, §4.5).

Names and patterns may be parameters (`SHOW TABLES FROM SCHEMA $1.$2 LIKE $3`), as AWS's own drivers send them.
"""

from __future__ import annotations

from dataclasses import replace

from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.groups_and_roles import role_name
from wharfinger_sandbox.dialect.lexer import PARAMETER, arguments, render
from wharfinger_sandbox.dialect.names import literal
from wharfinger_sandbox.dialect.settings import show_parameter
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported

MAX_ROWS = 10000
_UNSUPPORTED = ("model", "view", "table", "datashares", "external", "policies", "rls", "masking", "procedure")


def show(sql: str, context: Context) -> Translation:
    """SHOW DATABASES, SCHEMAS, TABLES, COLUMNS, CONSTRAINTS, GRANTS, FUNCTIONS, PROCEDURES; or a parameter."""
    cursor = Cursor(sql, context)
    cursor.need("show")
    if cursor.take("databases"):
        return _databases(cursor)
    if cursor.take("schemas"):
        return _schemas(cursor)
    if cursor.take("tables"):
        return _tables(cursor)
    if cursor.take("columns"):
        return _columns(cursor)
    if cursor.take("constraints"):
        return _constraints(cursor)
    if cursor.take("grants"):
        return _grants(cursor)
    if cursor.take("column", "grants"):
        return _column_grants(cursor)
    if cursor.token.is_word("functions", "procedures"):
        return _routines(cursor)
    if cursor.take("parameters", "of"):
        return _parameters(cursor)
    if cursor.token.is_word(*_UNSUPPORTED):
        raise unsupported(f"SHOW {cursor.token.text.upper()}")
    return show_parameter(cursor)


class _Parameter(str):
    """A parameter such as `$1`, whose value the client sends separately."""

    __slots__ = ()


def _select_from(function: str, *given: str | None) -> Translation:
    written = ", ".join(
        "null" if one is None else str(one) if isinstance(one, _Parameter) else literal(one) for one in given
    )
    return Translation(f"select * from pg_catalog.{function}({written})", tag="SHOW", kind="show")


def _name(cursor: Cursor) -> str:
    return _Parameter(cursor.next().text) if cursor.token.kind == PARAMETER else cursor.name()


def _dotted(cursor: Cursor) -> Name:
    if PARAMETER not in (cursor.token.kind, cursor.peek(2).kind, cursor.peek(4).kind):
        return cursor.dotted()
    parts = [_name(cursor)]
    while cursor.take_op("."):
        parts.append(_name(cursor))
    return tuple(parts)


def _filters(cursor: Cursor) -> tuple[str | None, str]:
    """The pattern of LIKE, None without one, and the LIMIT (0 to 10000), '' without one."""
    pattern: str | None = None
    if cursor.take("like"):
        pattern = _Parameter(cursor.next().text) if cursor.token.kind == PARAMETER else cursor.string()
    limit = MAX_ROWS
    limited = cursor.take("limit")
    if limited:
        limit = cursor.number()
        if not 0 <= limit <= MAX_ROWS:
            raise Refused("22023", f"LIMIT must be between 0 and {MAX_ROWS}")
    cursor.need_end()
    return pattern, str(limit) if limited else ""


def _from(cursor: Cursor, word: str) -> None:
    if not cursor.take("in"):
        cursor.need("from")
    cursor.need(word)


def _database(cursor: Cursor, name: Name, longest: int) -> str:
    return name[0] if len(name) == longest else cursor.context.database


def _databases(cursor: Cursor) -> Translation:
    if cursor.token.is_word("from", "in"):
        raise unsupported("SHOW DATABASES FROM DATA CATALOG")
    return _select_from("wf_show_databases", *_filters(cursor))


def _schemas(cursor: Cursor) -> Translation:
    _from(cursor, "database")
    return _select_from("wf_show_schemas", _name(cursor), *_filters(cursor))


def _tables(cursor: Cursor) -> Translation:
    if cursor.at("from", "database") or cursor.at("in", "database"):
        _from(cursor, "database")
        return _select_from("wf_show_tables", _name(cursor), None, *_filters(cursor))
    _from(cursor, "schema")
    name = _dotted(cursor)
    if len(name) > 2:
        raise cursor.syntax_error()
    return _select_from("wf_show_tables", _database(cursor, name, 2), name[-1], *_filters(cursor))


def _table(cursor: Cursor) -> tuple[str, str | None, str]:
    name = _dotted(cursor)
    return _database(cursor, name, 3), name[-2] if len(name) > 1 else None, name[-1]


def _columns(cursor: Cursor) -> Translation:
    _from(cursor, "table")
    return _select_from("wf_show_columns", *_table(cursor), *_filters(cursor))


def _constraints(cursor: Cursor) -> Translation:
    if cursor.take("primary", "keys"):
        function, exported = "wf_show_primary_keys", None
    else:
        cursor.need("foreign", "keys")
        function, exported = "wf_show_foreign_keys", "true" if cursor.take("exported") else "false"
    _from(cursor, "table")
    table = _table(cursor)
    _, limit = _filters(cursor)
    return _select_from(function, *table, *([exported] if exported else []), limit)


def _grantee(cursor: Cursor) -> tuple[str | None, str | None]:
    if not cursor.take("for"):
        return None, None
    if cursor.take("role"):
        return "role", role_name(cursor)
    if cursor.take("group"):
        return "group", cursor.name()
    if cursor.take("public"):
        return "public", "public"
    return "user", cursor.user()


def _grants(cursor: Cursor) -> Translation:
    if cursor.at("for"):
        kind, name = _grantee(cursor)
        return _select_from("wf_show_grants_for", kind, name, _filters(cursor)[1])
    cursor.need("on")
    kind = cursor.take_any("database", "schema", "table", "function", "procedure")
    if not kind:
        raise cursor.syntax_error()
    if kind in ("function", "procedure"):
        return _routine_grants(cursor)
    target = _dotted(cursor)
    grantee = _grantee(cursor)
    limit = _filters(cursor)[1]
    if kind == "database":
        return _select_from("wf_show_grants", target[0], "database", None, target[0], *grantee, limit)
    if kind == "schema":
        return _select_from("wf_show_grants", _database(cursor, target, 2), "schema", None, target[-1], *grantee, limit)
    schema = target[-2] if len(target) > 1 else None
    return _select_from("wf_show_grants", _database(cursor, target, 3), "table", schema, target[-1], *grantee, limit)


def _routine_grants(cursor: Cursor) -> Translation:
    name = cursor.dotted()
    signature = render(cursor.brackets()).strip()
    grantee = _grantee(cursor)
    limit = _filters(cursor)[1]
    schema = name[-2] if len(name) > 1 else None
    return _select_from(
        "wf_show_grants", _database(cursor, name, 3), "function", schema, f"{name[-1]}({signature})", *grantee, limit
    )


def _column_grants(cursor: Cursor) -> Translation:
    cursor.need("on", "table")
    table = _table(cursor)
    grantee = _grantee(cursor)
    return _select_from("wf_show_column_grants", *table, *grantee, _filters(cursor)[1])


def _routines(cursor: Cursor) -> Translation:
    kind = cursor.next().low
    _from(cursor, "schema")
    name = _dotted(cursor)
    asked = _select_from("wf_show_routines", _database(cursor, name, 2), kind, name[-1], *_filters(cursor))
    columns = f"database_name, schema_name, routine_name as {kind[:-1]}_name, number_of_arguments, argument_list"
    return replace(asked, sql=asked.sql.replace("*", f"{columns}, return_type, remarks", 1))


def _parameters(cursor: Cursor) -> Translation:
    """SHOW PARAMETERS OF FUNCTION | PROCEDURE name(type, …); the types select one of several overloads."""
    kind = cursor.take_any("function", "procedure")
    if not kind:
        raise cursor.syntax_error()
    name = _dotted(cursor)
    opening = cursor.index
    cursor.brackets()
    types = [render(one).strip() for one in arguments(cursor.tokens, opening, cursor.index - 1)]
    written = ", ".join(one if one.startswith("$") else literal(one) for one in types)
    pattern, _ = _filters(cursor)
    schema = name[-2] if len(name) > 1 else None
    asked = _select_from("wf_show_parameters", _database(cursor, name, 3), kind, schema, name[-1], pattern)
    columns = (
        f"database_name, schema_name, routine_name as {kind}_name, parameter_name, ordinal_position, parameter_type"
    )
    more = "data_type, character_maximum_length, numeric_precision, numeric_scale"
    text = asked.sql.replace("*", f"{columns}, {more}", 1)
    return replace(asked, sql=f"{text[:-1]}, array[{written}]::text[])")
