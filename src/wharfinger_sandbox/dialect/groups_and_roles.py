"""CREATE, ALTER and DROP of groups and roles (redshift-facts §4.1)."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import STRING
from wharfinger_sandbox.dialect.procedure_calls import procedure_call
from wharfinger_sandbox.dialect.roles import GROUP_PREFIX, MAX_ENGINE_BYTES
from wharfinger_sandbox.dialect.values import Refused, Translation


def _short(name: str) -> str:
    if len(name.encode()) > MAX_ENGINE_BYTES - len(GROUP_PREFIX):
        raise Refused(
            "42622",
            f'identifier "{name}" is too long: names of groups and roles with more than'
            f" {MAX_ENGINE_BYTES - len(GROUP_PREFIX)} bytes are not supported by the sandbox",
        )
    return name


def create_group(cursor: Cursor) -> Translation:
    """CREATE GROUP name [[WITH] USER a, b]."""
    cursor.need("group")
    name = _short(cursor.name())
    cursor.take("with")
    users = cursor.users() if cursor.take("user") else []
    cursor.need_end()
    if name.startswith("__"):
        raise Refused("42939", f'group name "{name}" is reserved')
    return procedure_call("wf_create_group", {"name": name, "users": users}, "CREATE GROUP")


def alter_group(cursor: Cursor) -> Translation:
    """ALTER GROUP name ADD USER | DROP USER | RENAME TO."""
    cursor.need("group")
    document: dict[str, Any] = {"name": cursor.name()}
    if cursor.take("add", "user"):
        document["add"] = cursor.users()
    elif cursor.take("drop", "user"):
        document["drop"] = cursor.users()
    else:
        cursor.need("rename", "to")
        document["rename"] = _short(cursor.name())
    cursor.need_end()
    return procedure_call("wf_alter_group", document, "ALTER GROUP")


def drop_group(cursor: Cursor) -> Translation:
    """DROP GROUP name; Redshift has no IF EXISTS here."""
    cursor.need("group")
    name = cursor.name()
    cursor.need_end()
    return procedure_call("wf_drop_group", {"name": name}, "DROP GROUP")


def role_name(cursor: Cursor) -> str:
    """The name of a role or of a system role such as `sys:dba`. Raises Refused."""
    if cursor.token.is_word("sys") and cursor.peek().text.startswith(":"):
        cursor.next()
        return "sys" + cursor.next().text + (cursor.name() if cursor.token.text == ":" else "")
    return _short(cursor.name())


def create_role(cursor: Cursor) -> Translation:
    """CREATE ROLE name [EXTERNALID 'id']."""
    cursor.need("role")
    document: dict[str, Any] = {"name": role_name(cursor)}
    if cursor.take("externalid"):
        document["externalid"] = cursor.string() if cursor.token.kind == STRING else cursor.name()
    cursor.need_end()
    if document["name"].startswith("sys:"):
        raise Refused("42939", f'role name "{document["name"]}" is reserved')
    return procedure_call("wf_create_role", document, "CREATE ROLE")


def alter_role(cursor: Cursor) -> Translation:
    """ALTER ROLE name [WITH] RENAME TO | OWNER TO | EXTERNALID TO."""
    cursor.need("role")
    document: dict[str, Any] = {"name": role_name(cursor)}
    cursor.take("with")
    if cursor.take("rename", "to"):
        document["rename"] = role_name(cursor)
    elif cursor.take("owner", "to"):
        document["owner"] = cursor.user()
    else:
        cursor.need("externalid")
        cursor.take("to")
        document["externalid"] = cursor.string() if cursor.token.kind == STRING else cursor.name()
    cursor.need_end()
    return procedure_call("wf_alter_role", document, "ALTER ROLE")


def drop_role(cursor: Cursor) -> Translation:
    """DROP ROLE name [FORCE | RESTRICT]."""
    cursor.need("role")
    name = role_name(cursor)
    force = cursor.take_any("force", "restrict") == "force"
    cursor.need_end()
    return procedure_call("wf_drop_role", {"name": name, "force": force}, "DROP ROLE")
