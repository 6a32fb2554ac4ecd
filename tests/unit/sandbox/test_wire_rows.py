"""Redshift's own types on the wire: type numbers and values in text and binary format."""

from __future__ import annotations

import struct

import pytest

from wharfinger_sandbox.wire.rows import RowWriter, described, parameter_types, result_formats


def row(*values: bytes | None) -> bytes:
    parts = [struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value for value in values]
    return struct.pack("!H", len(values)) + b"".join(parts)


def field(name: bytes, type_: int, format: int = 0) -> bytes:
    return name + b"\0" + struct.pack("!IhIhih", 16385, 3, type_, -1, -1, format)


def test_a_description_names_redshifts_types_and_keeps_everything_else() -> None:
    body = struct.pack("!H", 4) + field(b"s", 114) + field("vé".encode(), 17, 1) + field(b"i", 23) + field(b"", 1186)
    answer, types, formats = described(body)
    assert answer == (
        struct.pack("!H", 4) + field(b"s", 4000) + field("vé".encode(), 6551, 1) + field(b"i", 23) + field(b"", 1186)
    )
    assert (types, formats) == ([114, 17, 23, 1186], [0, 1, 0, 0])


def test_values_in_text_are_spelled_as_redshift_does() -> None:
    writer = RowWriter([114, 17, 23, 1186], [])
    told = row(b'{"a b": [1, "x  y"], "c": null}', b"\\x00ff", b"42", b"1 day")
    assert writer.row(told) == row(b'{"a b":[1,"x  y"],"c":null}', b"00ff", b"42", b"1 day")
    assert writer.row(row(None, None, None, None)) == row(None, None, None, None)


@pytest.mark.parametrize("formats", [[1], [1, 1, 1, 1]])
def test_values_in_binary_have_redshifts_layout(formats: list[int]) -> None:
    writer = RowWriter([114, 17, 23, 1186], formats)
    told = row(b'{"a": 1}', b"\x00\xff", struct.pack("!i", 42), struct.pack("!qii", 5, 2, 14))
    assert writer.row(told) == row(
        b'{"a":1}', b"\x00\xff", struct.pack("!i", 42), struct.pack("!qi", 5 + 2 * 86_400_000_000, 14)
    )


def test_a_bind_with_too_few_formats_is_left_to_the_engine() -> None:
    assert not RowWriter([23, 23, 3802], [0, 0])


def test_a_result_without_such_types_is_left_alone() -> None:
    assert not RowWriter([23, 1043, 1700], [])
    assert not RowWriter([], [])


def test_the_formats_of_a_bind_are_read_behind_its_values() -> None:
    values = struct.pack("!H", 3) + struct.pack("!i", 2) + b"\0\1" + struct.pack("!i", -1) + struct.pack("!i", 0)
    for formats in ([], [1], [0, 1, 0]):
        told = struct.pack("!HHH", 2, 0, 1) + values + struct.pack(f"!H{len(formats)}H", len(formats), *formats)
        assert result_formats(told) == formats


def test_parameters_of_redshifts_types_are_the_engines() -> None:
    assert parameter_types(struct.pack("!HIIII", 4, 4000, 6551, 23, 0)) == struct.pack("!HIIII", 4, 114, 17, 23, 0)
