"""The Data API's ColumnMetadata of a result and the Fields of its values (redshift-facts §1.6)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Field = dict[str, Any]
Writer = Callable[[bytes], Field]

NULL: Field = {"isNull": True}
UNBOUNDED = 2147483647
"""Length and precision of catalog columns with an unbounded text type (redshift-facts §1.6)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result.

    `type_oid` and `modifier` are PostgreSQL's type number and type modifier. `table_oid` and `attribute` identify the
    source column, both 0 for an expression. `nullable` is 1 or 0.
    """

    name: str
    type_oid: int
    modifier: int
    table_oid: int = 0
    attribute: int = 0
    schema_name: str = ""
    table_name: str = ""
    nullable: int = 1

    def with_source(self, schema: str, table: str, *, nullable: bool) -> Column:
        """The column with the names of its source table."""
        return replace(self, schema_name=schema, table_name=table, nullable=int(nullable))

    def with_scale(self, scale: int) -> Column:
        """The numeric column with the `scale` found in its values."""
        return replace(self, modifier=(WIDEST_NUMERIC << 16 | scale) + 4)

    @property
    def type_name(self) -> str:
        """Redshift's name of the type. Only catalog columns have the type `text`; a text expression is varchar."""
        if self.type_oid == TEXT and self.schema_name not in ("pg_catalog", "information_schema"):
            return "varchar"
        return TYPE_NAMES.get(self.type_oid, "varchar")

    def metadata(self) -> dict[str, Any]:
        """The ColumnMetadata member of GetStatementResult."""
        type_name = self.type_name
        precision, scale = _precision_and_scale(self)
        return {
            "isCaseSensitive": type_name in TEXT_TYPES,
            "isCurrency": False,
            "isSigned": type_name in SIGNED_TYPES,
            "label": self.name,
            "length": 0,
            "name": self.name,
            "nullable": self.nullable,
            "precision": precision,
            "scale": scale,
            "schemaName": self.schema_name,
            "tableName": self.table_name,
            "typeName": type_name,
        }


TYPE_NAMES = {
    16: "bool", 17: "varbyte", 18: "char", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid",
    114: "super", 3802: "super", 700: "float4", 701: "float8", 1042: "bpchar", 1043: "varchar", 1082: "date",
    1083: "time", 1114: "timestamp", 1184: "timestamptz", 1186: "interval", 1266: "timetz", 1700: "numeric",
    705: "varchar", 28: "xid", 24: "regproc", 2205: "regclass", 1009: "_text", 1005: "_int2", 1007: "_int4",
    1028: "_oid", 1034: "_aclitem", 1033: "aclitem", 22: "int2vector", 30: "oidvector",
}  # fmt: skip
TEXT_TYPES = {"varchar", "bpchar", "text", "char", "name", "super"}
SIGNED_TYPES = {"int2", "int4", "int8", "float4", "float8", "numeric"}
FIXED_PRECISION = {
    16: (1, 0), 18: (1, 0), 20: (19, 0), 21: (5, 0), 23: (10, 0), 26: (10, 0), 700: (8, 8), 701: (17, 17),
    1082: (13, 0), 1083: (15, 6), 1114: (29, 6), 1184: (35, 6), 1266: (21, 6),
}  # fmt: skip
NUMERIC, CHAR, VARCHAR, TEXT, VARBYTE = 1700, 1042, 1043, 25, 17
WIDEST_VARCHAR = 65535
WIDEST_NUMERIC = 38


def _precision_and_scale(column: Column) -> tuple[int, int]:
    declared = column.modifier - 4
    if column.type_oid == NUMERIC:
        return (declared >> 16 & 0xFFFF, declared & 0x7FF) if declared >= 0 else (WIDEST_NUMERIC, 0)
    if column.type_oid in (CHAR, VARCHAR):
        return (declared if declared >= 0 else WIDEST_VARCHAR), 0
    if column.type_oid == VARBYTE and column.modifier >= 0:
        return column.modifier, 0
    if column.type_name == "varchar":
        return WIDEST_VARCHAR, 0
    return FIXED_PRECISION.get(column.type_oid, (UNBOUNDED, 0))


def _text(value: bytes) -> Field:
    return {"stringValue": value.decode()}


def _long(value: bytes) -> Field:
    return {"longValue": int(value)}


def _boolean(value: bytes) -> Field:
    return {"booleanValue": value == b"t"}


# JSON has no NaN; AWS's JSON protocol writes these three as strings. What this service writes is unverified.
_NOT_NUMBERS = {b"NaN": "NaN", b"Infinity": "Infinity", b"-Infinity": "-Infinity"}


def _double(value: bytes) -> Field:
    return {"doubleValue": _NOT_NUMBERS[value] if value in _NOT_NUMBERS else float(value)}


_SECOND = re.compile(rb"^(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d)(?![.\d])")


def _timestamp(value: bytes) -> Field:
    """A timestamp as JDBC writes it, with at least one fraction digit and no trailing zeros."""
    return {"stringValue": _SECOND.sub(rb"\1.0", value, count=1).decode()}


def _bytes(value: bytes) -> Field:
    return {"blobValue": base64.b64encode(bytes.fromhex(value[2:].decode())).decode()}


_JSON_BLANK = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')


def compact_json(value: bytes) -> str:
    """JSON text without the blanks that PostgreSQL adds. Numbers keep their spelling."""
    return _JSON_BLANK.sub(lambda found: found.group(1) or "", value.decode())


def _super(value: bytes) -> Field:
    return {"stringValue": compact_json(value)}


_WRITERS: dict[int, Writer] = {
    16: _boolean, 17: _bytes, 20: _long, 21: _long, 23: _long, 26: _long, 700: _double, 701: _double, 1114: _timestamp,
    114: _super, 3802: _super,
}  # fmt: skip


class ScaleWriter:
    """Writes values of a numeric expression and records the largest number of fraction digits in `scale`.

    PostgreSQL's numeric expressions have no declared scale; Redshift's have one, and clients may use it.
    """

    def __init__(self) -> None:
        self.scale = 0

    def __call__(self, value: bytes) -> Field:
        point = value.find(b".")
        if point >= 0 and len(value) - point - 1 > self.scale:
            self.scale = len(value) - point - 1
        return {"stringValue": value.decode()}


def writer(column: Column) -> Writer:
    """A function that turns PostgreSQL's text of a value of `column` into a Field; the caller handles NULL."""
    if column.type_oid == NUMERIC and column.modifier < 0:
        return ScaleWriter()
    return _WRITERS.get(column.type_oid, _text)


def csv_cell(field: Field) -> str:
    """A Field as one CSV cell, quoted where necessary, "" for NULL. The service's own rules are unverified."""
    if "isNull" in field:
        return ""
    value = next(iter(field.values()))
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text == "" or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
