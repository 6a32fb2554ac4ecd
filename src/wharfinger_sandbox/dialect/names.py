"""Identifiers and literals: folding, length and quoting. No other module of the sandbox quotes for SQL."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import QUOTED, Token
from wharfinger_sandbox.dialect.roles import MAX_ENGINE_BYTES
from wharfinger_sandbox.dialect.values import Refused

_FOLD = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def fold(name: str) -> str:
    """`name` with its ASCII letters in lower case, as the engine and Redshift fold names."""
    return name.translate(_FOLD)


def checked(name: str) -> str:
    """`name`. Raises Refused when it is longer than the engine stores, which would truncate it silently."""
    if len(name) > MAX_ENGINE_BYTES // 4 and len(name.encode()) > MAX_ENGINE_BYTES:
        raise Refused(
            "42622",
            f'identifier "{name[:80]}" has {len(name.encode())} bytes: names of more than {MAX_ENGINE_BYTES} bytes'
            " are not supported by the sandbox",
        )
    return name


def name_of(token: Token, *, case_sensitive: bool) -> str:
    """The name in a token: folded, unless it is quoted and the session is case-sensitive (redshift-facts §4.1).

    Raises Refused for a name that is too long.
    """
    if token.kind == QUOTED and case_sensitive:
        return checked(token.low)
    return checked(fold(token.low))


def user_name_of(token: Token) -> str:
    """The user name in a token: folded, unless it is quoted (redshift-facts §4.1). Raises Refused if it is too long."""
    return checked(token.low if token.kind == QUOTED else fold(token.low))


def ident(name: str) -> str:
    """`name` as a double-quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a literal that has the same meaning with every value of standard_conforming_strings."""
    quoted = text.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"


def qualified(parts: tuple[str, ...]) -> str:
    """A dotted name with each part quoted."""
    return ".".join(ident(part) for part in parts)
