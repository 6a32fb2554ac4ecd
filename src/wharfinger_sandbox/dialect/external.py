"""CREATE EXTERNAL SCHEMA and CREATE EXTERNAL TABLE; external tables are listed but cannot be read."""

from __future__ import annotations

import json
from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import STRING, Token, render, string_value
from wharfinger_sandbox.dialect.names import ident, literal, qualified
from wharfinger_sandbox.dialect.types import column_type
from wharfinger_sandbox.dialect.values import Refused, Translation

_SOURCES = {
    ("data", "catalog"): 1, ("hive", "metastore"): 2, ("postgres",): 3, ("redshift",): 4, ("mysql",): 7,
    ("kinesis",): 6, ("msk",): 8, ("kafka",): 8,
}  # fmt: skip
"""The sources of external schemas and their `eskind` in SVV_EXTERNAL_SCHEMAS (3 and above are unverified)."""

_SCHEMA_WORDS = {word: word.upper() for word in (
    "schema", "region", "uri", "iam_role", "secret_arn", "catalog_role", "authentication",
)}  # fmt: skip


def create_external_schema(cursor: Cursor) -> Translation:
    """CREATE EXTERNAL SCHEMA: creates a schema and records its source; `cursor` is at EXTERNAL."""
    cursor.need("external", "schema")
    exists = cursor.take("if", "not", "exists")
    name = cursor.name()
    cursor.need("from")
    kind = next((number for words, number in _SOURCES.items() if cursor.take(*words)), None)
    if kind is None:
        raise cursor.syntax_error()
    document: dict[str, Any] = {"name": name, "kind": kind, "if_not_exists": exists, "options": {}}
    while not cursor.at_end():
        _external_schema_option(cursor, document)
    call = f"call pg_catalog.wf_create_external_schema({literal(json.dumps(document))})"
    return Translation(call, tag="CREATE SCHEMA", kind="ddl")


def _external_schema_option(cursor: Cursor, document: dict[str, Any]) -> None:
    if cursor.take("database"):
        document["database"] = cursor.string()
    elif cursor.take("port"):
        document["options"]["PORT"] = cursor.number()
    elif cursor.take("create", "external", "database", "if", "not", "exists"):
        pass
    elif cursor.token.low in _SCHEMA_WORDS:
        word = _SCHEMA_WORDS[cursor.next().low]
        document["options"][word] = cursor.string() if cursor.token.kind == STRING else cursor.next().low
    else:
        raise cursor.syntax_error()


def create_external_table(cursor: Cursor) -> Translation:
    """CREATE EXTERNAL TABLE: creates a foreign table that is listed but cannot be read; `cursor` is at EXTERNAL."""
    cursor.need("external", "table")
    name = cursor.dotted()
    if len(name) < 2:
        raise Refused("42601", "external tables must be created in an external schema")
    columns = _external_columns(cursor, partition=0)
    options: dict[str, str] = {}
    if cursor.take("partitioned", "by"):
        columns += _external_columns(cursor, partition=1)
    while not cursor.at_end():
        _external_option(cursor, options)
    written = ", ".join(f"{key} {literal(value)}" for key, value in options.items())
    ddl = f"create foreign table {qualified(name)} ({', '.join(columns)}) server wf_external"
    return Translation(f"{ddl} options ({written})" if written else ddl, tag="CREATE TABLE", kind="ddl")


def _external_columns(cursor: Cursor, *, partition: int) -> list[str]:
    inside = cursor.brackets()
    columns = []
    for number, piece in enumerate(_pieces(inside), start=1):
        if len(piece) < 2 or not piece[0].is_name():
            raise Refused("42601", f'syntax error at or near "{piece[0].text if piece else ")"}"')
        text = render(piece[1:]).strip()
        inner = Cursor(f"{render(piece[:1]).strip()} {text}", cursor.context)
        column = ident(inner.name())
        part = f", part_key '{number}'" if partition else ""
        columns.append(f"{column} {_engine_type(inner)} options (external_type {literal(text.lower())}{part})")
    return columns


def _engine_type(cursor: Cursor) -> str:
    if cursor.token.is_word("struct", "array", "map"):
        return "pg_catalog.super"
    if cursor.token.is_word("string", "binary", "tinyint"):
        return {"string": "varchar(65535)", "binary": "pg_catalog.varbyte", "tinyint": "smallint"}[cursor.next().low]
    if cursor.token.is_word("double") and not cursor.peek().is_word("precision"):
        return "double precision"
    return column_type(cursor)


def _pieces(tokens: list[Token]) -> list[list[Token]]:
    """The tokens, split at commas outside of (…) and <…>."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.text.count("<") + token.text.count("(") - token.text.count(">") - token.text.count(")")
        if token.is_op(",") and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _external_option(cursor: Cursor, options: dict[str, str]) -> None:
    if cursor.take("row", "format", "delimited"):
        while cursor.token.is_word("fields", "lines", "collection", "map", "escaped", "null"):
            cursor.next()
            while cursor.token.is_word("terminated", "items", "keys", "by", "defined", "as"):
                cursor.next()
            cursor.string()
    elif cursor.take("row", "format", "serde"):
        options["serialization_lib"] = cursor.string()
        if cursor.take("with", "serdeproperties"):
            options["serde_parameters"] = _properties(cursor)
    elif cursor.take("stored", "as", "inputformat"):
        options["input_format"] = cursor.string()
        cursor.need("outputformat")
        options["output_format"] = cursor.string()
    elif cursor.take("stored", "as"):
        options["input_format"] = cursor.next().low
    elif cursor.take("location"):
        options["location"] = cursor.string()
    elif cursor.take("table", "properties"):
        options["parameters"] = _properties(cursor)
    else:
        raise cursor.syntax_error()


def _properties(cursor: Cursor) -> str:
    values = [string_value(token) for token in cursor.brackets() if token.kind == STRING]
    return json.dumps(dict(zip(values[::2], values[1::2], strict=False)))
