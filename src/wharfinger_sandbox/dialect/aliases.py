"""Lateral column aliases: aliases of a SELECT list that the same list or its WHERE uses again.

Redshift inlines them, the engine refuses them. A column of FROM takes priority over an alias of the same name (Database
Developer Guide, SELECT list), and only the engine knows the columns. So the engine is asked, and each name that is no
column is replaced by the alias's expression. The catalog queries of AWS's driver and of SQLAlchemy's dialect rely on
aliases in WHERE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from wharfinger_sandbox.dialect.lexer import END, NUMBER, OPERATOR, QUOTED, STRING, WORD, Token, lex, render, word_set
from wharfinger_sandbox.dialect.names import literal
from wharfinger_sandbox.dialect.values import Translation

UNDEFINED_COLUMN = "42703"
MOST_BYTES = 1_000_000
"""Aliases of aliases can double a text with each step; a text beyond this size is not inlined further."""

_NAMED = re.compile(r"""\bas\s+("[^"]+"|[a-z_]\w*)|[\w)"']\s+([a-z_]\w*)\s*(?:,|\bfrom\b)""", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_TYPES = word_set(
    "int int2 int4 int8 integer bigint smallint varchar text char character date timestamp timestamptz time numeric"
    " decimal float float4 float8 real double boolean bool super varbyte end desc asc null then else as select"
)
_LIST_ENDS = word_set(
    "from where group having order limit offset union except intersect minus qualify window fetch for into"
)
_NOT_ALIAS = word_set("null true false end asc desc over current_date current_user user session_user distinct all")
_NO_VALUE = word_set("and or not is in like ilike between then else when case from as similar to escape")


@dataclass(frozen=True)
class _Item:
    """One item of a SELECT list: the range of its tokens without the alias, and the alias, None without one."""

    start: int
    end: int
    alias: str | None


def may_use_aliases(query: str) -> bool:
    """Whether the text may use an alias again: a fast check that has false positives but no false negatives."""
    named = {(quoted or plain).strip('"').lower() for quoted, plain in _NAMED.findall(query)} - _TYPES
    if not named:
        return False
    seen: set[str] = set()
    for word in _WORD.findall(query.lower()):
        if word in named and word in seen:
            return True
        seen.add(word)
    return any(" " in name for name in named)


def query_of(translation: Translation) -> str | None:
    """The query of `translation` that may use an alias again, None when there is none."""
    query = translation.query or translation.sql
    has_query = translation.kind in ("select", "dml") or translation.query is not None
    return query if has_query and "select" in query.lower() and may_use_aliases(query) else None


def with_query(translation: Translation, query: str) -> Translation:
    """`translation` with its query replaced by `query`."""
    old = translation.query
    if old is None:
        return replace(translation, sql=query)
    if translation.sql.endswith(old):
        return replace(translation, sql=translation.sql[: -len(old)] + query, query=query)
    return replace(translation, sql=translation.sql.replace(_escaped(old), _escaped(query), 1), query=query)


def _escaped(text: str) -> str:
    """`text` as it is written inside a literal."""
    quoted = literal(text)
    return quoted[quoted.index("'") + 1 : -1]


def inlined(query: str, position: int) -> str | None:
    """`query` with the name at `position` (characters, from 1) replaced by the expression of the alias it names.

    None when the name is no alias, or the text would exceed MOST_BYTES.
    """
    tokens = lex(query)
    place = next((index for index, token in enumerate(tokens) if token.start == position - 1), None)
    if place is None or not _is_bare_name(tokens, place):
        return None
    block = _select_before(tokens, place)
    if block is None:
        return None
    expression = _expression(tokens, block, place)
    if expression is None or len(query) + len(expression) > MOST_BYTES:
        return None
    token = tokens[place]
    return f"{query[: token.start]}({expression}){query[token.start + len(token.text) :]}"


def _is_bare_name(tokens: list[Token], place: int) -> bool:
    if not tokens[place].is_name() or tokens[place + 1].is_op("."):
        return False
    return not (tokens[place + 1].is_op("(") or (place > 0 and tokens[place - 1].is_op(".")))


def _select_before(tokens: list[Token], place: int) -> int | None:
    """The index of the SELECT whose query block contains `place`, None without one."""
    depth = 0
    for index in range(place - 1, -1, -1):
        token = tokens[index]
        if token.kind == OPERATOR and token.text in ")]":
            depth += 1
        elif token.kind == OPERATOR and token.text in "([":
            depth = max(0, depth - 1)
        elif depth == 0 and token.is_word("select"):
            return index
    return None


def _expression(tokens: list[Token], block: int, place: int) -> str | None:
    """The expression of the alias that the name at `place` refers to, None when there is none."""
    items, end = _items(tokens, block)
    own = next((number for number, item in enumerate(items) if item.start <= place < item.end), None)
    if own is None and not _is_in_where(tokens, end, place):
        return None
    for item in items[:own]:
        if item.alias == tokens[place].low:
            return render(tokens[item.start : item.end]).strip()
    return None


def _items(tokens: list[Token], block: int) -> tuple[list[_Item], int]:
    """The items of the SELECT list after `block`, and the index at which the list ends."""
    index = block + 1
    while tokens[index].is_word("all", "distinct"):
        index += 1
    items: list[_Item] = []
    start, depth = index, 0
    while True:
        token = tokens[index]
        if token.kind == OPERATOR and token.text in "([":
            depth += 1
        elif token.kind == OPERATOR and token.text in ")]":
            depth -= 1
        ended = depth < 0 or token.kind == END or (depth == 0 and (token.is_word(*_LIST_ENDS) or token.is_op(";")))
        if ended or (depth == 0 and token.is_op(",")):
            items.append(_item(tokens, start, index))
            start = index + 1
        if ended:
            return items, index
        index += 1


def _item(tokens: list[Token], start: int, end: int) -> _Item:
    if end - start > 2 and tokens[end - 1].is_name() and tokens[end - 2].is_word("as"):
        return _Item(start, end - 2, tokens[end - 1].low)
    if end - start > 1 and _is_alias(tokens[end - 1]) and _ends_value(tokens[end - 2]):
        return _Item(start, end - 1, tokens[end - 1].low)
    return _Item(start, end, None)


def _is_alias(token: Token) -> bool:
    return token.is_name() and not (token.kind == WORD and token.low in _NOT_ALIAS)


def _ends_value(token: Token) -> bool:
    if token.kind == WORD:
        return token.low not in _NO_VALUE
    return token.kind in (STRING, NUMBER, QUOTED, "parameter") or token.is_op(")") or token.is_op("]")


def _is_in_where(tokens: list[Token], end: int, place: int) -> bool:
    """Whether `place` is in the WHERE of the query block whose SELECT list ends at `end`."""
    depth, clause = 0, ""
    for token in tokens[end : place + 1]:
        if token.kind == OPERATOR and token.text in "([":
            depth += 1
        elif token.kind == OPERATOR and token.text in ")]":
            depth -= 1
        elif depth == 0 and token.is_word(*_LIST_ENDS):
            clause = token.low
    return clause == "where"
