"""Identifiers: folding, quoting, length. The sandbox's one place that quotes for SQL."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import QUOTED, Token
from wharfinger_sandbox.dialect.roles import MAX_ENGINE_BYTES
from wharfinger_sandbox.dialect.values import Refused

_FOLD = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def fold(name: str) -> str:
    """`name` with its ASCII letters in lower case, as the engine and Redshift fold; others stay."""
    return name.translate(_FOLD)


def checked(name: str) -> str:
    """`name`, or Refused when it is longer than the engine keeps: it would be cut in silence."""
    if len(name) > MAX_ENGINE_BYTES // 4 and len(name.encode()) > MAX_ENGINE_BYTES:
        raise Refused(
            "42622",
            f'identifier "{name[:80]}" has {len(name.encode())} bytes: names of more than {MAX_ENGINE_BYTES} bytes'
            " are not supported by the sandbox",
        )
    return name


def name_of(token: Token, *, case_sensitive: bool) -> str:
    """The name a token stands for: unquoted names fold; quoted ones do too unless the session is case sensitive
    (redshift-facts §4.1)."""
    if token.kind == QUOTED and case_sensitive:
        return checked(token.low)
    return checked(fold(token.low))


def user_name_of(token: Token) -> str:
    """The user a token names: in quotes its case stays (redshift-facts §4.1)."""
    return checked(token.low if token.kind == QUOTED else fold(token.low))


def ident(name: str) -> str:
    """`name` as a double-quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a literal that means the same whatever standard_conforming_strings says."""
    quoted = text.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"


def qualified(parts: tuple[str, ...]) -> str:
    """A dotted name, each part quoted."""
    return ".".join(ident(part) for part in parts)
