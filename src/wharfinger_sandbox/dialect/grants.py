"""GRANT, REVOKE and ALTER DEFAULT PRIVILEGES (redshift-facts §4.2, §4.3).

Rights on objects become statements of the engine, with its names for grantees and privileges. All other rights become
calls of catalog procedures.
"""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.grant_targets import grant_target, schema_names
from wharfinger_sandbox.dialect.grantees import Grantee, grantees
from wharfinger_sandbox.dialect.lexer import word_set
from wharfinger_sandbox.dialect.names import ident, literal
from wharfinger_sandbox.dialect.privileges import engine_privileges, privilege_list
from wharfinger_sandbox.dialect.procedure_calls import procedure_call
from wharfinger_sandbox.dialect.role_grants import role_grant, scoped_grant, system_privilege_grant
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported

_SYSTEM_RELATIONS = word_set(
    "svv_table_info stv_tbl_perm stv_sessions stl_query stl_insert stl_delete sys_query_history sys_query_detail"
)
"""System views on which a superuser may grant SELECT to others (redshift-facts §4.4)."""


def grant(sql: str, context: Context) -> Translation:
    """GRANT in all its forms."""
    cursor = Cursor(sql, context)
    cursor.need("grant")
    return _statement(cursor, granting=True, option_for=False)


def revoke(sql: str, context: Context) -> Translation:
    """REVOKE [GRANT OPTION FOR | ADMIN OPTION FOR] in all its forms."""
    cursor = Cursor(sql, context)
    cursor.need("revoke")
    option = cursor.take("grant", "option", "for") or cursor.take("admin", "option", "for")
    return _statement(cursor, granting=False, option_for=option)


def _statement(cursor: Cursor, *, granting: bool, option_for: bool) -> Translation:
    if cursor.at("role"):
        return role_grant(cursor, granting=granting, option_for=option_for)
    if cursor.token.is_word("assumerole"):
        raise unsupported("ASSUMEROLE")
    start = cursor.index
    privileges = privilege_list(cursor)
    if cursor.take("for"):
        return scoped_grant(cursor, privileges, granting=granting)
    if cursor.token.is_word("to", "from"):
        cursor.index = start
        return system_privilege_grant(cursor, granting=granting)
    cursor.need("on")
    return _on_objects(cursor, privileges, granting=granting, option_for=option_for)


def _on_objects(cursor: Cursor, privileges: list[tuple[str, str]], *, granting: bool, option_for: bool) -> Translation:
    kind, target, names = grant_target(cursor)
    rights = ", ".join(engine_privileges(kind, words, columns) for words, columns in privileges)
    found = grantees(cursor, granting=granting)
    behaviour = cursor.take_any("cascade", "restrict") if not granting else ""
    cursor.need_end()
    tag = "GRANT" if granting else "REVOKE"
    system = [name for name in names if _is_system(name)]
    if system:
        return _on_system(system, names, privileges, found, granting=granting)
    verb = "grant" if granting else "revoke grant option for" if option_for else "revoke"
    statements = []
    for option in sorted({one.option for one in found}):
        to = ", ".join(one.sql() for one in found if one.option == option)
        tail = " with grant option" if option else f" {behaviour}".rstrip()
        statements.append(f"{verb} {rights} on {target} {'to' if granting else 'from'} {to}{tail}")
    if len(statements) == 1:
        return Translation(statements[0], tag=tag, kind="dcl")
    array = ", ".join(literal(statement) for statement in statements)
    return Translation(f"call pg_catalog.wf_run(array[{array}])", tag=tag, kind="dcl")


def _is_system(name: Name) -> bool:
    inside = len(name) == 1 or name[-2] == "pg_catalog"
    return inside and name[-1] in _SYSTEM_RELATIONS


def _on_system(
    system: list[Name], names: list[Name], privileges: list[tuple[str, str]], found: list[Grantee], *, granting: bool
) -> Translation:
    if len(system) != len(names) or privileges != [("select", "")]:
        raise Refused("42501", f"permission denied for relation {system[0][-1]}")
    document = {
        "grant": granting, "relations": [name[-1] for name in system], "grantees": [one.document() for one in found],
    }  # fmt: skip
    return procedure_call("wf_grant_system", document, "GRANT" if granting else "REVOKE")


def alter_default_privileges(cursor: Cursor) -> Translation:
    """ALTER DEFAULT PRIVILEGES [FOR USER …] [IN SCHEMA …] GRANT | REVOKE …; `cursor` is at DEFAULT."""
    cursor.need("default", "privileges")
    creators = schemas = ""
    if cursor.take("for", "user") or cursor.take("for", "role"):
        creators = f" for role {', '.join(ident(name) for name in cursor.users())}"
    if cursor.take("in", "schema"):
        schemas = f" in schema {schema_names(cursor)}"
    granting = cursor.take("grant")
    if not granting:
        cursor.need("revoke")
    option_for = not granting and cursor.take("grant", "option", "for")
    privileges = privilege_list(cursor)
    cursor.need("on")
    objects = cursor.take_any("tables", "functions", "procedures")
    if not objects:
        raise cursor.syntax_error()
    kind = "table" if objects == "tables" else "routine"
    rights = ", ".join(engine_privileges(kind, words, columns) for words, columns in privileges)
    found = grantees(cursor, granting=granting)
    behaviour = cursor.take_any("cascade", "restrict") if not granting else ""
    cursor.need_end()
    to = ", ".join(one.sql() for one in found)
    tail = " with grant option" if any(one.option for one in found) else f" {behaviour}".rstrip()
    verb = "grant" if granting else "revoke grant option for" if option_for else "revoke"
    plural = "tables" if objects == "tables" else "functions"
    change = f"{verb} {rights} on {plural} {'to' if granting else 'from'} {to}{tail}"
    return Translation(
        f"alter default privileges{creators}{schemas} {change}", tag="ALTER DEFAULT PRIVILEGES", kind="dcl"
    )
