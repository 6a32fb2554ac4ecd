"""The entry point of the dialect: translates one Redshift statement for the engine."""

from __future__ import annotations

import re

from wharfinger_sandbox.dialect.lexer import lex
from wharfinger_sandbox.dialect.queries import rewrite_tokens
from wharfinger_sandbox.dialect.query_scan import is_plain, reads_history, words_of
from wharfinger_sandbox.dialect.statements import STATEMENTS
from wharfinger_sandbox.dialect.values import Context, Translation

_FIRST = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|\()*([A-Za-z]+)")
_QUERIES = frozenset(("select", "with", "values"))


def translate(sql: str, context: Context) -> Translation:
    """The engine's statement for `sql`, exactly one Redshift statement.

    Raises Refused for what Redshift refuses and for what the sandbox does not support. An unknown statement is passed
    to the engine unchanged, which reports the syntax error.
    """
    first = first_word(sql)
    if first in _QUERIES:
        return _query(sql, context)
    handler = STATEMENTS.get(first)
    return handler(sql, context) if handler else Translation(sql, kind="ddl")


def first_word(sql: str) -> str:
    """The first word of a statement in lower case, after brackets and comments; '' when there is none."""
    match = _FIRST.match(sql)
    if match:
        return match.group(1).lower()
    for token in lex(sql):
        if not token.is_op("("):
            return token.low
    return ""


def _query(sql: str, context: Context) -> Translation:
    words = words_of(sql)
    text = sql if is_plain(sql, words) else rewrite_tokens(lex(sql), context)
    return Translation(text, kind="select", reads_history=reads_history(words))
