"""Rewrites columns of Redshift's own types: their type numbers and the format of their values.

In the engine SUPER is json and VARBYTE is bytea, for which drivers would return other values than on a cluster. Type
numbers and formats are those of AWS's own driver; types: redshift-facts §6.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from wharfinger_sandbox.statements.columns import compact_json

JSON, BYTEA, INTERVAL = 114, 17, 1186
SUPER, VARBYTE = 4000, 6551
REDSHIFT_TYPES = {JSON: SUPER, BYTEA: VARBYTE}
ENGINE_TYPES = {number: engine for engine, number in REDSHIFT_TYPES.items()}

TEXT = 0
DAY = 86_400_000_000
Write = Callable[[bytes, int], bytes]

_FIELD = struct.Struct("!IhIhih")


def _super(value: bytes, _format: int) -> bytes:
    """Compact JSON, the same in text and binary format."""
    return compact_json(value).encode()


def _varbyte(value: bytes, format: int) -> bytes:
    return value.removeprefix(b"\\x") if format == TEXT else value


def _interval(value: bytes, format: int) -> bytes:
    """In binary format the 12 bytes of PostgreSQL 8.0: microseconds, which include the days, and months."""
    if format == TEXT:
        return value
    microseconds, days, months = struct.unpack("!qii", value)
    return struct.pack("!qi", microseconds + days * DAY, months)


_WRITERS: dict[int, Write] = {JSON: _super, BYTEA: _varbyte, INTERVAL: _interval}


def described(body: bytes) -> tuple[bytes, list[int], list[int]]:
    """The RowDescription for the client, the engine's type numbers and the formats of the columns."""
    (count,) = struct.unpack_from("!H", body)
    answer, types, formats, at = bytearray(body[:2]), list[int](), list[int](), 2
    for _ in range(count):
        end = body.index(b"\0", at) + 1
        table, column, type_, size, modifier, format = _FIELD.unpack_from(body, end)
        answer += body[at:end] + _FIELD.pack(table, column, REDSHIFT_TYPES.get(type_, type_), size, modifier, format)
        types.append(type_)
        formats.append(format)
        at = end + _FIELD.size
    return bytes(answer), types, formats


def result_formats(bind: bytes) -> list[int]:
    """The result formats in a Bind, whose body begins after the two names.

    An empty list means text for all columns, one format applies to all columns.
    """
    (count,) = struct.unpack_from("!H", bind)
    at = 2 + 2 * count
    (values,) = struct.unpack_from("!H", bind, at)
    at += 2
    for _ in range(values):
        (length,) = struct.unpack_from("!i", bind, at)
        at += 4 + max(length, 0)
    (formats,) = struct.unpack_from("!H", bind, at)
    return list(struct.unpack_from(f"!{formats}H", bind, at + 2))


def parameter_types(types: bytes) -> bytes:
    """The parameter types of a Parse, with the engine's type numbers."""
    (count,) = struct.unpack_from("!H", types)
    numbers = struct.unpack_from(f"!{count}I", types, 2)
    return types[:2] + struct.pack(f"!{count}I", *(ENGINE_TYPES.get(number, number) for number in numbers))


class RowWriter:
    """Rewrites the rows of one result. `types` are the engine's type numbers, `formats` those of a Bind."""

    def __init__(self, types: Sequence[int], formats: Sequence[int]) -> None:
        each = list(formats) * len(types) if len(formats) == 1 else list(formats) or [TEXT] * len(types)
        self._columns = {
            number: (_WRITERS[type_], each[number])
            for number, type_ in enumerate(types)
            if type_ in _WRITERS and number < len(each)
        }

    def __bool__(self) -> bool:
        """Whether any column must be rewritten."""
        return bool(self._columns)

    def row(self, body: bytes) -> bytes:
        """The body of a DataRow, rewritten."""
        (count,) = struct.unpack_from("!H", body)
        answer, at = bytearray(body[:2]), 2
        for number in range(count):
            (length,) = struct.unpack_from("!i", body, at)
            value = body[at + 4 : at + 4 + max(length, 0)]
            at += 4 + max(length, 0)
            if length >= 0 and number in self._columns:
                write, format = self._columns[number]
                value = write(value, format)
                length = len(value)
            answer += struct.pack("!i", length) + value
        return bytes(answer)
