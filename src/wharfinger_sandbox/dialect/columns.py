"""Column definitions and table constraints in CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import END, Token, word_set
from wharfinger_sandbox.dialect.names import ident, qualified
from wharfinger_sandbox.dialect.queries import rewrite_tokens
from wharfinger_sandbox.dialect.table_attributes import Attributes
from wharfinger_sandbox.dialect.types import column_type
from wharfinger_sandbox.dialect.values import Refused, unsupported

_DEFAULT_ENDS = (
    "identity", "generated", "encode", "distkey", "sortkey", "collate", "not", "null", "unique", "primary",
    "references", "default",
)  # fmt: skip
ENCODINGS = word_set(
    "raw none auto az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd"
)


def is_constraint(cursor: Cursor) -> bool:
    """Whether a table constraint begins at the cursor, not a column with such a name."""
    return (
        (cursor.token.is_word("constraint") and cursor.peek().is_name())
        or cursor.at("primary", "key")
        or cursor.at("foreign", "key")
        or (cursor.token.is_word("unique", "check") and cursor.peek().is_op("("))
    )


def table_constraint(cursor: Cursor) -> dict[str, Any]:
    """[CONSTRAINT name] PRIMARY KEY (…) | UNIQUE (…) | FOREIGN KEY (…) REFERENCES t [(…)]. Raises Refused."""
    name = cursor.name() if cursor.take("constraint") else None
    if cursor.take("primary", "key"):
        return {"type": "p", "name": name, "columns": cursor.name_list()}
    if cursor.take("unique"):
        return {"type": "u", "name": name, "columns": cursor.name_list()}
    if cursor.take("foreign", "key"):
        return {"type": "f", "name": name, "columns": cursor.name_list(), **_references(cursor)}
    if cursor.token.is_word("check", "exclude"):
        raise Refused("0A000", f"{cursor.token.text.upper()} constraints are not supported on Redshift tables")
    raise cursor.syntax_error()


def _references(cursor: Cursor) -> dict[str, Any]:
    cursor.need("references")
    relation = qualified(cursor.dotted())
    columns = cursor.name_list() if cursor.token.is_op("(") else None
    return {"relation": relation, "references": columns}


def column(cursor: Cursor, attributes: Attributes) -> str:
    """One column definition for the engine; Redshift's attributes are added to `attributes`. Raises Refused."""
    name = cursor.name()
    kind = column_type(cursor)
    words = [ident(name), kind]
    while not (cursor.token.is_op(",") or cursor.token.is_op(")") or cursor.at_end()):
        words.append(_column_attribute(cursor, name, kind, attributes))
    return " ".join(word for word in words if word)


def _column_attribute(cursor: Cursor, name: str, kind: str, attributes: Attributes) -> str:
    if cursor.take("default"):
        return f"default {_expression(cursor)}"
    if cursor.take("not", "null"):
        return "not null"
    if cursor.take("null"):
        return ""
    if cursor.take("identity"):
        return _identity(cursor, "always")
    if cursor.take("generated", "by", "default", "as", "identity"):
        return _identity(cursor, "by default")
    if cursor.take("encode"):
        encoding = cursor.next().low
        if encoding not in ENCODINGS:
            raise Refused("42601", f'encoding type "{encoding}" is not supported')
        if encoding != "auto":
            attributes.encodings[name] = "none" if encoding == "raw" else encoding
    elif cursor.take("distkey"):
        attributes.values.update(diststyle="key", distkey=name)
    elif cursor.take("sortkey"):
        attributes.sortkeys.append(name)
    elif cursor.take("collate"):
        return _collation(cursor, kind)
    else:
        attributes.constraints.append(_column_constraint(cursor, name))
    return ""


def _column_constraint(cursor: Cursor, name: str) -> dict[str, Any]:
    given = cursor.name() if cursor.take("constraint") else None
    if cursor.take("primary", "key"):
        return {"type": "p", "name": given, "columns": [name]}
    if cursor.take("unique"):
        return {"type": "u", "name": given, "columns": [name]}
    if cursor.token.is_word("references"):
        return {"type": "f", "name": given, "columns": [name], **_references(cursor)}
    if cursor.token.is_word("check"):
        raise Refused("0A000", "CHECK constraints are not supported on Redshift tables")
    raise cursor.syntax_error()


def _collation(cursor: Cursor, kind: str) -> str:
    if cursor.take_any("case_sensitive", "cs"):
        return ""
    if cursor.take_any("case_insensitive", "ci"):
        raise unsupported(f"COLLATE CASE_INSENSITIVE of {kind}")
    raise cursor.syntax_error()


def _identity(cursor: Cursor, how: str) -> str:
    cursor.need_op("(")
    seed = cursor.number()
    cursor.need_op(",")
    step = cursor.number()
    cursor.need_op(")")
    bound = f"minvalue {seed}" if step >= 0 else f"maxvalue {seed}"
    return f"generated {how} as identity (start {seed} increment {step} {bound})"


def _expression(cursor: Cursor) -> str:
    """The expression of a DEFAULT, which ends at the next attribute, comma or closing bracket."""
    taken: list[Token] = []
    depth = 0
    while not cursor.at_end():
        token = cursor.token
        if depth == 0 and taken and (token.is_op(",") or token.is_op(")") or token.is_word(*_DEFAULT_ENDS)):
            break
        depth += token.is_op("(") - token.is_op(")")
        taken.append(cursor.next())
    return rewrite_tokens([*taken, Token(END, "", "", "", -1)], cursor.context).strip()
