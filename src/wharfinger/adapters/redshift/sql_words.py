"""What an adapter needs to know of a statement's text: its first word, and whether it may run twice."""

from __future__ import annotations

import re

_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*", re.DOTALL)
_WORD = re.compile(r"[a-z_]+", re.IGNORECASE)
_INTO = re.compile(r"\binto\b", re.IGNORECASE)

_READS = frozenset({"select", "with", "show", "explain", "values", "set"})
_CHANGES_ROWS = frozenset({"insert", "update", "delete", "merge", "copy"})


def first_word(sql: str) -> str:
    """The first keyword of `sql` in lower case, comments and opening brackets skipped; empty when there is none."""
    start = _LEADING.match(sql)
    word = _WORD.match(sql, start.end() if start else 0)
    return word[0].lower() if word else ""


def only_reads(sql: str) -> bool:
    """Whether running `sql` twice does no harm. In doubt it is False: SELECT … INTO creates a table.

    SET counts as reading: its effect ends with the connection.
    """
    return first_word(sql) in _READS and not _INTO.search(sql)


def changes_rows(sql: str) -> bool:
    """Whether the engine reports a count of rows changed by `sql`."""
    return first_word(sql) in _CHANGES_ROWS
