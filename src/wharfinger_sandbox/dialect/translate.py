"""The one door: a Redshift statement in, a statement for the engine out."""

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
    """The engine's statement for exactly one Redshift statement.

    Raises Refused for what Redshift refuses and for what the sandbox cannot honour. A text that is no statement known
    here goes to the engine as it is, which says where it stumbles.
    """
    first = first_word(sql)
    if first in _QUERIES:
        return _query(sql, context)
    handler = STATEMENTS.get(first)
    return handler(sql, context) if handler else Translation(sql, kind="ddl")


def first_word(sql: str) -> str:
    """The word a statement begins with, in lower case, brackets and comments left out; '' when there is none."""
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
