"""Named parameters: each `:name` becomes a bound value (redshift-facts §1.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | --[^\n]*
    | (?P<comment>/\*)
    | (?P<tag>\$(?:[A-Za-z_\x80-\uffff][\w]*)?\$)
    | ::
    | :(?P<name>[0-9a-zA-Z_]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")


def bind(sql: str, parameters: dict[str, str]) -> tuple[str, list[str], set[str]]:
    """`sql` with `$1`, `$2` … in place of its parameters, the values in that order, and the set of names used.

    Each occurrence is bound separately, since the engine may infer another type for each. A `:name` without a value
    stays, and the engine reports it as an error. Quoted text and comments are not changed.
    """
    pieces: list[str] = []
    values: list[str] = []
    used: set[str] = set()
    position = 0
    for start, end, name in _occurrences(sql):
        if name in parameters:
            values.append(parameters[name])
            used.add(name)
            pieces += [sql[position:start], f"${len(values)}"]
            position = end
    return "".join([*pieces, sql[position:]]), values, used


def _occurrences(sql: str) -> Iterator[tuple[int, int, str]]:
    position = 0
    while found := _TOKEN.search(sql, position):
        position = found.end()
        if found["name"]:
            yield found.start(), found.end(), found["name"]
        elif found["comment"]:
            position = _end_of_comment(sql, position)
        elif found["tag"]:
            closing = sql.find(found["tag"], position)
            position = len(sql) if closing < 0 else closing + len(found["tag"])


def _end_of_comment(sql: str, position: int) -> int:
    depth = 1
    while depth and (mark := _COMMENT_MARK.search(sql, position)):
        depth += 1 if mark.group() == "/*" else -1
        position = mark.end()
    return position if not depth else len(sql)
