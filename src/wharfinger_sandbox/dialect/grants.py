"""GRANT, REVOKE and ALTER DEFAULT PRIVILEGES (redshift-facts §4.2, §4.3).

Rights on objects stay the engine's own statements, with grantees and privileges spelled its way; everything else is a
call of the catalog.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.lexer import render, word_set
from wharfinger_sandbox.dialect.names import ident, literal, qualified
from wharfinger_sandbox.dialect.roles import group_role, role_role, user_role
from wharfinger_sandbox.dialect.users import call, role_name
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported

TABLE_RIGHTS = {
    "select": "select", "insert": "insert", "update": "update", "delete": "delete", "references": "references",
    "drop": "maintain", "alter": "trigger", "truncate": "truncate",
}  # fmt: skip
"""Redshift's rights on a table and how the engine keeps them; see catalog/sql/grants/scopes.sql."""

_ALL_TABLE = ", ".join(TABLE_RIGHTS.values())
_SYSTEM_RELATIONS = word_set(
    "svv_table_info stv_tbl_perm stv_sessions stl_query stl_insert stl_delete sys_query_history sys_query_detail"
)
"""System views that a superuser may open to others, which no owner but the system can (redshift-facts §4.4)."""

_SYSTEM_PRIVILEGES = (
    "CREATE USER", "DROP USER", "ALTER USER", "CREATE SCHEMA", "DROP SCHEMA", "ALTER DEFAULT PRIVILEGES",
    "ACCESS CATALOG", "ACCESS SYSTEM TABLE", "CREATE TABLE", "DROP TABLE", "ALTER TABLE", "CREATE OR REPLACE FUNCTION",
    "CREATE OR REPLACE EXTERNAL FUNCTION", "DROP FUNCTION", "CREATE OR REPLACE PROCEDURE", "DROP PROCEDURE",
    "CREATE OR REPLACE VIEW", "DROP VIEW", "CREATE MODEL", "DROP MODEL", "CREATE DATASHARE", "ALTER DATASHARE",
    "DROP DATASHARE", "CREATE LIBRARY", "DROP LIBRARY", "CREATE ROLE", "DROP ROLE", "TRUNCATE TABLE", "VACUUM",
    "ANALYZE", "CANCEL", "IGNORE RLS", "EXPLAIN RLS", "EXPLAIN MASKING", "GRANT ROLE", "ALTER ROLE",
)  # fmt: skip
_CLOSED_SCHEMAS = {"pg_catalog": "pg_statistic", "information_schema": "sql_parts", "pg_internal": "pg_internal"}
"""System schemas and the relation a grant over all of them stumbles over (redshift-facts §4.4)."""
HONOURED_PRIVILEGES = frozenset(
    (
        "CREATE USER",
        "DROP USER",
        "ALTER USER",
        "CREATE ROLE",
        "DROP ROLE",
        "ALTER ROLE",
        "GRANT ROLE",
        "ACCESS SYSTEM TABLE",
    )
)
"""System privileges that have an effect here; the others are refused by name."""


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who gets a right; `option`: WITH GRANT OPTION stood behind it."""

    kind: str
    name: str
    option: bool = False

    def sql(self) -> str:
        """For a GRANT of the engine."""
        if self.kind == "public":
            return "public"
        spell = {"user": user_role, "group": group_role, "role": role_role}[self.kind]
        return ident(spell(self.name))

    def document(self) -> dict[str, str]:
        """For the catalog's procedures."""
        return {"type": self.kind, "name": self.name}


def grant(sql: str, context: Context) -> Translation:
    """GRANT in all forms."""
    cursor = Cursor(sql, context)
    cursor.need("grant")
    return _statement(cursor, granting=True, option_for=False)


def revoke(sql: str, context: Context) -> Translation:
    """REVOKE [GRANT OPTION FOR | ADMIN OPTION FOR] in all forms."""
    cursor = Cursor(sql, context)
    cursor.need("revoke")
    option = cursor.take("grant", "option", "for") or cursor.take("admin", "option", "for")
    return _statement(cursor, granting=False, option_for=option)


def _statement(cursor: Cursor, *, granting: bool, option_for: bool) -> Translation:
    if cursor.at("role"):
        return _role(cursor, granting=granting, option_for=option_for)
    if cursor.token.is_word("assumerole"):
        raise unsupported("ASSUMEROLE")
    start = cursor.index
    privileges = _privileges(cursor)
    if cursor.take("for"):
        return _scoped(cursor, privileges, granting=granting)
    if cursor.token.is_word("to", "from"):
        cursor.index = start
        return _system(cursor, granting=granting)
    cursor.need("on")
    return _on_objects(cursor, privileges, granting=granting, option_for=option_for)


