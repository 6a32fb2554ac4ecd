"""Finds the relations of a query from its tokens, without parsing the query."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import END, OPERATOR, WORD, Token, closing, word_set

_ENDS = word_set(
    "where group order having limit offset union except intersect minus qualify window fetch for set when values"
    " select returning"
)
_OWN_FROM = word_set("extract trim substring overlay position btrim ltrim rtrim")
_AFTER_JOIN = ("lateral", "only")

Name = tuple[str, ...]


def common_table_names(tokens: list[Token]) -> set[str]:
    """The names of common table expressions (WITH)."""
    found = set()
    for index, token in enumerate(tokens):
        if not token.is_name() or index == 0:
            continue
        before = tokens[index - 1]
        if not (before.is_word("with", "recursive") or before.is_op(",")):
            continue
        after = index + 1
        if tokens[after].is_op("("):
            after = closing(tokens, after) + 1
        if after + 1 < len(tokens) and tokens[after].is_word("as") and tokens[after + 1].is_op("("):
            found.add(token.low)
    return found


def relations(tokens: list[Token]) -> list[Name]:
    """The dotted names of the relations that the statement reads or writes, once for each occurrence.

    Common table expressions are left out.
    """
    walk = _RelationFinder(tokens)
    walk.run()
    common = common_table_names(tokens) if tokens[0].is_word("with") or "with" in walk.words else set()
    return [name for name in walk.found if not (len(name) == 1 and name[0] in common)]


class _RelationFinder:
    """Tracks for each open bracket whether the position is in a FROM clause and whether a relation must follow."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.found: list[Name] = []
        self.words: set[str] = set()
        # For each bracket: in FROM, a relation must follow, FROM begins a FROM clause (not as in `extract(… from …)`).
        self.frames: list[list[bool]] = [[False, False, True]]

    def run(self) -> None:
        index = 0
        while self.tokens[index].kind != END:
            index = self._step(index)

    def _step(self, index: int) -> int:
        token = self.tokens[index]
        frame = self.frames[-1]
        if token.kind == OPERATOR:
            self._operator(token, index)
            return index + 1
        if frame[1] and token.is_name() and not token.is_word("select", "with", "values", *_AFTER_JOIN):
            return self._relation(index)
        if token.kind == WORD:
            self._word(token, index)
        return index + 1

    def _operator(self, token: Token, index: int) -> None:
        frame = self.frames[-1]
        if token.text in "([":
            usual = not (index and self.tokens[index - 1].is_word(*_OWN_FROM))
            self.frames.append([frame[1], frame[1], usual])
            frame[1] = False
        elif token.text in ")]" and len(self.frames) > 1:
            self.frames.pop()
        elif token.text == ",":
            frame[1] = frame[0]

    def _word(self, token: Token, index: int) -> None:
        frame = self.frames[-1]
        self.words.add(token.low)
        if token.low == "from":
            distinct = (
                index > 1 and self.tokens[index - 1].is_word("distinct") and self.tokens[index - 2].is_word("is", "not")
            )
            if frame[2] and not distinct:
                frame[0] = frame[1] = True
        elif token.low in ("join", "into", "using") or (token.low == "update" and index == 0):
            frame[1] = not (token.low == "using" and self.tokens[index + 1].is_op("("))
        elif token.low in _ENDS:
            frame[0] = frame[1] = False

    def _relation(self, index: int) -> int:
        written = index > 0 and self.tokens[index - 1].is_word("into")
        parts = [self.tokens[index].low]
        index += 1
        while self.tokens[index].is_op(".") and self.tokens[index + 1].is_name():
            parts.append(self.tokens[index + 1].low)
            index += 2
        self.frames[-1][1] = False
        if written or not self.tokens[index].is_op("("):
            self.found.append(tuple(parts))
        return index
