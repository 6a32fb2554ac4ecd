"""The little an adapter must know of a statement: how it begins, whether it may be run again, how names are written."""

from __future__ import annotations

import re

_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*", re.DOTALL)
_WORD = re.compile(r"[a-z_]+", re.IGNORECASE)
_INTO = re.compile(r"\binto\b", re.IGNORECASE)

_QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\"((?:[^\"]|\"\")*)\"", re.DOTALL)

KEEP_CASE = "SET enable_case_sensitive_identifier TO true"
"""Without it Redshift folds names to lower case even in double quotes (redshift-facts §4.1)."""

_READS = frozenset({"select", "with", "show", "explain", "values"})
_CHANGES_ROWS = frozenset({"insert", "update", "delete", "merge", "copy"})


def first_word(sql: str) -> str:
    """The first keyword of `sql` in lower case, comments and opening brackets skipped; empty when there is none."""
    start = _LEADING.match(sql)
    word = _WORD.match(sql, start.end() if start else 0)
    return word[0].lower() if word else ""


def only_reads(sql: str) -> bool:
    """Whether running `sql` twice does no harm. Errs on the careful side: SELECT … INTO makes a table."""
    return first_word(sql) in _READS and not _INTO.search(sql)


def changes_rows(sql: str) -> bool:
    """Whether the engine reports a count of rows changed by `sql`."""
    return first_word(sql) in _CHANGES_ROWS


def needs_case(sql: str) -> bool:
    """Whether `sql` names something in double quotes with capitals in it, so that it must not be folded.

    The names of IAM identities keep their case anyway (redshift-facts §4.1).
    """
    names = (match[1] for match in _QUOTED.finditer(sql) if match[1])
    return any(name != name.lower() and not name.startswith(("IAM:", "IAMR:")) for name in names)
