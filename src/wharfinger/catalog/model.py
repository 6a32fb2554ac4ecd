"""What exists in a warehouse, and what a person chose of it. Frozen values and pure decisions."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wharfinger.core.errors import NotFound
from wharfinger.core.names import TableName, TablePattern

Kind = Literal["table", "view", "late_binding_view", "external", "materialized_view"]
State = Literal["ok", "new", "changed", "gone"]
KeyKind = Literal["primary", "unique", "foreign"]
SignalName = Literal["svv_table_info", "sys_query_detail", "last_modified_time", "age"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `type` is the whole Redshift type (`varchar(64)`, `numeric(12,2)`), `comment` its full text or ""."""

    name: str
    type: str
    ordinal: int
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that point at another table. `target_columns` is empty when that table is not selected."""

    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """Declared keys. Redshift does not enforce them, so they are evidence and no proof (redshift-facts §5.3)."""

    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKey, ...] = ()

    def of(self, column: str) -> KeyKind | None:
        """The strongest key that `column` is part of."""
        if column in self.primary:
            return "primary"
        if any(column in key.columns for key in self.foreign):
            return "foreign"
        return "unique" if any(column in key for key in self.unique) else None


@dataclass(frozen=True, slots=True)
class Size:
    """What the warehouse says of a table's size; None is unknown. Megabytes are svv_table_info's blocks of 1 MB."""

    rows: int | None = None
    megabytes: int | None = None
    estimated_rows: int | None = None

    def best_rows(self) -> int | None:
        """The best knowledge of the row count without counting."""
        return self.rows if self.rows is not None else self.estimated_rows


@dataclass(frozen=True, slots=True)
class Signal:
    """What tells whether a table's rows changed: the rung of the ladder used, and its value at the last reading."""

    name: SignalName
    value: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A digest of a table's columns, plus the best change signal to be had. Equal signature, nothing to do."""

    columns: str
    signal: Signal

    @property
    def digest(self) -> str:
        """Both halves as one short text, for identities of work and for records."""
        return digest([self.columns, self.signal.name, self.signal.value])


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tree: all that is kept of a table that nobody selected."""

    name: TableName
    kind: Kind
    selected: bool = False
    state: State = "ok"


@dataclass(frozen=True, slots=True)
class Table:
    """A selected table as the last reading found it, at `read_at`.

    `signature` is what it had then, `processed` what it had when it was last profiled; None before the first time.
    """

    name: TableName
    kind: Kind
    state: State = "ok"
    owner: str = ""
    comment: str = ""
    columns: tuple[Column, ...] = ()
    keys: Keys = field(default_factory=Keys)
    size: Size = field(default_factory=Size)
    dist_style: str = ""
    sort_key: str = ""
    signature: Signature | None = None
    processed: Signature | None = None
    read_at: datetime | None = None

    def column(self, name: str) -> Column:
        """The column called `name`, exactly or, when only one fits, without case. Raises NotFound."""
        exact = [column for column in self.columns if column.name == name]
        close = exact or [column for column in self.columns if column.name.casefold() == name.casefold()]
        if len(close) == 1:
            return close[0]
        raise NotFound(
            "No such column",
            subject=f"{self.name}.{name}",
            why="several differ in case only" if close else near(name, [column.name for column in self.columns]),
            next_step="Name one of the table's columns",
        )


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found. The three lists hold tables as `database.schema.table`; notes are for people."""

    databases: int
    tables: int
    new: tuple[TableName, ...]
    changed: tuple[TableName, ...]
    gone: tuple[TableName, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """What a new reading of selected tables found: those that are there, and notes for people.

    `unread`: the databases that could not be read; their tables stay as they were known.
    """

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """How many tables are selected now, and how many the patterns matched."""

    selected: int
    matched: int


def digest(parts: Iterable[object]) -> str:
    """A short stable digest of plain values."""
    text = json.dumps(list(parts), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def columns_digest(columns: Sequence[Column]) -> str:
    """The digest of names, order, types and nullability; comments do not count, a profile does not depend on them."""
    ordered = sorted(columns, key=lambda column: column.ordinal)
    return digest([[column.name, column.type, column.nullable] for column in ordered])


def matching(patterns: Sequence[TablePattern], names: Iterable[TableName], *, default_database: str) -> list[TableName]:
    """The names that any pattern means, in their order.

    Raises NotFound for the first pattern that means none of them, with names near to it.
    """
    known = list(names)
    matched = [[name for name in known if one.matches(name, default_database=default_database)] for one in patterns]
    for pattern, found in zip(patterns, matched, strict=True):
        if not found:
            raise NotFound(
                "No table matches",
                subject=pattern.text,
                why=near(pattern.text, _spellings(known, default_database)),
                next_step="Look at `wharfinger tables list`, or refresh to see tables made since"
                if known
                else "Read what exists first: wharfinger tables refresh",
            )
    wanted = {name for found in matched for name in found}
    return [name for name in known if name in wanted]


def not_selected(name: TableName) -> NotFound:
    """The error for work on a table that was deselected, or vanished, after the work was planned."""
    return NotFound(
        "Not selected any more",
        subject=str(name),
        why="it was deselected or vanished after the work was planned",
        next_step="Refresh, and select it again if it is wanted",
    )


def near(text: str, candidates: Sequence[str]) -> str:
    """A sentence that names up to three candidates close to `text`, or says that none is."""
    folded = {candidate.casefold(): candidate for candidate in candidates}
    found = difflib.get_close_matches(text.casefold(), list(folded), n=3, cutoff=0.5)
    if not found:
        return "nothing there has a name like it" if candidates else "nothing is known there yet"
    return "near to it: " + ", ".join(folded[one] for one in found)


def _spellings(names: Sequence[TableName], default_database: str) -> list[str]:
    short = [str(name).split(".", 1)[1] for name in names if name.database == default_database]
    return short + [str(name) for name in names]
