"""Named parameters: `:name` becomes a bound value, so that only values can be given (redshift-facts §1.5)."""

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
    """`sql` with `$1`, `$2` … for the parameters it names, their values in that order, and the names it used.

    Each mention is bound apart, since the engine may want another type for each. A `:name` that is not given stays,
    and the engine complains about it. Text in quotes and comments is left alone.
    """
    pieces: list[str] = []
    values: list[str] = []
    used: set[str] = set()
    position = 0
    for start, end, name in _mentions(sql):
        if name in parameters:
            values.append(parameters[name])
            used.add(name)
            pieces += [sql[position:start], f"${len(values)}"]
            position = end
    return "".join([*pieces, sql[position:]]), values, used


def _mentions(sql: str) -> Iterator[tuple[int, int, str]]:
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
