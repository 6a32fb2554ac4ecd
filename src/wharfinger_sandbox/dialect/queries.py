"""Rewrites queries for the engine, token by token.

sqlglot only handles QUALIFY: its rendering of Redshift changes the meaning of DATEDIFF and LISTAGG (seen with version
30), so it gets the text after the other rewrites.
"""

from __future__ import annotations

from itertools import pairwise

from wharfinger_sandbox.dialect.functions import CALLS, WORDS
from wharfinger_sandbox.dialect.leader_node import LEADER_RELATIONS, with_leader_views
from wharfinger_sandbox.dialect.lexer import NUMBER, QUOTED, STRING, WORD, Token, closing, lex, render, rewritten
from wharfinger_sandbox.dialect.names import checked, fold, ident
from wharfinger_sandbox.dialect.qualify import without_qualify
from wharfinger_sandbox.dialect.query_refusals import refuse_elements
from wharfinger_sandbox.dialect.query_scan import is_plain, words_of
from wharfinger_sandbox.dialect.top import without_top
from wharfinger_sandbox.dialect.values import Context


def rewrite_query(sql: str, context: Context) -> str:
    """The engine's SQL for a query or a statement that contains one. Raises Refused."""
    if is_plain(sql, words_of(sql)):
        return sql
    return rewrite_tokens(lex(sql), context)


def rewrite_tokens(tokens: list[Token], context: Context) -> str:
    """`rewrite_query` for tokens that end with an END."""
    tokens = _separate_numbers([_named(token, context) if token.kind in _NAMES else token for token in tokens])
    words = {token.low for token in tokens if token.kind == WORD}
    refuse_elements(tokens, words)
    if words & (LEADER_RELATIONS.keys() | {"information_schema"}):
        tokens = with_leader_views(tokens)
    tokens = _with_engine_calls(tokens)
    if "top" in words:
        tokens = without_top(tokens)
    text = render(tokens)
    return without_qualify(text) if "qualify" in words else text


_NAMES = (WORD, QUOTED)


def _named(token: Token, context: Context) -> Token:
    """The token with its name folded; quoted names fold only in a session that is not case-sensitive.

    Raises Refused for a name that is too long.
    """
    if token.kind == QUOTED and not context.case_sensitive:
        low = fold(token.low)
        if low != token.low:
            token = Token(QUOTED, ident(low), low, token.gap, token.start)
    checked(token.low)
    return token


def _separate_numbers(tokens: list[Token]) -> list[Token]:
    """The tokens with a space between a number and an adjacent word (`THEN 4WHEN`), which the engine would refuse."""
    for before, token in pairwise(tokens):
        if before.kind == NUMBER and token.kind == WORD and not token.gap:
            token.gap = " "
    return tokens


def _with_engine_calls(tokens: list[Token]) -> list[Token]:
    """The tokens with calls and words in the engine's syntax; works from the end, so inner calls come first."""
    result = list(tokens)
    for index in range(len(tokens) - 1, -1, -1):
        token = result[index]
        if token.low not in _REWRITABLE:
            continue
        if token.kind == WORD and not (index and result[index - 1].is_op(".")):
            _rewrite_word(result, index, token)
        elif token.is_op("::") and index and result[index - 1].kind == STRING and result[index + 1].is_word("super"):
            # In Redshift a literal cast to SUPER is a string; the engine would parse it as JSON.
            before = result[index - 1]
            result[index - 1 : index + 2] = [rewritten(f"{before.text}::text::super", before.gap)]
    return result


_REWRITABLE = frozenset(
    {*CALLS, *WORDS, "pg_get_late_binding_view_cols", "approximate", "minus", "nvarchar", "respect", "::"}
)


def _rewrite_word(result: list[Token], index: int, token: Token) -> None:
    after = result[index + 1]
    if token.low == "minus" and (after.is_word("select", "all") or after.is_op("(")):
        result[index] = rewritten("except", token.gap)
    elif after.is_op("("):
        rewriter = CALLS.get(token.low)
        if rewriter is not None and not (token.low in ("varchar", "nvarchar") and _is_plain_length(result, index)):
            text, end = rewriter(result, index + 1, closing(result, index + 1))
            result[index:end] = [rewritten(text, token.gap)]
        elif token.low == "pg_get_late_binding_view_cols":
            _without_column_types(result, index)
    elif token.low in WORDS:
        result[index] = rewritten(WORDS[token.low], token.gap)
    elif token.low == "approximate" and after.is_word("count", "percentile_disc"):
        # The exact result is within the error of Redshift's approximation (redshift-facts §6.2).
        result[index] = rewritten("", token.gap)
    elif token.low == "nvarchar":
        result[index] = rewritten("varchar", token.gap)
    elif token.low == "respect" and after.is_word("nulls"):
        # RESPECT NULLS is the default of window functions.
        result[index : index + 2] = [rewritten("", token.gap)]


def _is_plain_length(tokens: list[Token], index: int) -> bool:
    return tokens[index].low == "varchar" and not tokens[index + 2].is_word("max")


def _without_column_types(result: list[Token], index: int) -> None:
    """Remove the types in `f() alias(a name, b int)`: the engine's function has types and accepts names only."""
    place = index + 3
    if result[place].is_word("as"):
        place += 1
    if not (result[place].is_name() and result[place + 1].is_op("(")):
        return
    close = closing(result, place + 1)
    kept: list[Token] = []
    first = True
    for token in result[place + 2 : close]:
        if first or token.is_op(","):
            kept.append(token)
        first = token.is_op(",")
    result[place + 2 : close] = kept
