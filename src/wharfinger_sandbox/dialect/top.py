"""SELECT TOP n, rewritten as LIMIT."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import END, OPERATOR, WORD, Token, rewritten


def without_top(tokens: list[Token]) -> list[Token]:
    """The tokens with `SELECT TOP n …` as `SELECT … LIMIT n`."""
    result = list(tokens)
    for index in range(len(result) - 1, 0, -1):
        if not (result[index].is_word("top") and _opens_select(result, index)):
            continue
        count = result[index + 1]
        if count.kind not in ("number", "parameter"):
            continue
        end, inner = _select_end(result, index)
        inner = inner or (index > 1 and result[index - 2].is_word("union", "except", "intersect", "minus", "all"))
        limit = rewritten(f" limit {count.text}" + (")" if inner else ""))
        result.insert(end, limit)
        del result[index : index + 2]
        if inner:
            start = index - 1
            result[start] = Token(WORD, "(" + result[start].text, result[start].low, result[start].gap, -1)
    return result


def _opens_select(tokens: list[Token], index: int) -> bool:
    return tokens[index - 1].is_word("select")


def _select_end(tokens: list[Token], index: int) -> tuple[int, bool]:
    """The index at which the SELECT around `index` ends, and whether it needs brackets because of a set operation."""
    depth = 0
    for place in range(index, len(tokens)):
        token = tokens[place]
        if token.kind == OPERATOR and token.text in "([":
            depth += 1
        elif token.kind == OPERATOR and token.text in ")]":
            if depth == 0:
                return place, False
            depth -= 1
        elif depth == 0 and token.is_word("union", "except", "intersect", "minus"):
            return place, True
        elif depth == 0 and (token.kind == END or token.is_op(";")):
            return place, False
    return len(tokens) - 1, False
