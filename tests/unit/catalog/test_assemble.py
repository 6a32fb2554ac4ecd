"""Selected tables are built from what was read of their database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wharfinger.catalog.assemble import assemble
from wharfinger.catalog.model import Signature, Size, State, Table
from wharfinger.catalog.reader import Facts, Relation
from wharfinger.catalog.signals import Readings, TableInfo
from wharfinger.core.names import TableName

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = ("s", "a")
KNOWN = Table(TableName("dev", *KEY), "table", "new")


def assembled(info: TableInfo | None, known: Table = KNOWN, kind: str = "table") -> Table:
    facts = Facts(readings=Readings(info={KEY: info} if info else {}))
    relation = Relation(KEY, "view" if kind == "view" else "table", estimated_rows=9)
    (table,) = assemble("dev", [relation, Relation(("s", "other"), "table")], facts, {KEY: known}, now=NOW)
    return table


@pytest.mark.parametrize(
    ("info", "kind", "size"),
    [
        (TableInfo(1, 120, 100, 8), "table", Size(100, 8, 9)),
        (TableInfo(1, 120, None, 8), "table", Size(120, 8, 9)),
        (TableInfo(1, 120, 0, 8), "table", Size(0, 8, 9)),
        (None, "table", Size(0, 0, 9)),
        (None, "view", Size(estimated_rows=9)),
    ],
)
def test_rows_that_can_be_seen_count_and_an_absent_table_is_empty(
    info: TableInfo | None, kind: str, size: Size
) -> None:
    assert assembled(info, kind=kind).size == size


def test_a_table_stays_new_until_it_was_processed_and_is_changed_by_another_signature() -> None:
    info = TableInfo(1, 120, 100, 8)
    signed = assembled(info).signature
    assert signed is not None

    def state(processed: Signature | None) -> State:
        return assembled(info, replace(KNOWN, processed=processed)).state

    assert [state(None), state(signed), state(replace(signed, columns="others"))] == ["new", "ok", "changed"]
