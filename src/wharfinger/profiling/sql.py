"""The statements that measure tables: pure text, each under the limits of the Data API by construction.

One aggregate statement reads a table once for all its columns, and one LIMIT read takes the samples of its texts.
Several tables share a statement as branches of UNION ALL: every value is cast to the same `varchar(n)`, an ordinal
comes first, short branches are padded with nulls. A statement stays under 100 KB, a row under 64 KB
(redshift-facts §1.10), a target list under 1,664 entries (§6.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wharfinger.core.names import TableName, quote_ident
from wharfinger.core.session import Statement
from wharfinger.profiling.model import SAMPLE_CHARACTERS, SAMPLE_ROWS
from wharfinger.profiling.types import Measure

TEXT_BYTES = 90_000
ROW_BYTES = 60_000
TARGETS = 1_600

CELL = 48
"""Width of a measured value: numeric(38,38) and the longest timestamptz take 41 bytes."""
SAMPLE_CELL = 4 * SAMPLE_CHARACTERS
"""Width of a sampled value: a character takes up to four bytes."""
SAMPLE_COLUMNS = ROW_BYTES // SAMPLE_CELL
"""How many text columns one read samples."""
COUNT_BYTES = 20
"""What a count takes of a row: it is a bigint, however wide its cell may be."""
MAX_CELLS = TARGETS - 2
"""How many values one branch may answer, beside its ordinal and the row count."""

_ORDINAL = "varchar(8)"
_UNION = " union all "
# What the words of a branch take: those around its columns, those around one of them, and those of each value asked.
_FRAME, _AROUND, _COUNT, _BOUND, _DISTINCT = 200, 60, 40, 39, 62

_PAGE_BYTES, _FIELD_BYTES, _VALUE_BYTES = 1_000_000, 20, 16
"""A page of a result, what a field takes of it beside its value, and an average value."""

_MANY = 8
"""From so many branches on, samples are not taken in at the price of more padding than values."""

What = Literal["profile", "sample"]


@dataclass(frozen=True, slots=True)
class Branch:
    """A table, or a part of its columns, within a statement that measures or samples."""

    what: What
    table: TableName
    measures: tuple[Measure, ...]

    @property
    def width(self) -> int:
        """How many values it answers after the ordinal."""
        if self.what == "sample":
            return len(self.measures)
        return 1 + sum(measure.cells for measure in self.measures)

    @property
    def longest(self) -> int:
        """An upper bound of the bytes its text takes without padding; much quicker than writing it."""
        own = _FRAME + len(self.table.sql().encode())
        return own + sum(_bytes(self.what, measure) for measure in self.measures)

    @property
    def cell(self) -> str:
        """The type of every value."""
        return f"varchar({CELL if self.what == 'profile' else SAMPLE_CELL})"


@dataclass(frozen=True, slots=True)
class Shared:
    """A statement and the branches whose rows it answers; a row's first value is the place of its branch."""

    statement: Statement
    branches: tuple[Branch, ...]


def aggregate_branches(table: TableName, measures: Sequence[Measure]) -> list[Branch]:
    """A table's columns in as few branches as the limits allow: one, but for very wide tables."""
    groups: list[list[Measure]] = [[]]
    frame = _FRAME + len(table.sql().encode())
    cells, row, size = 0, 2 * COUNT_BYTES, frame
    for measure in measures:
        more, wider = _bytes("profile", measure), row_bytes(measure)
        too_wide = cells + measure.cells > MAX_CELLS or row + wider > ROW_BYTES
        if groups[-1] and (too_wide or size + more > TEXT_BYTES):
            groups.append([])
            cells, row, size = 0, 2 * COUNT_BYTES, frame
        groups[-1].append(measure)
        cells, row, size = cells + measure.cells, row + wider, size + more
    return [Branch("profile", table, tuple(group)) for group in groups]


def sample_branches(table: TableName, measures: Sequence[Measure]) -> list[Branch]:
    """The table's text columns, as many in a branch as a row holds; none when it has no text."""
    texts = [measure for measure in measures if measure.sample]
    parts = [texts[start : start + SAMPLE_COLUMNS] for start in range(0, len(texts), SAMPLE_COLUMNS)]
    return [Branch("sample", table, tuple(part)) for part in parts]


def statements_for(branches: Sequence[Branch]) -> list[Shared]:
    """Statements for branches of one sort, as few as the limits allow; branches of like width come together."""
    return [_shared(group) for group in _packed(sorted(branches, key=lambda branch: branch.width))]


