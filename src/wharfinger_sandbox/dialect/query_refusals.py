"""Query elements that Redshift refuses, and those that the sandbox does not support."""

from __future__ import annotations

from itertools import pairwise

from wharfinger_sandbox.dialect.functions import MISSING, UNSUPPORTED
from wharfinger_sandbox.dialect.leader_node import refuse_mixtures
from wharfinger_sandbox.dialect.lexer import WORD, Token
from wharfinger_sandbox.dialect.values import Refused, unsupported


def refuse_elements(tokens: list[Token], words: set[str]) -> None:
    """Raise Refused for elements that Redshift refuses, with its messages, and for those the sandbox does not support.

    `words` are the lower-case unquoted words of `tokens`.
    """
    called = {token.low for token, after in pairwise(tokens) if after.text == "(" and token.kind == WORD}
    for name in called & MISSING:
        raise Refused("42883", f"function {name} does not exist")
    for name in called & UNSUPPORTED:
        raise unsupported(f"The function {name.upper()}")
    if called & {"pivot", "unpivot"}:
        raise unsupported("PIVOT and UNPIVOT")
    for index, token in enumerate(tokens):
        if token.low in _SUSPECTS:
            _refuse_at(tokens, index, token)
    refuse_mixtures(tokens, words, called)


_SUSPECTS = frozenset(("distinct", "filter", "tablesample", "(", "pg_internal", "ignore"))


def _refuse_at(tokens: list[Token], index: int, token: Token) -> None:
    after = tokens[index + 1]
    before = tokens[index - 1] if index else token
    if token.text == "(":
        if after.text == "+" and tokens[index + 2].is_op(")"):
            raise unsupported("The outer join sign (+)")
    elif token.is_word("distinct"):
        if before.is_word("select") and after.is_word("on"):
            raise Refused("0A000", "SELECT DISTINCT ON is not supported")
        if before.is_word("is", "not") and after.is_word("from"):
            raise Refused("42601", 'syntax error at or near "distinct"')
    elif token.is_word("filter") and after.is_op("(") and before.is_op(")"):
        raise Refused("42601", 'syntax error at or near "("')
    elif token.is_word("ignore") and after.is_word("nulls"):
        raise unsupported("IGNORE NULLS")
    elif token.is_word("tablesample"):
        raise Refused("42601", 'syntax error at or near "tablesample"')
    elif token.low == "pg_internal" and token.is_name() and after.is_op("."):
        raise Refused("42501", "permission denied for schema pg_internal")
