"""Splits a text into statements."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import END, lex


def split(sql: str) -> list[str]:
    """The statements of `sql`, split at semicolons outside of comments, quotes and dollar quotes.

    They are returned without the semicolon and surrounding white space; empty statements are left out.
    """
    whole = sql.strip()
    if ";" not in whole[:-1] and "--" not in whole and "/*" not in whole:
        whole = whole.removesuffix(";").rstrip()
        return [whole] if whole else []
    statements: list[str] = []
    start, filled = 0, False
    for token in lex(sql):
        if token.is_op(";") or token.kind == END:
            if filled:
                statements.append(sql[start : token.start].strip())
            start, filled = token.start + 1, False
        else:
            filled = True
    return statements
