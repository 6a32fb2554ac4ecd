"""Fits texts and tables to the width of a terminal. Pure: in go texts and a width, out come lines.

Lines break between words only. A word that is longer than the line, such as an ARN or a path, and a command or an SQL
statement in a sentence, get a line of their own and are never cut or broken: the terminal wraps them at its edge, and
copying gives them back whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

GAP = 2
"""The blanks between two columns."""

NARROW_LAST = 16
"""The least width of a last column. Its longer words stand in lines of their own, below the other columns."""

NARROW_VALUE = 20
"""The least width beside a label; where there is less, the value is indented below it."""

_COMMAND = re.compile(
    r"(?:(?<=: )|^)(?:(?:GRANT|REVOKE|CREATE|ALTER|DROP|SET|SELECT|grant|revoke|create|alter|drop) (?=\S+ )"
    r'|(?:wharfinger|wharfinger-sandbox|aws|dbt|pip|chmod) )(?:"(?:[^"]|"")*"|\'[^\']*\'|(?!\. [A-Z]).)+'
)
"""A command or an SQL statement: at the start or behind a colon, up to the end of the sentence."""
_WORD = re.compile(r'…and [\d,]+ more|(?:"(?:[^" ]|"")*(?: [^" ]*){0,3}"|`[^`]*`|\S)+')
"""A word, a short text in double quotes (it may be a name with blanks), or the end of `core.counts.some`."""


@dataclass(frozen=True, slots=True)
class Styled:
    """A line of a table's cell, with rich's name of its style."""

    text: str
    style: str = ""


Lines = Sequence[Styled]
"""A cell of a table."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line with one style."""

    text: str
    style: str = ""


def width_of(text: str) -> int:
    """How many columns `text` takes on a terminal: two for each wide character."""
    from rich.cells import cell_len

    return len(text) if text.isascii() else cell_len(text)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """`text` in lines of at most `width` columns, broken between words; `indent` begins each line but the first.

    A word or a command that is longer has a line of its own. A text that fits stays as it is.
    """
    if width_of(text) <= width:
        return [text]
    start = text[: len(text) - len(text.lstrip())]
    lines: list[str] = []
    line, broken = start, False
    end = len(start)
    for first, last in _pieces(text):
        gap, piece, end = text[end:first], text[first:last], last
        empty = line in (start if not lines else indent, "") and not broken
        if not empty and (broken or width_of(line + gap + piece) > width):
            lines.append(line)
            line, empty = indent, True
        line += piece if empty else gap + piece
        broken = empty and width_of(line) > width
    return [*lines, line]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where the parts of `text` that stay whole begin and end."""
    command = _COMMAND.search(text)
    before = len(text) if command is None else command.start()
    found = [match.span() for match in _WORD.finditer(text, 0, before)]
    if command is not None:
        found.append((command.start(), command.start() + len(command[0].rstrip())))
        found += [match.span() for match in _WORD.finditer(text, found[-1][1])]
    return found


def labelled(pairs: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Labels and their values, one pair below the other, the values in one column."""
    column = max((width_of(label) for label, _ in pairs), default=0) + GAP
    lines: list[str] = []
    for label, value in pairs:
        if width - column < NARROW_VALUE and column + width_of(value) > width:
            lines += [label, *wrapped(f"  {value}", width, "  ")]
        else:
            lines += wrapped(_padded(label, column) + value, width, " " * column)
    return lines


def table(
    headings: Sequence[str], rows: Sequence[Sequence[Lines]], width: int, *, spaced: bool = False
) -> list[list[Span]]:
    """A table in columns where its words fit into them, else one block of labelled values for each row.

    `spaced` puts an empty line between the rows.
    """
    widths = _widths(headings, rows, width)
    if widths is None:
        return _blocks(headings, rows, width)
    lines = [_joined([[Span(heading, "bold")] for heading in headings], widths)]
    lines.append([Span("─" * (sum(widths) + GAP * (len(widths) - 1)), "dim")])
    for number, row in enumerate(rows):
        if spaced and number:
            lines.append([])
        cells = [_cell(cell, size) for cell, size in zip(row, widths, strict=True)]
        for index in range(max(map(len, cells), default=0)):
            *others, last = [cell[index : index + 1] for cell in cells]
            if last and width_of(last[0].text) > widths[-1]:  # below the others, at the right edge if it fits there
                beside = _joined([*others, []], widths)
                lines += [beside] if beside else []
                lines.append([Span(" " * max(2, width - width_of(last[0].text))), last[0]])
            else:
                lines.append(_joined([*others, last], widths))
    return lines


def _widths(headings: Sequence[str], rows: Sequence[Sequence[Lines]], width: int) -> list[int] | None:
    """The width of each column; None where a word, or a statement, does not fit into its column."""
    columns = list(zip(*rows, strict=True)) or [()] * len(headings)
    natural = [
        max([width_of(heading), *(width_of(line.text) for cell in column for line in cell)])
        for heading, column in zip(headings, columns, strict=True)
    ]
    least = [
        max([width_of(heading), *(_longest_piece(line.text) for cell in column for line in cell)])
        for heading, column in zip(headings, columns, strict=True)
    ]
    least[-1] = min(natural[-1], max(NARROW_LAST, width_of(headings[-1])))
    spare = width - GAP * (len(headings) - 1) - sum(least)
    if spare < 0:
        return None
    widths = list(least)
    while spare and (growing := [index for index, size in enumerate(widths) if size < natural[index]]):
        widths[min(growing, key=widths.__getitem__)] += 1
        spare -= 1
    return widths


@lru_cache(maxsize=4096)
def _longest_piece(text: str) -> int:
    return max((width_of(text[first:last]) for first, last in _pieces(text)), default=0)


def _cell(cell: Lines, width: int) -> list[Span]:
    return [Span(text, line.style) for line in cell for text in wrapped(line.text, width)]


def _joined(cells: Sequence[Sequence[Span]], widths: Sequence[int]) -> list[Span]:
    """One line of a table: the first span of each cell, padded to the width of its column."""
    line: list[Span] = []
    for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        span = cell[0] if cell else Span("")
        padding = "" if number == len(cells) - 1 else " " * (width - width_of(span.text) + GAP)
        line += [span, Span(padding)]
    while line and not line[-1].text.strip():
        line.pop()
    return line


def _blocks(headings: Sequence[str], rows: Sequence[Sequence[Lines]], width: int) -> list[list[Span]]:
    """Each row as a block of lines: the heading, and beside or below it the value; empty cells are left out."""
    column = max(map(width_of, headings)) + GAP
    beside = width - column >= NARROW_VALUE
    indent = " " * (column if beside else 2)
    lines: list[list[Span]] = []
    for number, row in enumerate(rows):
        if number:
            lines.append([])
        for heading, cell in zip(headings, row, strict=True):
            values = [Span(text, one.style) for one in cell for text in wrapped(one.text, width - len(indent))]
            if not any(span.text for span in values):
                continue
            first = [Span(_padded(heading, column), "bold"), values.pop(0)] if beside else [Span(heading, "bold")]
            lines += [first, *([Span(indent), value] for value in values)]
    return lines


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))
