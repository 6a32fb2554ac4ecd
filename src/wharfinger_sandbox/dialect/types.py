"""Redshift's column types and the engine's types for them (redshift-facts §6.1)."""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import NUMBER, word_set
from wharfinger_sandbox.dialect.values import Refused, leader_only, unsupported

MAX_VARCHAR, DEFAULT_VARCHAR, MAX_CHAR = 65535, 256, 4096
MAX_PRECISION = 38

_PLAIN = {
    "smallint": "smallint", "int2": "smallint", "integer": "integer", "int": "integer", "int4": "integer",
    "bigint": "bigint", "int8": "bigint", "real": "real", "float4": "real", "float8": "double precision",
    "boolean": "boolean", "bool": "boolean", "date": "date", "timestamptz": "timestamptz", "timetz": "timetz",
    "super": "pg_catalog.super",
}  # fmt: skip
_NOT_IN_REDSHIFT = word_set(
    "bytea json jsonb uuid serial bigserial smallserial money hstore inet cidr macaddr xml bit tsvector tsquery"
    " point line polygon circle box path oid name regclass"
)
_NOT_IN_SANDBOX = word_set("geometry geography hllsketch")


def column_type(cursor: Cursor) -> str:
    """The engine's type for the type at the cursor. Raises Refused for a type that tables cannot have."""
    word = cursor.next().low
    if word in _NOT_IN_SANDBOX:
        raise unsupported(f"The type {word.upper()}")
    if word in _NOT_IN_REDSHIFT:
        raise leader_only()
    found = _with_length(word, cursor)
    if cursor.token.is_op("["):
        raise leader_only()
    return found


def _with_length(word: str, cursor: Cursor) -> str:
    if word in ("varchar", "nvarchar") or (word in ("character", "char", "nchar") and cursor.take("varying")):
        return f"varchar({_length(cursor, DEFAULT_VARCHAR, MAX_VARCHAR, 'varchar')})"
    if word == "text":
        return f"varchar({DEFAULT_VARCHAR})"
    if word in ("char", "character", "nchar"):
        return f"char({_length(cursor, 1, MAX_CHAR, 'char')})"
    if word == "bpchar":
        return "char(256)"
    if word in ("decimal", "numeric", "dec"):
        return _numeric(cursor)
    if word in ("varbyte", "varbinary") or (word == "binary" and cursor.take("varying")):
        return f"pg_catalog.varbyte({_length(cursor, 64000, 16777216, 'varbyte')})"
    if word == "float":
        return _float(cursor)
    if word == "double":
        cursor.need("precision")
        return "double precision"
    if word in ("timestamp", "time"):
        zone = "tz" if cursor.take("with", "time", "zone") else ""
        cursor.take("without", "time", "zone")
        return word + zone
    if word == "interval":
        return _interval(cursor)
    if word in _PLAIN:
        return _PLAIN[word]
    raise Refused("42704", f'type "{word}" does not exist')


def _length(cursor: Cursor, default: int, largest: int, name: str) -> int:
    if not cursor.take_op("("):
        return default
    length = largest if cursor.take("max") else cursor.number()
    cursor.need_op(")")
    if length < 1:
        raise Refused("22023", f"length for type {name} must be at least 1")
    if length > largest:
        raise Refused("22023", f"length for type {name} cannot exceed {largest}")
    return length


def _numeric(cursor: Cursor) -> str:
    precision, scale = 18, 0
    if cursor.take_op("("):
        precision = cursor.number()
        scale = cursor.number() if cursor.take_op(",") else 0
        cursor.need_op(")")
    if not 1 <= precision <= MAX_PRECISION:
        raise Refused("22023", f"DECIMAL precision {precision} must be between 1 and {MAX_PRECISION}")
    if not 0 <= scale <= precision:
        raise Refused("22023", f"DECIMAL scale {scale} must be between 0 and precision {precision}")
    return f"numeric({precision},{scale})"


def _float(cursor: Cursor) -> str:
    if not cursor.take_op("("):
        return "double precision"
    bits = cursor.number()
    cursor.need_op(")")
    return "real" if bits <= 24 else "double precision"


def _interval(cursor: Cursor) -> str:
    words = ["interval"]
    while cursor.token.is_word("year", "month", "day", "hour", "minute", "second", "to"):
        words.append(cursor.next().low)
        if cursor.token.is_op("(") and cursor.peek().kind == NUMBER:
            cursor.brackets()
    return " ".join(words)
