"""CREATE, ALTER and DROP USER as calls of catalog procedures (redshift-facts §4.1).

A clear-text password is replaced by its digest here, so that neither the engine nor a log receives it.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import STRING
from wharfinger_sandbox.dialect.procedure_calls import procedure_call
from wharfinger_sandbox.dialect.roles import GROUP_PREFIX, ROLE_PREFIX, SCOPE_PREFIX
from wharfinger_sandbox.dialect.settings import engine_setting
from wharfinger_sandbox.dialect.values import Refused, Translation
from wharfinger_sandbox.passwords import md5, sha256

_MD5 = re.compile(r"md5[0-9a-f]{32}\Z")
_FORBIDDEN = set("'\"\\/@ ")
_RESERVED = {"public", "rdsdb", "none", "wf_engine", "wf_superuser"}


def _new_user(cursor: Cursor) -> str:
    name = cursor.user()
    if name in _RESERVED or name.startswith("pg_"):
        raise Refused("42939", f'user name "{name}" is reserved')
    if name.startswith((GROUP_PREFIX, ROLE_PREFIX, SCOPE_PREFIX)):
        raise Refused(
            "0A000", f'the user name "{name}" is not supported by the sandbox: it begins with a prefix it uses'
        )
    return name


def create_user(cursor: Cursor) -> Translation:
    """CREATE USER name [WITH] PASSWORD … [options]. Raises Refused."""
    cursor.need("user")
    name = _new_user(cursor)
    cursor.take("with")
    document: dict[str, Any] = {"name": name}
    while not cursor.at_end():
        if cursor.take("in", "group"):
            document["groups"] = cursor.names()
        else:
            _user_option(cursor, name, document)
    if "password" not in document:
        raise Refused("42601", "syntax error: CREATE USER needs PASSWORD (or PASSWORD DISABLE)")
    return procedure_call("wf_create_user", document, "CREATE USER", without_passwords(cursor))


def alter_user(cursor: Cursor) -> Translation:
    """ALTER USER name [WITH] options | RENAME TO | SET … | RESET …. Raises Refused."""
    cursor.need("user")
    name = cursor.user()
    document: dict[str, Any] = {"name": name}
    if cursor.take("rename", "to"):
        document["rename"] = _new_user(cursor)
    elif cursor.take("set"):
        document["settings"] = dict([engine_setting(cursor)])
    elif cursor.take("reset"):
        document["settings"] = {_resettable(cursor): None}
    else:
        cursor.take("with")
        if cursor.at_end():
            raise cursor.syntax_error()
        while not cursor.at_end():
            _user_option(cursor, name, document)
    cursor.need_end()
    return procedure_call("wf_alter_user", document, "ALTER USER", without_passwords(cursor))


def _resettable(cursor: Cursor) -> str:
    return "all" if cursor.take("all") else engine_setting(cursor, reset=True)[0]


def _user_option(cursor: Cursor, name: str, document: dict[str, Any]) -> None:
    word = cursor.next().low if cursor.token.is_name() else ""
    match word:
        case "password":
            document["password"] = _password(cursor, name)
        case "createdb" | "nocreatedb":
            document["createdb"] = word == "createdb"
        case "createuser" | "nocreateuser":
            document["createuser"] = word == "createuser"
        case "syslog":
            cursor.need("access")
            document["syslog"] = cursor.take_any("restricted", "unrestricted").upper() or _fail(cursor)
        case "valid":
            cursor.need("until")
            document["valid_until"] = cursor.string()
        case "connection":
            cursor.need("limit")
            document["connection_limit"] = None if cursor.take("unlimited") else cursor.number()
        case "session":
            cursor.need("timeout")
            document["session_timeout"] = _timeout(cursor)
        case "reset":
            cursor.need("session", "timeout")
            document["session_timeout"] = None
        case "externalid":
            document["externalid"] = cursor.string() if cursor.token.kind == STRING else cursor.name()
        case _:
            cursor.index -= bool(word)
            raise cursor.syntax_error()


def _fail(cursor: Cursor) -> str:
    raise cursor.syntax_error()


def _timeout(cursor: Cursor) -> int:
    seconds = cursor.number()
    if not 60 <= seconds <= 1728000:
        raise Refused("22023", "session timeout must be between 60 and 1728000 seconds")
    return seconds


def _password(cursor: Cursor, user: str) -> dict[str, str]:
    """The stored form of the password: disabled, md5 (also for clear text), or sha256 as `digest|salt`."""
    if cursor.take("disable"):
        return {"kind": "disabled"}
    text = cursor.string()
    if _MD5.match(text):
        return {"kind": "md5", "digest": text}
    if text.startswith("sha256|"):
        pieces = text.split("|")
        if len(pieces) == 3:
            return {"kind": "sha256", "digest": f"{pieces[1]}|{pieces[2]}"}
        return {"kind": "sha256", "digest": sha256(text.removeprefix("sha256|"), secrets.token_hex(8))}
    _check_strength(text)
    return {"kind": "md5", "digest": md5(user, text)}


def _check_strength(text: str) -> None:
    """Redshift's rules for a clear-text password (redshift-facts §4.1; the texts are unverified)."""
    if not 8 <= len(text) <= 64:
        raise Refused("22023", "password must be 8 to 64 characters in length")
    for test, what in ((str.isupper, "uppercase letter"), (str.islower, "lowercase letter"), (str.isdigit, "number")):
        if not any(test(letter) and letter.isascii() for letter in text):
            raise Refused("22023", f"password must contain at least one {what}")
    if any(letter in _FORBIDDEN or not 33 <= ord(letter) <= 126 for letter in text):
        raise Refused("22023", "password holds a character that is not allowed")


def without_passwords(cursor: Cursor) -> str | None:
    """The statement with each password as '***', None when it contains no password."""
    pieces = []
    found = False
    for before, token in zip([None, *cursor.tokens], cursor.tokens, strict=False):
        secret = token.kind == STRING and before is not None and before.is_word("password")
        found = found or secret
        pieces.append(token.gap + ("'***'" if secret else token.text))
    return "".join(pieces) if found else None


def drop_user(cursor: Cursor) -> Translation:
    """DROP USER [IF EXISTS] a, b."""
    cursor.need("user")
    exists = cursor.take("if", "exists")
    document = {"names": cursor.users(), "if_exists": exists}
    cursor.need_end()
    return procedure_call("wf_drop_user", document, "DROP USER")
