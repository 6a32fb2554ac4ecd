"""Removes the values of tables from messages of the engine; words and names stay.

Redshift repeats values in messages (`invalid input syntax for integer: "…"`, `Value '…', Pos 0`), and its DETAIL block
may show whole rows. Neither is escaped: a quote or a line break inside a value looks like its end. So quoted text
counts as a value unless a word such as `relation` precedes it, and after a value only a few known endings are kept.
"""

from __future__ import annotations

import re

_SEVERITY = re.compile(r"\s*(?:(?:ERROR|FATAL|PANIC):\s*)?", re.IGNORECASE)
_MARK = re.compile(r"[\"\n]|(?<!\w)'")
_BEFORE_A_NAME = re.compile(
    r"(?:\A|[^\w-])(?:relation|table|view|schema|database|user|group|role|column|function|procedure|parameter|constraint"
    r"|cursor|language|type|operator|attribute|datashare|library|index|limit|(?P<near>near))\s*\Z",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"(?:permission denied (?:for|to)|must be owner of) ", re.IGNORECASE)
"""Messages that end in a name without quotes."""

_KINDS = r"table|view|materialized view|index|sequence|system catalog|composite type|external table|procedure"
_IS_A = re.compile(rf'"(?:[^"]|"")*" is (?:not )?(?:an? )?(?:{_KINDS})s?\Z')
_PLAIN = re.compile(r"[a-z_][\w$]*|[^\w\s'\"]{1,3}|end of input", re.IGNORECASE)
_NAME_CHARACTERS = 128

_TYPES = (
    r"(?:smallint|integer|bigint|int[248]|numeric|decimal|real|double precision|float[48]?|boolean|date|time|timetz"
    r"|timestamp|timestamptz|interval|char|varchar|character varying|super)"
)
_ENDING = re.compile(rf"(?: is)? out of range(?: for type {_TYPES})?|, Pos \d+, Type: {_TYPES}", re.IGNORECASE)
"""Text after a value that cannot be a part of the value."""


def without_values(text: str) -> str:
    """The engine's message in one line, without severity, position, details and values."""
    start = _SEVERITY.match(text)
    message = text[start.end() if start else 0 :].rstrip()
    first = message.partition("\n")[0].rstrip()
    if _RIGHTS.match(first) or _IS_A.match(first):
        return first
    return " ".join("".join(_parts(message)).split()) or "no reason given"


def _parts(message: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while mark := _MARK.search(message, position):
        parts.append(message[position : mark.start()])
        if mark[0] == "\n":
            return parts
        name = _name_at(message, mark.start())
        if name is None:
            return [*parts, "…", _ending(message, mark[0])]
        parts.append(name)
        position = mark.start() + len(name)
    return [*parts, message[position:]]


def _name_at(message: str, start: int) -> str | None:
    """The quoted name that begins at `start`, None when it counts as a value."""
    before = _BEFORE_A_NAME.search(message, max(0, start - 40), start)
    quote = message[start]
    quoted = re.compile(rf"{quote}(.{{0,{_NAME_CHARACTERS}}}?){quote}(?!\w)", re.DOTALL).match(message, start)
    if before is None or quoted is None:
        return None
    # `near` repeats any part of the statement, literals too.
    return quoted[0] if before["near"] is None or _PLAIN.fullmatch(quoted[1]) else None


def _ending(message: str, quote: str) -> str:
    ending = message.partition("\n")[0].rpartition(quote)[2]
    return ending if _ENDING.fullmatch(ending) else ""
