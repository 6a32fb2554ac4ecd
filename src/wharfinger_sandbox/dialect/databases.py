"""CREATE, ALTER and DROP of databases and schemas."""

from __future__ import annotations

from wharfinger_sandbox.dialect.alter import owner_to
from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.names import ident
from wharfinger_sandbox.dialect.values import Refused, Translation, unsupported


def create_database(cursor: Cursor) -> Translation:
    """CREATE DATABASE with OWNER. CONNECTION LIMIT and ISOLATION LEVEL are accepted but have no effect."""
    cursor.need("database")
    name = cursor.name()
    cursor.take("with")
    owner = ""
    while not cursor.at_end():
        if cursor.take("owner"):
            cursor.take_op("=")
            owner = f" owner {ident(cursor.user())}"
        elif cursor.take("connection", "limit"):
            if not cursor.take("unlimited"):
                cursor.number()
        elif cursor.take("isolation", "level"):
            if not cursor.take_any("serializable", "snapshot"):
                raise cursor.syntax_error()
        elif cursor.take("collate"):
            if not cursor.take_any("case_sensitive", "cs"):
                raise unsupported("COLLATE CASE_INSENSITIVE")
        elif cursor.token.is_word("from"):
            raise unsupported("CREATE DATABASE … FROM (datashares, integrations, catalogs)")
        else:
            raise cursor.syntax_error()
    _refuse_in_transaction(cursor, "CREATE DATABASE")
    return Translation(f"create database {ident(name)}{owner}", tag="CREATE DATABASE", kind="ddl")


def _refuse_in_transaction(cursor: Cursor, what: str) -> None:
    if cursor.context.in_transaction:
        raise Refused("25001", f"{what} cannot run inside a transaction block")


def alter_database(cursor: Cursor) -> Translation:
    """ALTER DATABASE … RENAME TO | OWNER TO."""
    cursor.need("database")
    name = ident(cursor.name())
    if cursor.take("rename", "to"):
        new_name = ident(cursor.name())
        cursor.need_end()
        return Translation(f"alter database {name} rename to {new_name}", tag="ALTER DATABASE", kind="ddl")
    if cursor.take("owner", "to"):
        return owner_to(cursor, "database", name, "ALTER DATABASE")
    raise unsupported("This form of ALTER DATABASE")


def drop_database(cursor: Cursor) -> Translation:
    """DROP DATABASE name [FORCE]."""
    cursor.need("database")
    name = cursor.name()
    force = " with (force)" if cursor.take("force") else ""
    cursor.need_end()
    _refuse_in_transaction(cursor, "DROP DATABASE")
    return Translation(f"drop database {ident(name)}{force}", tag="DROP DATABASE", kind="ddl")


def create_schema(cursor: Cursor) -> Translation:
    """CREATE SCHEMA [IF NOT EXISTS] [name] [AUTHORIZATION user] [QUOTA …]; quotas have no effect."""
    cursor.need("schema")
    exists = "if not exists " if cursor.take("if", "not", "exists") else ""
    name = "" if cursor.token.is_word("authorization") else ident(cursor.schema())
    owner = f" authorization {ident(cursor.user())}" if cursor.take("authorization") else ""
    _quota(cursor)
    if not cursor.at_end():
        raise unsupported("CREATE SCHEMA with objects in it")
    return Translation(f"create schema {exists}{name}{owner}", tag="CREATE SCHEMA", kind="ddl")


def _quota(cursor: Cursor) -> None:
    if not cursor.take("quota"):
        return
    if not cursor.take("unlimited"):
        cursor.number()
        cursor.take_any("mb", "gb", "tb")


def alter_schema(cursor: Cursor) -> Translation:
    """ALTER SCHEMA … RENAME TO | OWNER TO; QUOTA is refused."""
    cursor.need("schema")
    name = ident(cursor.schema())
    if cursor.take("rename", "to"):
        new_name = ident(cursor.name())
        cursor.need_end()
        return Translation(f"alter schema {name} rename to {new_name}", tag="ALTER SCHEMA", kind="ddl")
    if cursor.take("owner", "to"):
        return owner_to(cursor, "schema", name, "ALTER SCHEMA")
    raise unsupported("ALTER SCHEMA … QUOTA")


def drop_schema(cursor: Cursor) -> Translation:
    """DROP SCHEMA [IF EXISTS] a, b [DROP EXTERNAL DATABASE] [CASCADE | RESTRICT]."""
    cursor.need("schema")
    exists = "if exists " if cursor.take("if", "exists") else ""
    names = ", ".join(ident(name) for name in cursor.schemas())
    cursor.take("drop", "external", "database")
    behaviour = cursor.take_any("cascade", "restrict")
    cursor.need_end()
    return Translation(f"drop schema {exists}{names} {behaviour}".strip(), tag="DROP SCHEMA", kind="ddl")
