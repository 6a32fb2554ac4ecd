"""Splits a statement into tokens that keep the white space before them, so that unchanged tokens render as written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wharfinger_sandbox.dialect.values import Refused

WORD, QUOTED, STRING, NUMBER, PARAMETER, OPERATOR, END = "word", "quoted", "string", "number", "parameter", "op", "end"
REWRITTEN = "rewritten"

# Ordered by frequency. The ends of block comments and dollar quotes are found by separate functions.
_TOKEN = re.compile(
    r"""
    \s*(?:
    (?P<string>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z))
    |(?P<word>[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*)
    |(?P<comment>--[^\n]*(?:\n|\Z) | /\*)
    |(?P<parameter>\$\d+ | :[A-Za-z_]\w*)
    |(?P<dollar>\$(?:[A-Za-z_]\w*)?\$)
    |(?P<op>::|<>|<=|>=|!=|\|\||:=|[^\w\s'"])
    |(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)
    |(?P<quoted>"(?:[^"]|"")*(?:"|\Z))
    |(?P<end>\Z)
    |(?P<other>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPED = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))|''", re.DOTALL)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(slots=True)
class Token:
    """One token.

    `text` is the token as written; `low` is a word in lower case, a quoted name without quotes, otherwise `text`;
    `gap` is the white space and comments before it; `start` is its position in the statement.
    """

    kind: str
    text: str
    low: str
    gap: str
    start: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of `words` (lower case), unquoted."""
        return self.kind == WORD and self.low in words

    def is_op(self, operator: str) -> bool:
        """Whether this is the operator or bracket `operator`."""
        return self.kind == OPERATOR and self.text == operator

    def is_name(self) -> bool:
        """Whether this can be a name or a part of one."""
        return self.kind in (WORD, QUOTED)


def _comment_end(sql: str, start: int) -> int:
    """The position after a block comment; block comments nest."""
    depth, position = 0, start
    while position < len(sql):
        if sql.startswith("/*", position):
            depth, position = depth + 1, position + 2
        elif sql.startswith("*/", position):
            depth, position = depth - 1, position + 2
            if depth == 0:
                return position
        else:
            position += 1
    return position


def word_set(text: str) -> frozenset[str]:
    """The words of `text` as a set."""
    return frozenset(text.split())


def lex(sql: str) -> list[Token]:
    """The tokens of `sql`; the last one is an END with the trailing white space.

    An unterminated quote extends to the end of the text; the engine reports it.
    """
    tokens: list[Token] = []
    match_at = _TOKEN.match
    gap_start = position = 0
    while True:
        match = match_at(sql, position)
        if match is None or match.lastgroup is None:
            raise AssertionError("every character is part of a token")
        kind = match.lastgroup
        text = match[kind]
        position = match.end()
        start = position - len(text)
        if kind == "comment":
            if text == "/*":
                position = _comment_end(sql, start)
            continue
        low = text
        if kind == WORD:
            low = text.lower()
        elif kind == QUOTED:
            low = text[1:-1].replace('""', '"')
        elif kind == "dollar":
            position = _dollar_end(sql, start, text)
            kind, text = STRING, sql[start:position]
        elif kind == "other":
            kind = OPERATOR
        tokens.append(Token(kind, text, low, sql[gap_start:start], start))
        if kind == END:
            return tokens
        gap_start = position


def _dollar_end(sql: str, start: int, tag: str) -> int:
    closing_tag = sql.find(tag, start + len(tag))
    return len(sql) if closing_tag < 0 else closing_tag + len(tag)


def render(tokens: list[Token]) -> str:
    """The text of `tokens` with their gaps."""
    return "".join([token.gap + token.text for token in tokens])


def rewritten(text: str, gap: str = "") -> Token:
    """A token with the engine's text, which later rewrites do not change."""
    return Token(REWRITTEN, text, text, gap, -1)


def closing(tokens: list[Token], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`; that of the END when it is missing."""
    depth = 0
    for index in range(opening, len(tokens)):
        token = tokens[index]
        if token.kind == OPERATOR:
            if token.text in "([":
                depth += 1
            elif token.text in ")]":
                depth -= 1
                if depth == 0:
                    return index
    return len(tokens) - 1


def arguments(tokens: list[Token], opening: int, close: int) -> list[list[Token]]:
    """The comma-separated arguments between two brackets; an empty list for `()`."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens[opening + 1 : close]:
        if token.kind == OPERATOR and token.text in "([":
            depth += 1
        elif token.kind == OPERATOR and token.text in ")]":
            depth -= 1
        if depth == 0 and token.is_op(","):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [] if pieces == [[]] else pieces


def string_value(token: Token) -> str:
    """The value of a '…', E'…' or $$…$$ literal. Raises Refused for a NUL, which a text cannot contain."""
    if token.text.startswith("$"):
        tag = token.text.index("$", 1) + 1
        return token.text[tag:-tag]
    text = token.text[token.text.index("'") + 1 : -1]
    if token.text[0] not in "eE":
        return text.replace("''", "'")
    return _ESCAPED.sub(_unescaped, text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    octal, hexadecimal, letter = escape.groups()
    if octal or hexadecimal:
        byte = int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)
        if byte == 0:
            raise Refused("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
        # A byte of a multi-byte character, in the form that `surrogateescape` encodes as this byte.
        return chr(byte if byte < 0x80 else 0xDC00 + byte)
    return _LETTERS.get(letter, letter) if letter else "'"
