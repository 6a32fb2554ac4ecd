from __future__ import annotations

import struct

import pytest

from wharfinger.adapters.redshift.wire.types import BINARY, TEXT, readers


def read(oid: int, data: bytes) -> object:
    _, reader = readers()[oid]
    return reader(b"xx" + data + b"yy", 2, len(data))


@pytest.mark.parametrize(
    ("oid", "data", "value"),
    [
        (16, b"t", True),
        (16, b"f", False),
        (20, b"-9223372036854775808", -(2**63)),
        (701, struct.pack("!d", 0.1), 0.1),
        (700, struct.pack("!f", 0.1), 0.1),
        (700, struct.pack("!f", 16777217.0), 16777216.0),
        (700, struct.pack("!f", 3.4028235e38), 3.4028235e38),
        (700, struct.pack("!f", float("inf")), float("inf")),
        (17, b"\\x00ff", b"\x00\xff"),
        (6551, b"00ff", b"\x00\xff"),
        (1700, b"99999999999999999999.10", "99999999999999999999.10"),
        (1082, b"infinity", "infinity"),
        (1114, b"10000-01-01 00:00:00", "10000-01-01 00:00:00"),
        (4000, b'{"a":1}', '{"a":1}'),
        (424242, "käse".encode(), "käse"),
    ],
)
def test_a_wire_value_is_what_the_data_api_gives(oid: int, data: bytes, value: object) -> None:
    assert read(oid, data) == value
    assert type(read(oid, data)) is type(value)


def test_only_floats_are_asked_for_in_binary() -> None:
    assert readers()[701][0] == BINARY
    assert readers()[700][0] == BINARY
    assert {readers()[oid][0] for oid in (16, 20, 21, 23, 1043, 1700, 1114, 4000, 99999)} == {TEXT}
