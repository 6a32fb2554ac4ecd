"""CREATE FUNCTION and CREATE PROCEDURE; the Redshift statements in the body are translated one by one."""

from __future__ import annotations

from collections.abc import Callable

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import END, STRING, Token, lex, render, string_value, word_set
from wharfinger_sandbox.dialect.names import literal
from wharfinger_sandbox.dialect.queries import rewrite_tokens
from wharfinger_sandbox.dialect.values import Context, Translation, unsupported

Translate = Callable[[str, Context], Translation]
"""Translates a single statement."""

_GRAMMAR = word_set(
    "create alter drop grant revoke comment analyze vacuum refresh set reset lock truncate insert update delete merge"
    " copy unload"
)
"""First words of statements that must be translated; PL/pgSQL's own statements must not."""
_OPENERS = ("begin", "then", "else", "loop")


def create_routine(cursor: Cursor, translate: Translate) -> Translation:
    """CREATE [OR REPLACE] FUNCTION in SQL | PROCEDURE in PL/pgSQL; `cursor` is after CREATE.

    Statements that EXECUTE builds at run time are not translated. Raises Refused.
    """
    words = {token.low for token in cursor.tokens}
    if "plpythonu" in words:
        raise unsupported("A function in Python")
    if "lambda" in words or cursor.at("external"):
        raise unsupported("A Lambda function")
    tokens = [token for token in cursor.tokens if not token.is_word("nonatomic")]
    place = next((n for n, token in enumerate(tokens) if token.kind == STRING and tokens[n - 1].is_word("as")), None)
    if place is not None:
        # `rewrite_tokens` does not change literals, so the body is translated before.
        tokens[place].text = literal(_body(string_value(tokens[place]), cursor.context, translate))
    text = rewrite_tokens(tokens, cursor.context)
    what = "PROCEDURE" if "procedure" in words else "FUNCTION"
    return Translation(text, tag=f"CREATE {what}", kind="ddl")


_END = Token(END, "", "", "", -1)


def _body(text: str, context: Context, translate: Translate) -> str:
    parts: list[str] = []
    piece: list[Token] = []
    for token in lex(text):
        if token.is_op(";") or token.kind == END:
            parts += [_piece(part, context, translate) for part in _split_at_openers(piece)]
            parts.append(render([token]))
            piece = []
        else:
            piece.append(token)
    return "".join(parts)


def _split_at_openers(tokens: list[Token]) -> list[list[Token]]:
    """The tokens before a semicolon, split at words that a statement may follow: `IF a | THEN | DROP TABLE b`."""
    parts: list[list[Token]] = [[]]
    cases = brackets = 0
    for token in tokens:
        cases += token.is_word("case") - (cases > 0 and token.is_word("end"))
        brackets += token.is_op("(") - token.is_op(")")
        if token.is_word(*_OPENERS) and not cases and not brackets:
            parts += [[token], []]
        else:
            parts[-1].append(token)
    return parts


def _piece(tokens: list[Token], context: Context, translate: Translate) -> str:
    if not tokens:
        return ""
    if tokens[0].low in _GRAMMAR and tokens[0].kind != STRING and not (len(tokens) > 1 and tokens[1].text[0] in ":="):
        return tokens[0].gap + translate(render(tokens).strip(), context).sql
    return rewrite_tokens([*tokens, _END], context)