def _privileges(cursor: Cursor) -> list[tuple[str, str]]:
    """(privilege, bracketed columns or '') up to ON, FOR, TO or FROM; several words make one privilege."""
    found: list[tuple[str, str]] = []
    words: list[str] = []
    columns = ""
    while not cursor.token.is_word("on", "for", "to", "from"):
        if cursor.take_op(","):
            found.append((" ".join(words), columns))
            words, columns = [], ""
        elif cursor.token.is_op("("):
            columns = f" ({', '.join(ident(name) for name in cursor.name_list())})"
        elif cursor.token.is_name():
            words.append(cursor.next().low)
        else:
            raise cursor.syntax_error()
    if not words:
        raise cursor.syntax_error()
    return [*found, (" ".join(words), columns)]


def grantees(cursor: Cursor, *, granting: bool) -> list[Grantee]:
    """The list behind TO or FROM; WITH GRANT OPTION may stand behind each user."""
    cursor.need("to" if granting else "from")
    found = []
    while True:
        found.append(_grantee(cursor))
        if not cursor.take_op(","):
            return found


def _grantee(cursor: Cursor) -> Grantee:
    if cursor.take("group"):
        kind, name = "group", cursor.name()
    elif cursor.at("role") and not (cursor.peek().is_op(",") or cursor.peek().kind == "end"):
        cursor.next()
        kind, name = "role", role_name(cursor)
    elif cursor.take("public"):
        kind, name = "public", "public"
    elif cursor.token.is_word("iam_role"):
        raise unsupported("GRANT … TO IAM_ROLE (Lake Formation)")
    else:
        kind, name = "user", cursor.user()
    option = cursor.take("with", "grant", "option")
    if option and kind in ("group", "public"):
        raise Refused("0LP01", "grant options can only be granted to individual users")
    return Grantee(kind, name, option)


def _role(cursor: Cursor, *, granting: bool, option_for: bool) -> Translation:
    cursor.need("role")
    roles = [role_name(cursor)]
    while cursor.take_op(","):
        cursor.take("role")
        roles.append(role_name(cursor))
    found = grantees(cursor, granting=granting)
    if any(one.kind not in ("user", "role") for one in found):
        raise Refused("0LP01", "a role can be granted to users and roles only, not to groups or PUBLIC")
    admin = option_for or (granting and cursor.take("with", "admin", "option"))
    cursor.need_end()
    members = [one.document() for one in found]
    if granting:
        return call("wf_grant_role", {"roles": roles, "to": members, "admin": admin}, "GRANT ROLE")
    return call("wf_revoke_role", {"roles": roles, "from": members, "admin": admin}, "REVOKE ROLE")


def _system(cursor: Cursor, *, granting: bool) -> Translation:
    """System privileges go to roles."""
    privileges = [words.upper() for words, _ in _privileges(cursor)]
    for privilege in privileges:
        if privilege not in _SYSTEM_PRIVILEGES and privilege not in ("ALL", "ALL PRIVILEGES"):
            raise Refused("42601", f'unrecognized privilege type "{privilege}"')
        if privilege not in HONOURED_PRIVILEGES:
            raise unsupported(f"The system privilege {privilege}")
    found = grantees(cursor, granting=granting)
    cursor.need_end()
    if any(one.kind != "role" for one in found):
        raise Refused("0LP01", "system privileges can only be granted to roles")
    document = {"grant": granting, "privileges": privileges, "roles": [one.name for one in found]}
    return call("wf_system_privileges", document, "GRANT" if granting else "REVOKE")


_SCOPES = {"tables": TABLE_RIGHTS, "schemas": {"usage": "", "create": ""}, "functions": {"execute": ""},
           "procedures": {"execute": ""}}  # fmt: skip


