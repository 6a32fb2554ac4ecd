"""The statements that read users, groups, roles and rights: a constant number per warehouse and per database.

PG_* tables live on the leader, SVV_* views on the compute nodes; no statement mixes them (redshift-facts §5.1). The SVV
privilege views list explicit grants only, and everything only to a superuser (§4.5). Every row of them is read: what
no spec can express becomes a note (`state.beyond`). Column lists beyond the facts: AWS's pages of SVV_ROLES,
SVV_ROLE_GRANTS (role_name holds granted_role_name), SVV_FUNCTION_PRIVILEGES and SVV_REDSHIFT_FUNCTIONS.
"""

from __future__ import annotations

from wharfinger.core.names import outside_system, quote_literal
from wharfinger.core.session import Statement

SUPERUSER = Statement("select usename, usesuper from pg_user where usename = current_user", label="superuser")
USERS = Statement("select usename, usesysid, usesuper, useconfig from pg_user", label="users")

WAREHOUSE: dict[str, Statement] = {
    "users": USERS,
    "groups": Statement("select groname, grolist from pg_group", label="groups"),
    "roles": Statement("select role_name, role_owner from svv_roles", label="roles"),
    "role users": Statement("select role_name, user_name, admin_option from svv_user_grants", label="role users"),
    "role roles": Statement("select granted_role_name, role_name from svv_role_grants", label="role roles"),
    "databases": Statement(
        "select database_name, database_type, database_owner from svv_redshift_databases", label="databases"
    ),
    "database rights": Statement(
        "select database_name, privilege_type, identity_name, identity_type, admin_option"
        " from svv_database_privileges where privilege_scope = 'DATABASE'",
        label="database rights",
    ),
    "system privileges": Statement(
        "select system_privilege, identity_name, identity_type from svv_system_privileges", label="system privileges"
    ),
    "iam rights": Statement(
        "select iam_arn, command_type, identity_name, identity_type from svv_iam_privileges", label="iam rights"
    ),
    "user options": Statement(
        "select usename, usecreatedb, valuntil, useconnlimit from pg_user_info", label="user options"
    ),
    "user info": Statement("select user_name, syslog_access, session_timeout from svv_user_info", label="user info"),
}
"""What belongs to the whole warehouse; it can be read in any database."""

OPTIONAL = frozenset(
    {
        "roles", "role users", "role roles", "functions", "function rights", "column rights", "system privileges",
        "iam rights", "user options", "user info", "language rights", "model rights",
    }
)  # fmt: skip
"""Views that an older or smaller server may not have; without a view there are no rows."""

_SYSTEM_IS_OPEN = f"(identity_type <> 'public' or {outside_system('namespace_name')})"
"""A condition that leaves out what PUBLIC may do in system schemas: everybody reads them (redshift-facts §4.4)."""

TABLES = Statement(
    "select n.nspname, c.relname, u.usename, c.relkind from pg_catalog.pg_class c"
    " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
    " left join pg_catalog.pg_user u on u.usesysid = c.relowner"
    f" where c.relkind in ('r', 'v', 'm') and {outside_system('n.nspname')}",
    label="tables",
)
"""Every table and view of the database with its owner and kind; every user can read it."""


def of_database(database: str) -> dict[str, Statement]:
    """What belongs to one database; run in a session in that database.

    Schemas and functions are selected by database name, since these two views span databases.
    """
    here = quote_literal(database)
    return {
        "schemas": Statement(
            f"select schema_name, schema_type, schema_owner from svv_all_schemas where database_name = {here}",
            label="schemas",
        ),
        "tables": TABLES,
        "functions": Statement(
            "select schema_name, function_name, argument_type, function_type from svv_redshift_functions"
            f" where database_name = {here}",
            label="functions",
        ),
        "schema rights": Statement(
            "select namespace_name, privilege_type, identity_name, identity_type, privilege_scope, admin_option"
            f" from svv_schema_privileges where {_SYSTEM_IS_OPEN}",
            label="schema rights",
        ),
        "table rights": Statement(
            "select namespace_name, relation_name, privilege_type, identity_name, identity_type, admin_option"
            f" from svv_relation_privileges where {_SYSTEM_IS_OPEN}",
            label="table rights",
        ),
        "function rights": Statement(
            "select namespace_name, function_name, argument_types, privilege_type, identity_name, identity_type,"
            f" admin_option from svv_function_privileges where {_SYSTEM_IS_OPEN}",
            label="function rights",
        ),
        "column rights": Statement(
            "select namespace_name, relation_name, column_name, privilege_type, identity_name, identity_type"
            f" from svv_column_privileges where {_SYSTEM_IS_OPEN}",
            label="column rights",
        ),
        "defaults": Statement(
            "select schema_name, object_type, owner_name, privilege_type, grantee_name, grantee_type, admin_option"
            " from svv_default_privileges",
            label="defaults",
        ),
        "database scopes": Statement(
            "select privilege_type, identity_name, identity_type, privilege_scope, admin_option"
            f" from svv_database_privileges where privilege_scope <> 'DATABASE' and database_name = {here}",
            label="database scopes",
        ),
        "language rights": Statement(
            "select language_name, privilege_type, identity_name, identity_type, admin_option"
            " from svv_language_privileges",
            label="language rights",
        ),
        "model rights": Statement(
            "select namespace_name, model_name, privilege_type, identity_name, identity_type, admin_option"
            " from svv_ml_model_privileges",
            label="model rights",
        ),
    }


LOCAL_DATABASES = Statement(
    "select database_name from svv_redshift_databases where database_type = 'local'", label="local databases"
)
EXTERNAL_TABLES = Statement("select schemaname, tablename from svv_external_tables", label="external tables")
"""Both show every user what it may enter or read."""
