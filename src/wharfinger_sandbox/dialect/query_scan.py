"""A fast scan of a query's text that finds the queries the engine can run unchanged."""

from __future__ import annotations

import re

from wharfinger_sandbox.dialect.functions import CALLS, MISSING, UNSUPPORTED, WORDS
from wharfinger_sandbox.dialect.leader_node import LEADER_ONLY, LEADER_RELATIONS, TABLE_ONLY
from wharfinger_sandbox.dialect.lexer import word_set
from wharfinger_sandbox.dialect.roles import MAX_ENGINE_BYTES

HISTORY = word_set("sys_query_history sys_query_detail sys_query_text stl_query stl_insert stl_delete svl_qlog")
_SYNTAX = word_set(
    "approximate top qualify minus pivot unpivot filter distinct array lateral tablesample super ignore respect"
)

TRIGGERS = frozenset(
    set(CALLS) | set(WORDS) | MISSING | UNSUPPORTED | set(LEADER_RELATIONS) | {"information_schema"} | LEADER_ONLY
    | TABLE_ONLY | _SYNTAX | {"pg_get_late_binding_view_cols", "pg_internal", "pg_authid", "pg_auth_members"}
    - {"varchar"}
)  # fmt: skip
"""Words that may need a rewrite. A query without any of them has the same meaning in the engine."""

_TRIGGER_BYTES = frozenset(word.encode() for word in TRIGGERS)
_HISTORY_BYTES = frozenset(word.encode() for word in HISTORY)
_SEPARATORS = bytes(byte if chr(byte).isalnum() or byte == 95 or byte > 127 else 32 for byte in range(256))
_MAX_LENGTH = re.compile(r"varchar\s*\(\s*max", re.IGNORECASE)
_SIGNS = re.compile(r"\[\s*\]|\(\s*\+\s*\)")
_QUOTED = re.compile(r"""'[^']*'|"([^"]*)"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_LONG_WORD = re.compile(r"[\w$]{16}")


def words_of(sql: str) -> set[bytes]:
    """All words of a text in lower case, also those in comments and literals, as bytes, which is ten times as fast."""
    return set(sql.encode(errors="replace").lower().translate(_SEPARATORS).split())


def reads_history(words: set[bytes]) -> bool:
    """Whether `words` contain a system view of queries."""
    return not words.isdisjoint(_HISTORY_BYTES)


def is_plain(sql: str, words: set[bytes]) -> bool:
    """Whether the engine can run a query unchanged; False when in doubt. `words` are those of `words_of`."""
    if not words.isdisjoint(_TRIGGER_BYTES):
        return False
    if b"max" in words and b"varchar" in words and _MAX_LENGTH.search(sql):
        return False
    if ("[" in sql or "+" in sql) and _SIGNS.search(sql):
        return False
    if any(word[0] <= _NINE and not word.isdigit() for word in words):
        return False
    return _names_are_plain(sql, words)


def _names_are_plain(sql: str, words: set[bytes]) -> bool:
    """Whether all names are folded already and short enough."""
    if len(max(words, key=len, default=b"")) > MAX_ENGINE_BYTES:
        return False
    if not sql.isascii() and _LONG_WORD.search(sql):
        return False
    if '"' not in sql:
        return True
    if "\\" in sql or "$$" in sql or sql.count("/*") > 1:
        return False
    quoted = _QUOTED.findall(sql)
    return len(max(quoted, key=len, default="")) <= MAX_ENGINE_BYTES // 4 and not _CAPITAL.search("".join(quoted))


_CAPITAL = re.compile(r"[A-Z]")
_NINE = ord("9")
