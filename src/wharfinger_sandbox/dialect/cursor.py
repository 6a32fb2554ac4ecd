"""The parser's cursor over the tokens of DDL and DCL statements."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import END, NUMBER, STRING, Token, closing, lex, render, string_value
from wharfinger_sandbox.dialect.names import name_of, user_name_of
from wharfinger_sandbox.dialect.values import Context, Refused, unsupported

Name = tuple[str, ...]
"""A dotted name: one part, `schema.name`, or `database.schema.name`."""


class Cursor:
    """A position in the tokens of `sql`.

    Methods that read a grammar element move the cursor behind it and raise Refused with a syntax error when the
    element is not there.
    """

    def __init__(self, sql: str, context: Context) -> None:
        self.sql = sql
        self.context = context
        self.tokens = lex(sql)
        while len(self.tokens) > 1 and self.tokens[-2].is_op(";"):
            del self.tokens[-2]
        self.index = 0

    @property
    def token(self) -> Token:
        """The token at the cursor."""
        return self.tokens[self.index]

    def peek(self, ahead: int = 1) -> Token:
        """The token `ahead` positions later, at most the END token."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        """The token at the cursor; the cursor moves behind it."""
        token = self.token
        if token.kind != END:
            self.index += 1
        return token

    def at_end(self) -> bool:
        """Whether no token is left."""
        return self.token.kind == END

    def at(self, *words: str) -> bool:
        """Whether the next tokens are these words."""
        return all(self.peek(offset).is_word(word) for offset, word in enumerate(words))

    def take(self, *words: str) -> bool:
        """Skip these words if they are next; returns whether they were."""
        if not self.at(*words):
            return False
        self.index += len(words)
        return True

    def take_any(self, *words: str) -> str:
        """Skip the next token if it is one of these words; returns the word, else ''."""
        return self.next().low if self.token.is_word(*words) else ""

    def take_op(self, operator: str) -> bool:
        """Skip an operator if it is next; returns whether it was."""
        if not self.token.is_op(operator):
            return False
        self.index += 1
        return True

    def need(self, *words: str) -> None:
        """Skip these words. Raises Refused when they are not next."""
        for word in words:
            if not self.take(word):
                raise self.syntax_error()

    def need_op(self, operator: str) -> None:
        """Skip an operator. Raises Refused when it is not next."""
        if not self.take_op(operator):
            raise self.syntax_error()

    def need_end(self) -> None:
        """Raise Refused when a token is left."""
        if not self.at_end():
            raise self.syntax_error()

    def syntax_error(self) -> Refused:
        """The engine's syntax error for the token at the cursor."""
        if self.at_end():
            return Refused("42601", "syntax error at end of input")
        return Refused("42601", f'syntax error at or near "{self.token.text}"')

    def name(self) -> str:
        """A name, folded."""
        if not self.token.is_name():
            raise self.syntax_error()
        return name_of(self.next(), case_sensitive=self.context.case_sensitive)

    def user(self) -> str:
        """A user's name."""
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
        """The name of a schema, optionally after the name of the current database."""
        name = self.dotted()
        if len(name) > 2:
            raise self.syntax_error()
        if len(name) == 2 and name[0] != self.context.database:
            raise unsupported(f'A statement about the other database "{name[0]}"')
        return name[-1]

    def schemas(self) -> list[str]:
        """Names of schemas, separated by commas."""
        found = [self.schema()]
        while self.take_op(","):
            found.append(self.schema())
        return found

    def names(self) -> list[str]:
        """Names, separated by commas."""
        found = [self.name()]
        while self.take_op(","):
            found.append(self.name())
        return found

    def users(self) -> list[str]:
        """User names, separated by commas."""
        found = [self.user()]
        while self.take_op(","):
            found.append(self.user())
        return found

    def dotted_names(self) -> list[Name]:
        """Dotted names, separated by commas."""
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
        """An integer with an optional minus sign."""
        sign = -1 if self.take_op("-") else 1
        if self.token.kind != NUMBER or not self.token.text.isdigit():
            raise self.syntax_error()
        return sign * int(self.next().text)

    def brackets(self) -> list[Token]:
        """The tokens inside parentheses; the cursor moves behind them."""
        if not self.token.is_op("("):
            raise self.syntax_error()
        close = closing(self.tokens, self.index)
        inside = self.tokens[self.index + 1 : close]
        self.index = close
        self.need_op(")")
        return inside

    def rest(self) -> str:
        """The remaining text; the cursor moves to the end."""
        text = render(self.tokens[self.index :])
        self.index = len(self.tokens) - 1
        return text.strip()
