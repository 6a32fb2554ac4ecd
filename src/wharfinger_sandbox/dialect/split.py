"""Cuts a text into statements."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|\$(\w*)\$.*?(?:\$\1\$|\Z)|;|[^;'\"$/-]+|.",
    re.DOTALL,
)


def split(sql: str) -> list[str]:
    """The statements of `sql`, cut at top-level semicolons; comments, quotes and dollar quotes are known.

    Statements come without their semicolon and outer white space; empty ones are left out.
    """
    statements: list[str] = []
    current: list[str] = []
    for match in _PIECE.finditer(sql):
        if match.group() == ";":
            statements.append("".join(current).strip())
            current.clear()
        else:
            current.append(match.group())
    statements.append("".join(current).strip())
    return [statement for statement in statements if statement]
