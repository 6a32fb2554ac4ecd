"""GRANT and REVOKE of roles, of system privileges and of scoped permissions: calls of catalog procedures."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.grantees import grantees
from wharfinger_sandbox.dialect.groups_and_roles import role_name
from wharfinger_sandbox.dialect.privileges import TABLE_RIGHTS, privilege_list
from wharfinger_sandbox.dialect.procedure_calls import procedure_call
from wharfinger_sandbox.dialect.values import Refused, Translation, unsupported

_SYSTEM_PRIVILEGES = (
    "CREATE USER", "DROP USER", "ALTER USER", "CREATE SCHEMA", "DROP SCHEMA", "ALTER DEFAULT PRIVILEGES",
    "ACCESS CATALOG", "ACCESS SYSTEM TABLE", "CREATE TABLE", "DROP TABLE", "ALTER TABLE", "CREATE OR REPLACE FUNCTION",
    "CREATE OR REPLACE EXTERNAL FUNCTION", "DROP FUNCTION", "CREATE OR REPLACE PROCEDURE", "DROP PROCEDURE",
    "CREATE OR REPLACE VIEW", "DROP VIEW", "CREATE MODEL", "DROP MODEL", "CREATE DATASHARE", "ALTER DATASHARE",
    "DROP DATASHARE", "CREATE LIBRARY", "DROP LIBRARY", "CREATE ROLE", "DROP ROLE", "TRUNCATE TABLE", "VACUUM",
    "ANALYZE", "CANCEL", "IGNORE RLS", "EXPLAIN RLS", "EXPLAIN MASKING", "GRANT ROLE", "ALTER ROLE",
)  # fmt: skip
SUPPORTED_SYSTEM_PRIVILEGES = frozenset(
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
"""System privileges that the sandbox supports; the others are refused by name."""


def role_grant(cursor: Cursor, *, granting: bool, option_for: bool) -> Translation:
    """GRANT or REVOKE of roles; `cursor` is at ROLE. `option_for`: ADMIN OPTION FOR precedes it. Raises Refused."""
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
        return procedure_call("wf_grant_role", {"roles": roles, "to": members, "admin": admin}, "GRANT ROLE")
    return procedure_call("wf_revoke_role", {"roles": roles, "from": members, "admin": admin}, "REVOKE ROLE")


def system_privilege_grant(cursor: Cursor, *, granting: bool) -> Translation:
    """GRANT or REVOKE of system privileges, which only roles can have; `cursor` is at the first privilege."""
    privileges = [words.upper() for words, _ in privilege_list(cursor)]
    for privilege in privileges:
        if privilege not in _SYSTEM_PRIVILEGES and privilege not in ("ALL", "ALL PRIVILEGES"):
            raise Refused("42601", f'unrecognized privilege type "{privilege}"')
        if privilege not in SUPPORTED_SYSTEM_PRIVILEGES:
            raise unsupported(f"The system privilege {privilege}")
    found = grantees(cursor, granting=granting)
    cursor.need_end()
    if any(one.kind != "role" for one in found):
        raise Refused("0LP01", "system privileges can only be granted to roles")
    document = {"grant": granting, "privileges": privileges, "roles": [one.name for one in found]}
    return procedure_call("wf_system_privileges", document, "GRANT" if granting else "REVOKE")


_SCOPES = {"tables": TABLE_RIGHTS, "schemas": {"usage": "", "create": ""}, "functions": {"execute": ""},
           "procedures": {"execute": ""}}  # fmt: skip


def scoped_grant(cursor: Cursor, privileges: list[tuple[str, str]], *, granting: bool) -> Translation:
    """… FOR TABLES IN SCHEMA s [DATABASE d] | DATABASE d (redshift-facts §4.2); `cursor` is after FOR.

    Scoped permissions cover existing and future objects and cannot be granted to groups.
    """
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
    return procedure_call("wf_scoped", document, "GRANT" if granting else "REVOKE")
