"""Walks over tokens for the grammar of DDL and DCL."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import END, NUMBER, STRING, Token, closing, lex, render, string_value
from wharfinger_sandbox.dialect.names import name_of, user_name_of
from wharfinger_sandbox.dialect.values import Context, Refused, unsupported

Name = tuple[str, ...]
"""A dotted name: one part, `schema.name`, or `database.schema.name`."""


class Cursor:
    """A place in a statement's tokens."""

    def __init__(self, sql: str, context: Context) -> None:
        self.sql = sql
        self.context = context
        self.tokens = lex(sql)
        while len(self.tokens) > 1 and self.tokens[-2].is_op(";"):
            del self.tokens[-2]
        self.index = 0

    @property
    def token(self) -> Token:
        """The token here."""
        return self.tokens[self.index]

    def peek(self, ahead: int = 1) -> Token:
        """A later token; the END beyond the end."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        """The token here; the cursor moves on."""
        token = self.token
        if token.kind != END:
            self.index += 1
        return token

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.token.kind == END

    def at(self, *words: str) -> bool:
        """Whether exactly these words follow."""
        return all(self.peek(offset).is_word(word) for offset, word in enumerate(words))

    def take(self, *words: str) -> bool:
        """Step over these words when they follow, in this order."""
        if not self.at(*words):
            return False
        self.index += len(words)
        return True

    def take_any(self, *words: str) -> str:
        """Step over one of these words; which it was, or ''."""
        return self.next().low if self.token.is_word(*words) else ""

    def take_op(self, operator: str) -> bool:
        """Step over an operator when it follows."""
        if not self.token.is_op(operator):
            return False
        self.index += 1
        return True

    def need(self, *words: str) -> None:
        """Step over these words; a syntax error when something else follows."""
        for word in words:
            if not self.take(word):
                raise self.syntax_error()

    def need_op(self, operator: str) -> None:
        """Step over an operator; a syntax error when something else follows."""
        if not self.take_op(operator):
            raise self.syntax_error()

    def need_end(self) -> None:
        """A syntax error unless nothing is left."""
        if not self.at_end():
            raise self.syntax_error()

    def syntax_error(self) -> Refused:
        """The engine's words for what stands here."""
        if self.at_end():
            return Refused("42601", "syntax error at end of input")
        return Refused("42601", f'syntax error at or near "{self.token.text}"')

    def name(self) -> str:
        """One name."""
        if not self.token.is_name():
            raise self.syntax_error()
        return name_of(self.next(), case_sensitive=self.context.case_sensitive)

    def user(self) -> str:
        """The name of a user."""
        if not self.token.is_name():
            raise self.syntax_error()
        return user_name_of(self.next())

    def dotted(self) -> Name:
        """A name of up to three parts."""
        parts = [self.name()]
        while self.take_op("."):
            parts.append(self.name())
        if len(parts) > 3:
            raise Refused("42601", f"improper qualified name (too many dotted names): {'.'.join(parts)}")
        return tuple(parts)

    def schema(self) -> str:
        """The name of a schema of this database, which may be named before it."""
        name = self.dotted()
        if len(name) > 2:
            raise self.syntax_error()
        if len(name) == 2 and name[0] != self.context.database:
            raise unsupported(f'A statement about the other database "{name[0]}"')
        return name[-1]

    def schemas(self) -> list[str]:
        """Names of schemas parted by commas."""
        found = [self.schema()]
        while self.take_op(","):
            found.append(self.schema())
        return found

    def names(self) -> list[str]:
        """Names parted by commas."""
        found = [self.name()]
        while self.take_op(","):
            found.append(self.name())
        return found

    def users(self) -> list[str]:
        """User names parted by commas."""
        found = [self.user()]
        while self.take_op(","):
            found.append(self.user())
        return found

    def dotted_names(self) -> list[Name]:
        """Dotted names parted by commas."""
        found = [self.dotted()]
        while self.take_op(","):
            found.append(self.dotted())
        return found

    def name_list(self) -> list[str]:
        """Names in parentheses."""
        self.need_op("(")
        found = self.names()
        self.need_op(")")
        return found

    def string(self) -> str:
        """The text of a string literal."""
        if self.token.kind != STRING:
            raise self.syntax_error()
        return string_value(self.next())

    def number(self) -> int:
        """A whole number, perhaps with a sign."""
        sign = -1 if self.take_op("-") else 1
        if self.token.kind != NUMBER or not self.token.text.isdigit():
            raise self.syntax_error()
        return sign * int(self.next().text)

    def brackets(self) -> list[Token]:
        """The tokens inside the parentheses here; the cursor moves behind them."""
        if not self.token.is_op("("):
            raise self.syntax_error()
        close = closing(self.tokens, self.index)
        inside = self.tokens[self.index + 1 : close]
        self.index = close
        self.need_op(")")
        return inside

    def rest(self) -> str:
        """The text from here to the end; the cursor moves there."""
        text = render(self.tokens[self.index :])
        self.index = len(self.tokens) - 1
        return text.strip()