def _scoped(cursor: Cursor, privileges: list[tuple[str, str]], *, granting: bool) -> Translation:
    """… FOR TABLES IN SCHEMA s [DATABASE d] | DATABASE d: present and future objects, never to groups."""
    scope = cursor.take_any(*_SCOPES)
    if not scope:
        raise unsupported(f"FOR {cursor.token.text.upper()} IN")
    allowed = _SCOPES[scope]
    wanted = [words for words, _ in privileges]
    if wanted in (["all"], ["all privileges"]):
        wanted = list(allowed)
    if any(word not in allowed for word in wanted):
        raise Refused("0LP01", f"invalid privilege type {wanted[0].upper()} for {scope.upper()}")
    cursor.need("in")
    document: dict[str, Any] = {
        "grant": granting,
        "scope": scope.upper(),
        "privileges": [one.upper() for one in wanted],
    }
    if cursor.take("schema"):
        document["schema"] = cursor.name()
        if cursor.take("database"):
            document["database"] = cursor.name()
    else:
        cursor.need("database")
        document["database"] = cursor.name()
    found = grantees(cursor, granting=granting)
    cursor.need_end()
    if any(one.kind == "group" for one in found):
        raise Refused("0A000", "scoped permissions cannot be granted to a group")
    if any(one.kind == "public" for one in found):
        raise unsupported("Scoped permissions for PUBLIC")
    document.update(grantees=[one.document() for one in found], option=any(one.option for one in found))
    return call("wf_scoped", document, "GRANT" if granting else "REVOKE")


def _on_objects(cursor: Cursor, privileges: list[tuple[str, str]], *, granting: bool, option_for: bool) -> Translation:
    kind, target, names = _objects(cursor)
    rights = ", ".join(_rights(kind, words, columns) for words, columns in privileges)
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
    return call("wf_grant_system", document, "GRANT" if granting else "REVOKE")


def _objects(cursor: Cursor) -> tuple[str, str, list[Name]]:
    """The kind of right that fits, the engine's words for the objects, and the relations named one by one."""
    if cursor.take("all", "tables", "in", "schema"):
        schemas = cursor.schemas()
        for schema in schemas:
            if schema in _CLOSED_SCHEMAS:
                raise Refused("42501", f"permission denied for relation {_CLOSED_SCHEMAS[schema]}")
        return "table", f"all tables in schema {', '.join(ident(name) for name in schemas)}", []
    for plural, kind in (("functions", "functions"), ("procedures", "procedures")):
        if cursor.take("all", plural, "in", "schema"):
            return "routine", f"all {kind} in schema {_schemas(cursor)}", []
    if cursor.take("schema"):
        return "schema", f"schema {_schemas(cursor)}", []
    if cursor.take("database"):
        return "database", f"database {_idents(cursor)}", []
    if cursor.token.is_word("function", "procedure"):
        return "routine", f"{cursor.next().low} {_signatures(cursor)}", []
    if cursor.token.is_word("external", "language", "datashare", "model", "copy") and cursor.peek().is_name():
        raise unsupported(f"Rights ON {cursor.token.text.upper()} {cursor.peek().text.upper()}".strip())
    cursor.take("table")
    names = cursor.dotted_names()
    return "table", ", ".join(qualified(name) for name in names), names


def _schemas(cursor: Cursor) -> str:
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


def _rights(kind: str, words: str, columns: str) -> str:
    every = words in ("all", "all privileges")
    if columns and (kind != "table" or words not in ("select", "update")):
        raise Refused("0LP01", "column privileges are SELECT and UPDATE only")
    if kind == "table":
        if every:
            return _ALL_TABLE
        if words in TABLE_RIGHTS:
            return TABLE_RIGHTS[words] + columns
    elif kind == "schema":
        if every or words in ("create", "usage"):
            return "create, usage" if every else words
        if words in ("alter", "drop"):
            raise unsupported(f"{words.upper()} ON SCHEMA")
    elif kind == "database":
        if every or words in ("create", "temp", "temporary"):
            return "create, temporary" if every else words
        if words == "usage":
            raise Refused("0LP01", "USAGE is granted on databases created from a datashare only")
        if words == "alter":
            raise unsupported("ALTER ON DATABASE")
    elif every or words == "execute":
        return "execute"
    raise Refused("0LP01", f"invalid privilege type {words.upper()} for {kind}")


def alter_default_privileges(cursor: Cursor) -> Translation:
    """ALTER DEFAULT PRIVILEGES [FOR USER …] [IN SCHEMA …] GRANT | REVOKE …; `cursor` stands at DEFAULT."""
    cursor.need("default", "privileges")
    creators = schemas = ""
    if cursor.take("for", "user") or cursor.take("for", "role"):
        creators = f" for role {', '.join(ident(name) for name in cursor.users())}"
    if cursor.take("in", "schema"):
        schemas = f" in schema {_schemas(cursor)}"
    granting = cursor.take("grant")
    if not granting:
        cursor.need("revoke")
    option_for = not granting and cursor.take("grant", "option", "for")
    privileges = _privileges(cursor)
    cursor.need("on")
    objects = cursor.take_any("tables", "functions", "procedures")
    if not objects:
        raise cursor.syntax_error()
    kind = "table" if objects == "tables" else "routine"
    rights = ", ".join(_rights(kind, words, columns) for words, columns in privileges)
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
