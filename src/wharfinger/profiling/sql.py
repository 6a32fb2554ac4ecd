"""The statements that measure tables, each within the limits of the Data API. Pure.

One aggregate query reads a table once for all its columns, and one query with LIMIT takes the samples of its texts.
Several tables share a statement as branches of UNION ALL: every value is cast to the same `varchar(n)`, the number of
the branch comes first, and short branches are padded with nulls. A statement stays under 100 KB, a row under 64 KB
(redshift-facts §1.10), a target list under 1,664 entries (§6.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wharfinger.core.names import TableName, quote_ident
from wharfinger.core.session import Statement
from wharfinger.profiling.measures import Measure
from wharfinger.profiling.model import SAMPLE_CHARACTERS, SAMPLE_ROWS

TEXT_BYTES = 90_000
ROW_BYTES = 60_000
TARGETS = 1_600

CELL = 48
"""Width of a measured value in bytes: numeric(38,38) and the longest timestamptz take 41."""
SAMPLE_CELL = 4 * SAMPLE_CHARACTERS
"""Width of a sampled value in bytes: a character takes up to four."""
SAMPLE_COLUMNS = ROW_BYTES // SAMPLE_CELL
"""The most text columns in one sampling branch."""
COUNT_BYTES = 20
"""The most bytes a count takes in a row: it is a bigint, however wide its cell may be."""
MAX_CELLS = TARGETS - 2
"""The most values of one branch besides its number and the row count."""

_ORDINAL = "varchar(8)"
_UNION = " union all "
# Bytes of SQL text: around the columns of a branch, around one column, and for each value measured.
_FRAME, _AROUND, _COUNT, _BOUND, _DISTINCT = 200, 60, 40, 39, 62

_PAGE_BYTES, _FIELD_BYTES, _VALUE_BYTES = 1_000_000, 20, 16
"""Estimates in bytes: a page of a result, the overhead of a field, and an average value."""

_MANY = 8
"""From this number of branches on, a sampling statement takes no branch that causes more padding than values."""

What = Literal["profile", "sample"]


@dataclass(frozen=True, slots=True)
class Branch:
    """The part of a statement that measures or samples one table, or some of its columns."""

    what: What
    table: TableName
    measures: tuple[Measure, ...]

    @property
    def width(self) -> int:
        """The number of values in its rows after the branch's number."""
        if self.what == "sample":
            return len(self.measures)
        return 1 + sum(measure.cells for measure in self.measures)

    @property
    def longest(self) -> int:
        """An upper bound of the bytes of its SQL text without padding; much faster than writing it."""
        own = _FRAME + len(self.table.sql().encode())
        return own + sum(_bytes(self.what, measure) for measure in self.measures)

    @property
    def cell(self) -> str:
        """The SQL type of every value in its rows."""
        return f"varchar({CELL if self.what == 'profile' else SAMPLE_CELL})"


@dataclass(frozen=True, slots=True)
class Shared:
    """A statement shared by several branches. The first value of each row is the index of its branch."""

    statement: Statement
    branches: tuple[Branch, ...]


def aggregate_branches(table: TableName, measures: Sequence[Measure]) -> list[Branch]:
    """The measuring branches of a table, as few as the limits allow: more than one only for very wide tables."""
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
    """The sampling branches of a table, each with as many text columns as a row holds; none without text columns."""
    texts = [measure for measure in measures if measure.sample]
    parts = [texts[start : start + SAMPLE_COLUMNS] for start in range(0, len(texts), SAMPLE_COLUMNS)]
    return [Branch("sample", table, tuple(part)) for part in parts]


def statements_for(branches: Sequence[Branch]) -> list[Shared]:
    """As few statements as the limits allow for branches of one kind; branches of similar width share one."""
    return [_shared(group) for group in _packed(sorted(branches, key=lambda branch: branch.width))]


def pages_of(shared: Shared, rows: Mapping[TableName, int]) -> int:
    """An estimate of the number of result pages. `rows` has the tables' row counts; unknown ones are absent or 0.

    In practice pages are limited by size, but the limit is not documented (redshift-facts §1.6), and the length of
    texts is not known before they are read.
    """
    width = max(branch.width for branch in shared.branches)
    size = 0
    for branch in shared.branches:
        count = min(rows.get(branch.table, 0), SAMPLE_ROWS) if branch.what == "sample" else 1
        size += count * (_FIELD_BYTES * (1 + width) + _VALUE_BYTES * branch.width)
    return max(1, -(-size // _PAGE_BYTES))


def row_bytes(measure: Measure) -> int:
    """The most bytes that the values measured of a column take in a row."""
    return COUNT_BYTES * (1 + measure.distinct) + 2 * CELL * measure.bounds


def _bytes(what: What, measure: Measure) -> int:
    name = len(quote_ident(measure.column).encode())
    if what == "sample":
        return name + _AROUND
    return name + _COUNT + 10 + 2 * _BOUND * measure.bounds + _DISTINCT * measure.distinct


class Pack:
    """Collects the branches of one statement. Add them in order of width: all are padded to the width of the last."""

    def __init__(self) -> None:
        self.branches: list[Branch] = []
        self._bytes = 0
        self._widths = 0

    def add(self, branch: Branch) -> bool:
        """Add a branch; False when the statement would become too long. The first branch always fits.

        A sampling branch has up to 1,000 rows, so one more statement is cheaper than rows that are mostly padding.
        """
        own, width = branch.longest, branch.width
        padding = width * len(self.branches) - self._widths
        too_long = self._bytes + own + padding * len(_null(branch)) > TEXT_BYTES
        mostly_padding = branch.what == "sample" and len(self.branches) >= _MANY and padding > self._widths + width
        if self.branches and (too_long or mostly_padding):
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
    # A branch with LIMIT needs parentheses, but a statement that starts with one may not be recognised as a query.
    if len(group) > 1 and group[0].what == "sample":
        texts = [f"({text})" for text in texts]
    return Shared(Statement(_UNION.join(texts), label=group[0].what), tuple(group))


def _text(branch: Branch, place: int, width: int) -> str:
    write = _measure if branch.what == "profile" else _sample
    return write(branch, f"'{place}'::{_ORDINAL}", _null(branch) * (width - branch.width))


def _null(branch: Branch) -> str:
    return f",null::{branch.cell}"


def _measure(branch: Branch, ordinal: str, padding: str) -> str:
    """The innermost select gives the columns short aliases, so that a long name appears only once.

    APPROXIMATE COUNT(DISTINCT) is documented as an item of a select list, not inside a cast, so the casts are one level
    further out; the engine flattens the three selects into one scan.
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
    """A letter and an expression for each value measured of a column, in the order in which `results` reads them."""
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
