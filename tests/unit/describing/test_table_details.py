"""Everything known about one table, from catalog and profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.described_home import ORDERS, SIGNATURE, table

from wharfinger.catalog.model import Size
from wharfinger.describing.details import TableDetails
from wharfinger.describing.model import TableDescriptions
from wharfinger.profiling.model import TableProfile

PROFILE = TableProfile(ORDERS, 7, (), "basic", SIGNATURE, datetime(2026, 11, 21, tzinfo=UTC))
SIZED = replace(table(ORDERS), size=Size(rows=9, estimated_rows=11))


def rows(size: Size, profile: TableProfile | None = None) -> int | None:
    return TableDetails(replace(SIZED, size=size), profile, TableDescriptions()).rows


def test_counted_rows_stand_above_what_the_warehouse_says_and_that_above_a_guess() -> None:
    assert [rows(SIZED.size, PROFILE), rows(SIZED.size), rows(Size(estimated_rows=11)), rows(Size())] == [
        7,
        9,
        11,
        None,
    ]


def test_a_table_that_was_not_read_has_no_signal() -> None:
    read, unread = (TableDetails(one, None, TableDescriptions()) for one in (SIZED, replace(SIZED, signature=None)))

    assert (read.signal, bool(read.misses)) == (SIGNATURE.signal, True)
    assert (unread.signal, unread.misses) == (None, "")
