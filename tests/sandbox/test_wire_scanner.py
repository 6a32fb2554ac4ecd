"""The scanner of the engine's byte stream, for every split into chunks."""

from __future__ import annotations

import tracemalloc

from hypothesis import example, given
from hypothesis import strategies as st

from wharfinger_sandbox.wire.messages import message
from wharfinger_sandbox.wire.scanner import Scanner
from wharfinger_sandbox.wire.startup import read_options

KINDS = st.sampled_from([b"D", b"d", b"C", b"E", b"Z", b"T", b"1", b"S"])
MESSAGES = st.lists(st.tuples(KINDS, st.binary(max_size=200)), max_size=20)


@given(MESSAGES, st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_the_stream_is_unchanged_wherever_it_is_cut(told: list[tuple[bytes, bytes]], sizes: list[int]) -> None:
    stream = b"".join(message(kind, body) for kind, body in told)
    scanner, out, looked_at, at, turn = Scanner(), b"", [], 0, 0
    while at < len(stream):
        chunk = stream[at : at + sizes[turn % len(sizes)]]
        at, turn = at + len(chunk), turn + 1
        for kind, body in scanner.feed(chunk):
            out += message(kind, body) if kind else body
            if kind:
                looked_at.append((kind, body))
    assert out == stream
    assert looked_at == [(kind, body) for kind, body in told if kind not in (b"D", b"d")]


def test_a_row_passes_before_it_is_whole() -> None:
    scanner = Scanner()
    head = message(b"D", b"x" * 1_000_000)[:100]
    assert list(scanner.feed(head)) == [(b"", head)]


def test_rows_are_passed_on_at_once() -> None:
    scanner, row = Scanner(), message(b"D", b"x" * 60_000)
    tracemalloc.start()
    for _ in range(200):
        assert sum(len(body) for _, body in scanner.feed(row)) == len(row)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_options_of_the_start_are_read_as_libpq_writes_them() -> None:
    assert read_options(r"-c search_path=a,b -cstatement_timeout=1 --query-group=two\ words\\x") == {
        "search_path": "a,b",
        "statement_timeout": "1",
        "query_group": "two words\\x",
    }
    assert read_options("") == {}


@given(MESSAGES, st.lists(st.integers(1, 60), min_size=1, max_size=8))
@example([(b"T", b""), (b"D", b"wanted"), (b"C", b""), (b"D", b"not wanted")], [60])
def test_requested_rows_are_returned_whole(told: list[tuple[bytes, bytes]], sizes: list[int]) -> None:
    stream = b"".join(message(kind, body) for kind, body in told)
    seen: list[tuple[bytes, bytes]] = []
    # Rows are requested after a T only, as for a result with columns of Redshift's own types.
    scanner = Scanner(lambda: bool(seen) and seen[-1][0] == b"T")
    at, turn = 0, 0
    while at < len(stream):
        chunk = stream[at : at + sizes[turn % len(sizes)]]
        at, turn = at + len(chunk), turn + 1
        for kind, body in scanner.feed(chunk):
            if kind:
                seen.append((kind, body))
    wanted, expected = False, []
    for kind, body in told:
        wanted = wanted if kind in (b"D", b"d") else kind == b"T"
        if kind != b"d" and (kind != b"D" or wanted):
            expected.append((kind, body))
    assert seen == expected
