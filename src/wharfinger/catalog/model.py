"""Tables and views of a warehouse, and which of them are selected. Frozen values and pure decisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wharfinger.catalog.matching import similar_names
from wharfinger.core.by_people import ByPeople
from wharfinger.core.errors import NotFound
from wharfinger.core.names import TableName, meant

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
    """Columns that refer to another table. `target_columns` is empty when that table is not selected."""

    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """Declared keys. Redshift does not enforce them, so they are evidence, not proof (redshift-facts §5.3)."""

    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKey, ...] = ()

    def of(self, column: str) -> KeyKind | None:
        """The strongest kind of key that `column` is part of: primary, foreign, unique; None when it is in no key."""
        if column in self.primary:
            return "primary"
        if any(column in key.columns for key in self.foreign):
            return "foreign"
        return "unique" if any(column in key for key in self.unique) else None


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a table as the warehouse reports it; None is unknown. `megabytes` counts blocks of 1 MB."""

    rows: int | None = None
    megabytes: int | None = None
    estimated_rows: int | None = None

    def best_rows(self) -> int | None:
        """The row count that the warehouse reports, else the planner's estimate, else None."""
        return self.rows if self.rows is not None else self.estimated_rows


@dataclass(frozen=True, slots=True)
class Signal:
    """A change signal of a table: the source that was read, and its value. A different value means a changed table."""

    name: SignalName
    value: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A digest of a table's columns, and its best change signal. While both stay equal the table is unchanged."""

    columns: str
    signal: Signal

    @property
    def digest(self) -> str:
        """Both parts as one text of 32 characters, for identities of work and for records."""
        return digest([self.columns, self.signal.name, self.signal.value])


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tree: all that is stored about a table that is not selected."""

    name: TableName
    kind: Kind
    selected: bool = False
    state: State = "ok"


_NO_COLUMNS: dict[Kind, str] = {
    "late_binding_view": "the warehouse cannot expand this view: something that it reads is missing, was changed, or "
    "may not be read",
    "external": "the external catalog lists no columns of it",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A selected table as it was at the last reading, `read_at`.

    `signature` is the table's signature at that reading, `processed` the one with which it was last processed; each is
    None before the first time.
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

    @property
    def columns_unknown(self) -> str:
        """Why no column of the table is known, in words for people; "" when there are columns.

        Redshift lists a late-binding view without its columns when it cannot expand it; what it could not find it says
        only to who selects from the view.
        """
        if self.columns:
            return ""
        if self.read_at is None:
            return "they have not been read yet"
        return _NO_COLUMNS.get(self.kind, "the warehouse lists no columns of it for this user")

    def column(self, name: str) -> Column:
        """The column that `name` means, as `core.names.meant` reads it. Raises NotFound."""
        close = meant(name, (column.name for column in self.columns))
        if len(close) == 1:
            return next(column for column in self.columns if column.name == close[0])
        raise NotFound(
            "No such column",
            subject=f"{self.name}.{name}",
            why="several columns differ only in case"
            if close
            else similar_names(name, [column.name for column in self.columns]),
            next_step="Name one of the table's columns",
            fields=["column"],
        )


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The result of a refresh: databases and tables read, the tables whose state changed, and notes for people."""

    databases: int
    tables: int
    new: tuple[TableName, ...]
    changed: tuple[TableName, ...]
    gone: tuple[TableName, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """The result of reading selected tables again: those that exist, and notes for people.

    `unread`: the databases that could not be read; the stored details of their tables are unchanged.
    """

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """The result of selecting or deselecting: tables selected now, tables that the patterns matched, and how many of
    these were not selected before (or were, when deselecting).

    `by_people` counts what people wrote and decided about them: kept or deleted by deselecting, brought back or deleted
    by selecting.
    """

    selected: int
    matched: int
    changed: int = 0
    by_people: ByPeople = field(default_factory=ByPeople)


def digest(parts: Iterable[object]) -> str:
    """A stable digest of JSON values: 32 hexadecimal characters of SHA-256."""
    text = json.dumps(list(parts), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def columns_digest(columns: Sequence[Column]) -> str:
    """The digest of names, order, types and nullability. Comments are left out: a profile does not depend on them."""
    ordered = sorted(columns, key=lambda column: column.ordinal)
    return digest([[column.name, column.type, column.nullable] for column in ordered])


def not_selected(name: TableName) -> NotFound:
    """The error for work on a table that was deselected or dropped after the work was planned."""
    return NotFound(
        "The table is no longer selected",
        subject=str(name),
        why="it was deselected or dropped after the work was planned",
        next_step="Refresh, and select it again if you need it",
    )
