"""Reads values of the wire protocol as the same Python values that the Data API gives (core.session.Value)."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable

from wharfinger.core.session import Value

TEXT, BINARY = 0, 1
Reader = Callable[[bytes, int, int], Value]

TYPE_NAMES = {
    16: "bool", 17: "varbyte", 18: "char", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid",
    114: "super", 700: "float4", 701: "float8", 1042: "bpchar", 1043: "varchar", 1082: "date", 1083: "time",
    1114: "timestamp", 1184: "timestamptz", 1186: "interval", 1266: "timetz", 1700: "numeric", 2935: "hllsketch",
    3000: "geometry", 3001: "geography", 3802: "super", 4000: "super", 6551: "varbyte", 22: "int2vector", 24: "regproc",
    28: "xid", 30: "oidvector", 1005: "_int2", 1007: "_int4", 1009: "_text", 1028: "_oid", 1033: "aclitem",
    1034: "_aclitem", 2205: "regclass",
}  # fmt: skip
"""Type oid → the name that the Data API's ColumnMetadata gives; other types are called `varchar`."""


def _text(data: bytes, start: int, length: int) -> str:
    return data[start : start + length].decode()


def _integer(data: bytes, start: int, length: int) -> int:
    return int(data[start : start + length])


def _boolean(data: bytes, start: int, _length: int) -> bool:
    return data[start : start + 1] == b"t"


def _double(data: bytes, start: int, _length: int) -> float:
    (value,) = struct.unpack_from("!d", data, start)
    return float(value)


def _single(data: bytes, start: int, _length: int) -> float:
    """The shortest decimal with the same four bytes: 0.1 instead of 0.10000000149011612."""
    (value,) = struct.unpack_from("!f", data, start)
    for digits in range(6, 9):
        shorter = float(f"{value:.{digits}g}")
        if struct.unpack("!f", struct.pack("!f", shorter)) == (value,):
            return shorter
    return float(value)


def _bytes(data: bytes, start: int, length: int) -> bytes:
    return bytes.fromhex(data[start : start + length].decode().removeprefix("\\x"))


def readers() -> defaultdict[int, tuple[int, Reader]]:
    """Type oid → the format to request, and the function that reads a value in it.

    Doubles are requested in binary, because their text may be cut to 15 digits. Other types than integers, doubles,
    booleans and bytes stay the engine's text, so that the year 10000, infinity and 38 digits are not lost.
    """
    known: dict[int, tuple[int, Reader]] = {
        16: (TEXT, _boolean),
        **dict.fromkeys((20, 21, 23, 26), (TEXT, _integer)),
        700: (BINARY, _single),
        701: (BINARY, _double),
        **dict.fromkeys((17, 6551), (TEXT, _bytes)),
    }
    return defaultdict(lambda: (TEXT, _text), known)