def pages_of(shared: Shared, rows: Mapping[TableName, int]) -> int:
    """In about how many pages the answer comes, `rows` being the tables' sizes; 0 is a table nobody knows the size of.

    Pages are cut by size in practice, where is not documented (redshift-facts §1.6), and how long texts are is not
    known before they are read: a guess.
    """
    width = max(branch.width for branch in shared.branches)
    size = 0
    for branch in shared.branches:
        count = min(rows.get(branch.table, 0), SAMPLE_ROWS) if branch.what == "sample" else 1
        size += count * (_FIELD_BYTES * (1 + width) + _VALUE_BYTES * branch.width)
    return max(1, -(-size // _PAGE_BYTES))


def row_bytes(measure: Measure) -> int:
    """The most bytes that what is measured of a column takes in a row."""
    return COUNT_BYTES * (1 + measure.distinct) + 2 * CELL * measure.bounds


def _bytes(what: What, measure: Measure) -> int:
    name = len(quote_ident(measure.column).encode())
    if what == "sample":
        return name + _AROUND
    return name + _COUNT + 10 + 2 * _BOUND * measure.bounds + _DISTINCT * measure.distinct


class Pack:
    """Branches gathered for one statement: offered widest last, for the last one's width is what all are padded to."""

    def __init__(self) -> None:
        self.branches: list[Branch] = []
        self._bytes = 0
        self._widths = 0

    def add(self, branch: Branch) -> bool:
        """Take the branch in, or answer False when the statement would grow too long; the first always fits.

        Samples come as up to 1,000 rows a branch: there a statement more is cheaper than rows that are mostly padding.
        """
        own, width = branch.longest, branch.width
        padding = width * len(self.branches) - self._widths
        too_long = self._bytes + own + padding * len(_null(branch)) > TEXT_BYTES
        hollow = branch.what == "sample" and len(self.branches) >= _MANY and padding > self._widths + width
        if self.branches and (too_long or hollow):
            return False
        self.branches.append(branch)
        self._bytes += own
        self._widths += width
        return True


def _packed(branches: Sequence[Branch]) -> Iterator[list[Branch]]:
    pack = Pack()
    for branch in branches:
        if not pack.add(branch):
            yield pack.branches
            pack = Pack()
            pack.add(branch)
    if pack.branches:
        yield pack.branches


def _shared(group: list[Branch]) -> Shared:
    width = max(branch.width for branch in group)
    texts = [_text(branch, place, width) for place, branch in enumerate(group)]
    # A branch with a LIMIT needs its parentheses, a statement that starts with one may not be read as a query.
    if len(group) > 1 and group[0].what == "sample":
        texts = [f"({text})" for text in texts]
    return Shared(Statement(_UNION.join(texts), label=group[0].what), tuple(group))


def _text(branch: Branch, place: int, width: int) -> str:
    write = _measure if branch.what == "profile" else _sample
    return write(branch, f"'{place}'::{_ORDINAL}", _null(branch) * (width - branch.width))


def _null(branch: Branch) -> str:
    return f",null::{branch.cell}"


def _measure(branch: Branch, ordinal: str, padding: str) -> str:
    """Columns get short aliases in the innermost select, so that a long name stands there only once.

    APPROXIMATE COUNT(DISTINCT) is documented as an item of a select list, not inside a cast, so the casts come one
    level further out; the engine flattens all three into one scan.
    """
    named, measured, answered = [], ["count(*) as n"], ["n"]
    for place, measure in enumerate(branch.measures):
        named.append(f"{quote_ident(measure.column)} as c{place}")
        for letter, expression in _expressions(measure, f"c{place}"):
            measured.append(f"{expression} as {letter}{place}")
            answered.append(f"{letter}{place}")
    cells = ",".join(f"{name}::{branch.cell}" for name in answered)
    columns = f"select {','.join(named) or '1 as c'} from {branch.table.sql()}"
    return f"select {ordinal},{cells}{padding} from (select {','.join(measured)} from ({columns}) t) a"


def _expressions(measure: Measure, column: str) -> Iterator[tuple[str, str]]:
    """A letter and an expression for each value asked of a column, in the order they are read back."""
    yield "k", f"count({column})"
    if measure.bounds:
        yield "l", f"min({column})"
        yield "u", f"max({column})"
    if measure.distinct:
        yield "d", f"approximate count(distinct {column})"


def _sample(branch: Branch, ordinal: str, padding: str) -> str:
    columns = [f"left({quote_ident(measure.column)},{SAMPLE_CHARACTERS})" for measure in branch.measures]
    cells = ",".join(f"{column}::{branch.cell}" for column in columns)
    return f"select {ordinal},{cells}{padding} from {branch.table.sql()} limit {SAMPLE_ROWS}"
