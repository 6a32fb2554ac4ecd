"""Privileges in GRANT and REVOKE, and the engine's names for them (redshift-facts §4.2)."""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.names import ident
from wharfinger_sandbox.dialect.values import Refused, unsupported

TABLE_RIGHTS = {
    "select": "select", "insert": "insert", "update": "update", "delete": "delete", "references": "references",
    "drop": "maintain", "alter": "trigger", "truncate": "truncate",
}  # fmt: skip
"""Redshift's privileges on tables and the engine's privileges for them; see catalog/sql/grants/scopes.sql."""

_ALL_TABLE = ", ".join(TABLE_RIGHTS.values())


def privilege_list(cursor: Cursor) -> list[tuple[str, str]]:
    """The privileges up to ON, FOR, TO or FROM, each with its column list in parentheses or ''. Raises Refused."""
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


def engine_privileges(kind: str, words: str, columns: str) -> str:
    """The engine's privileges for the privilege `words` on objects of `kind`. Raises Refused."""
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
