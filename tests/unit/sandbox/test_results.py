"""Writing results: exact limits, pages by size, small results in memory, files that are deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from wharfinger_sandbox.statements.columns import VARCHAR, Column
from wharfinger_sandbox.statements.results import FIELD_BYTES, MAX_BYTES_IN_MEMORY, Result, ResultTooLarge, ResultWriter


def writer(spool: Path, *, page: int = 10**9, row: int = 10**9, result: int = 10**9) -> ResultWriter:
    return ResultWriter([Column("text", VARCHAR, -1)], spool, page_bytes=page, row_bytes=row, result_bytes=result)


def written(spool: Path, *texts: bytes, page: int = 10**9) -> Result:
    one = writer(spool, page=page)
    for text in texts:
        one.add([text])
    return one.finish()


def test_a_row_and_a_result_may_be_as_large_as_their_limits(tmp_path: Path) -> None:
    one = writer(tmp_path, row=10, result=15)
    one.add([b"x" * 10])
    one.add([b"y" * 5])
    with pytest.raises(ResultTooLarge, match="Database response exceeded size limit"):
        one.add([b"z"])
    with pytest.raises(ResultTooLarge, match="Packet for query is too large"):
        writer(tmp_path, row=10).add([b"x" * 11])


def test_a_page_is_filled_to_its_size_and_a_row_larger_than_one_has_its_own(tmp_path: Path) -> None:
    rows = [b"a" * 40_000, b"b" * 30, b"c" * 30, b"d" * 31]
    result = written(tmp_path, *rows, page=2 * (30 + FIELD_BYTES))
    pages = [[record[0]["stringValue"] for record in result.records(number)] for number in range(result.page_count)]
    assert pages == [["a" * 40_000], ["b" * 30, "c" * 30], ["d" * 31]]


def test_only_large_results_are_written_to_files_which_are_deleted(tmp_path: Path) -> None:
    small = written(tmp_path, b"x" * MAX_BYTES_IN_MEMORY)
    assert (small.page_count, len(small.records(0)), list(tmp_path.iterdir())) == (1, 1, [])
    large = written(tmp_path, b"x" * (MAX_BYTES_IN_MEMORY + 1))
    assert len(list(tmp_path.iterdir())) == 1
    large.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_discarded_result_leaves_no_file(tmp_path: Path) -> None:
    one = writer(tmp_path, page=10)
    for _ in range(3):
        one.add([b"x" * 10])
    assert len(list(tmp_path.iterdir())) == 1
    one.discard()
    assert list(tmp_path.iterdir()) == []
