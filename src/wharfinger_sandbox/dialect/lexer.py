"""Cuts a statement into tokens that remember the white space before them: what is not touched stays as it was."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wharfinger_sandbox.dialect.values import Refused

WORD, QUOTED, STRING, NUMBER, PARAMETER, OPERATOR, END = "word", "quoted", "string", "number", "parameter", "op", "end"
REWRITTEN = "rewritten"

# Most frequent first; a piece that begins a comment or a dollar quote is finished by hand.
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
    """`text` as written; `low`: a word in lower case, a quoted name without its quotes, else the text; `gap`: what
    stood before it; `start`: its place in the statement."""

    kind: str
    text: str
    low: str
    gap: str
    start: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of the (lower case) unquoted words."""
        return self.kind == WORD and self.low in words

    def is_op(self, operator: str) -> bool:
        """Whether this is the operator or bracket."""
        return self.kind == OPERATOR and self.text == operator

    def is_name(self) -> bool:
        """Whether this can be (part of) a name."""
        return self.kind in (WORD, QUOTED)


def _comment_end(sql: str, start: int) -> int:
    """Where a block comment ends; they nest."""
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
    """The words of a text, as a set to look things up in."""
    return frozenset(text.split())


def lex(sql: str) -> list[Token]:
    """The tokens of `sql`, the last one an END that carries the closing white space. Never fails: an open quote ends
    with the text, and the engine complains of it."""
    tokens: list[Token] = []
    match_at = _TOKEN.match
    gap_start = position = 0
    while True:
        match = match_at(sql, position)
        if match is None or match.lastgroup is None:
            raise AssertionError("every character makes a token")
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
    """The text of tokens, gaps included."""
    return "".join([token.gap + token.text for token in tokens])


def rewritten(text: str, gap: str = "") -> Token:
    """A token with the engine's text, which later rewrites do not change."""
    return Token(REWRITTEN, text, text, gap, -1)


def closing(tokens: list[Token], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`, or of the END."""
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
    """The comma-separated pieces between two brackets; none for an empty pair."""
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
    """The text that a '…', E'…' or $$…$$ literal stands for. Raises Refused for a byte 0, which no text holds."""
    if token.text.startswith("$"):
        tag = token.text.index("$", 1) + 1
        return token.text[tag:-tag]
    text = token.text[token.text.index("'") + 1 : -1]
    if token.text[0] not in "eE":
        return text.replace("''", "'")
    return _ESCAPED.sub(_meant, text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _meant(escape: re.Match[str]) -> str:
    octal, hexadecimal, letter = escape.groups()
    if octal or hexadecimal:
        byte = int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)
        if byte == 0:
            raise Refused("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
        # A byte of a longer character waits as what `surrogateescape` makes a byte again.
        return chr(byte if byte < 0x80 else 0xDC00 + byte)
    return _LETTERS.get(letter, letter) if letter else "'"
