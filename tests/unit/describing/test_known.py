"""What is known of one table, out of catalog and profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.described_home import ORDERS, SIGNATURE, table

from wharfinger.catalog.model import Size
from wharfinger.describing.known import Known
from wharfinger.describing.model import TableDescriptions
from wharfinger.profiling.model import TableProfile

PROFILE = TableProfile(ORDERS, 7, (), "basic", SIGNATURE, datetime(2026, 11, 21, tzinfo=UTC))
SIZED = replace(table(ORDERS), size=Size(rows=9, estimated_rows=11))


def rows(size: Size, profile: TableProfile | None = None) -> int | None:
    return Known(replace(SIZED, size=size), profile, TableDescriptions()).rows


def test_counted_rows_stand_above_what_the_warehouse_says_and_that_above_a_guess() -> None:
    assert [rows(SIZED.size, PROFILE), rows(SIZED.size), rows(Size(estimated_rows=11)), rows(Size())] == [
        7,
        9,
        11,
        None,
    ]


def test_a_table_that_was_not_read_has_no_signal() -> None:
    read, unread = (Known(one, None, TableDescriptions()) for one in (SIZED, replace(SIZED, signature=None)))

    assert (read.signal, bool(read.misses)) == (SIGNATURE.signal, True)
    assert (unread.signal, unread.misses) == (None, "")
