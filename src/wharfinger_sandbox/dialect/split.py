"""Cuts a text into statements."""

from __future__ import annotations

from wharfinger_sandbox.dialect.lexer import END, lex


def split(sql: str) -> list[str]:
    """The statements of `sql`, cut at top-level semicolons; comments, quotes and dollar quotes are known.

    Statements come without their semicolon and outer white space; what holds nothing but comments is left out.
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
