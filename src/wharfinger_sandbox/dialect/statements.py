"""The handlers of all statements, by their first words."""

from __future__ import annotations

from collections.abc import Callable

from wharfinger_sandbox.dialect import (
    alter,
    databases,
    dml,
    external,
    grants,
    groups_and_roles,
    routines,
    settings,
    tables,
    users,
    utility,
    views,
)
from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import lex, word_set
from wharfinger_sandbox.dialect.show import show
from wharfinger_sandbox.dialect.utility import Handler, not_in_redshift, pass_through, refuse
from wharfinger_sandbox.dialect.values import Context, Translation, unsupported

Branch = Callable[[Cursor], Translation]

_NOT_IN_REDSHIFT = word_set(
    "index unique sequence trigger rule type domain extension operator aggregate cast conversion collation server"
    " foreign publication subscription statistics policy event access transform text tablespace unlogged global"
    " constraint language"
)
_UNSUPPORTED = {
    "model": "CREATE MODEL", "library": "CREATE LIBRARY", "datashare": "Datashares", "rls": "Row-level security",
    "masking": "Dynamic data masking", "identity": "Identity providers", "integration": "Zero-ETL integrations",
}  # fmt: skip


def _routine(cursor: Cursor) -> Translation:
    return routines.create_routine(cursor, lambda sql, context: STATEMENTS[lex(sql)[0].low](sql, context))


_CREATE: dict[str, Branch] = {
    "table": tables.create_table,
    "temp": tables.create_table,
    "temporary": tables.create_table,
    "local": tables.create_table,
    "view": views.create_view,
    "materialized": views.create_materialized_view,
    "schema": databases.create_schema,
    "database": databases.create_database,
    "user": users.create_user,
    "group": groups_and_roles.create_group,
    "role": groups_and_roles.create_role,
    "function": _routine,
    "procedure": _routine,
}


def _create(sql: str, context: Context) -> Translation:
    cursor = Cursor(sql, context)
    cursor.need("create")
    if cursor.at("external", "schema"):
        return external.create_external_schema(cursor)
    if cursor.at("external", "table"):
        return external.create_external_table(cursor)
    if cursor.at("external"):
        raise unsupported(f"CREATE EXTERNAL {cursor.peek().text.upper()}")
    if cursor.at("or", "replace"):
        word = cursor.peek(2).low
        if word == "view":
            return views.create_view(cursor)
        if word not in ("function", "procedure"):
            raise unsupported(f"CREATE OR REPLACE {word.upper()}")
        return _routine(cursor)
    return _branch(sql, context, cursor, _CREATE, "CREATE")


def _branch(sql: str, context: Context, cursor: Cursor, branches: dict[str, Branch], verb: str) -> Translation:
    word = cursor.token.low
    if word in branches:
        return branches[word](cursor)
    if word in _UNSUPPORTED:
        raise unsupported(_UNSUPPORTED[word])
    if word in _NOT_IN_REDSHIFT:
        return not_in_redshift(sql, context)
    if cursor.token.is_name() and verb != "CREATE":
        raise unsupported(f"{verb} {word.upper()}")
    raise cursor.syntax_error()


def _altering_routine(kind: str) -> Branch:
    def branch(cursor: Cursor) -> Translation:
        cursor.need(kind)
        return alter.alter_routine(cursor, kind)

    return branch


_ALTER: dict[str, Branch] = {
    "table": alter.alter_table,
    "view": alter.alter_table,
    "materialized": alter.alter_materialized_view,
    "schema": databases.alter_schema,
    "database": databases.alter_database,
    "user": users.alter_user,
    "group": groups_and_roles.alter_group,
    "role": groups_and_roles.alter_role,
    "default": grants.alter_default_privileges,
    "function": _altering_routine("function"),
    "procedure": _altering_routine("procedure"),
}


def _alter(sql: str, context: Context) -> Translation:
    cursor = Cursor(sql, context)
    cursor.need("alter")
    return _branch(sql, context, cursor, _ALTER, "ALTER")


def _dropping(*words: str, kind: str, tag: str) -> Branch:
    def branch(cursor: Cursor) -> Translation:
        cursor.need(*words)
        return alter.drop_relations(cursor, kind, tag)

    return branch


def _dropping_routine(kind: str) -> Branch:
    def branch(cursor: Cursor) -> Translation:
        cursor.need(kind)
        return alter.drop_routine(cursor, kind)

    return branch


_DROP: dict[str, Branch] = {
    "table": _dropping("table", kind="table", tag="DROP TABLE"),
    "view": _dropping("view", kind="view", tag="DROP VIEW"),
    "materialized": _dropping("materialized", "view", kind="materialized view", tag="DROP MATERIALIZED VIEW"),
    "schema": databases.drop_schema,
    "database": databases.drop_database,
    "user": users.drop_user,
    "group": groups_and_roles.drop_group,
    "role": groups_and_roles.drop_role,
    "function": _dropping_routine("function"),
    "procedure": _dropping_routine("procedure"),
}


def _drop(sql: str, context: Context) -> Translation:
    cursor = Cursor(sql, context)
    cursor.need("drop")
    return _branch(sql, context, cursor, _DROP, "DROP")


STATEMENTS: dict[str, Handler] = {
    "create": _create,
    "alter": _alter,
    "drop": _drop,
    "grant": grants.grant,
    "revoke": grants.revoke,
    "insert": dml.insert,
    "update": dml.update,
    "delete": dml.delete,
    "merge": dml.merge,
    "truncate": dml.truncate,
    "set": settings.set_,
    "reset": settings.reset,
    "show": show,
    "begin": utility.begin,
    "start": utility.begin,
    "commit": utility.commit,
    "end": utility.commit,
    "rollback": utility.rollback,
    "abort": utility.rollback,
    "comment": utility.comment,
    "analyze": utility.analyze,
    "analyse": utility.analyze,
    "vacuum": utility.vacuum,
    "explain": utility.explain,
    "lock": utility.lock,
    "cancel": utility.cancel,
    "call": utility.call,
    "refresh": views.refresh,
    "prepare": pass_through("utility"),
    "execute": pass_through("select"),
    "deallocate": pass_through("utility"),
    "declare": pass_through("utility"),
    "fetch": pass_through("select"),
    "close": pass_through("utility"),
    "copy": utility.copy,
    "unload": refuse("UNLOAD"),
    "use": refuse("USE"),
    "attach": refuse("ATTACH (row-level security, masking)"),
    "detach": refuse("DETACH (row-level security, masking)"),
    "describe": refuse("DESCRIBE"),
    "desc": refuse("DESCRIBE"),
    "do": not_in_redshift,
    "listen": not_in_redshift,
    "notify": not_in_redshift,
    "unlisten": not_in_redshift,
    "cluster": not_in_redshift,
    "reindex": not_in_redshift,
    "checkpoint": not_in_redshift,
    "load": not_in_redshift,
    "discard": not_in_redshift,
    "import": not_in_redshift,
    "reassign": not_in_redshift,
    "savepoint": not_in_redshift,
    "release": not_in_redshift,
    "security": not_in_redshift,
    "table": not_in_redshift,
}
