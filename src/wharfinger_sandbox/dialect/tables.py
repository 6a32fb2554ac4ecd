"""CREATE TABLE in its forms: columns, LIKE, AS, with Redshift's attributes noted beside the engine's table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.lexer import END, Token, word_set
from wharfinger_sandbox.dialect.names import ident, literal, qualified
from wharfinger_sandbox.dialect.queries import rewrite_query, rewrite_tokens
from wharfinger_sandbox.dialect.types import column_type
from wharfinger_sandbox.dialect.values import Refused, Translation, unsupported

_DEFAULT_ENDS = (
    "identity", "generated", "encode", "distkey", "sortkey", "collate", "not", "null", "unique", "primary",
    "references", "default",
)  # fmt: skip
ENCODINGS = word_set(
    "raw none auto az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd"
)


@dataclass
class Attributes:
    """What Redshift knows of a table beside its columns; becomes the JSON that `wf_record` reads."""

    values: dict[str, Any] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    constraints: list[dict[str, Any]] = field(default_factory=list)
    sortkeys: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Only what was said."""
        said = dict(self.values)
        if self.sortkeys:
            said["sortkeys"] = self.sortkeys
            said.setdefault("sortstyle", "compound")
        for name in ("encodings", "constraints"):
            if getattr(self, name):
                said[name] = getattr(self, name)
        return said


def with_attributes(ddl: str, table: Name, document: dict[str, Any]) -> str:
    """The DDL alone when there is nothing to note, else the call that runs it and notes."""
    if not document:
        return ddl
    return f"call pg_catalog.wf_ddl({literal(ddl)}, {literal(qualified(table))}, {literal(json.dumps(document))})"


def create_table(cursor: Cursor) -> Translation:
    """CREATE TABLE, from the word after TABLE on what follows; `cursor` stands behind CREATE."""
    cursor.take("local")
    temporary = bool(cursor.take_any("temporary", "temp"))
    cursor.need("table")
    exists = cursor.take("if", "not", "exists")
    temporary = cursor.token.text == "#" or temporary
    table = _table_name(cursor)
    attributes = Attributes()
    head = f"create {'temporary ' if temporary else ''}table {'if not exists ' if exists else ''}{qualified(table)}"
    if cursor.token.is_op("(") and not _is_column_list(cursor):
        body = _body(cursor, attributes)
        table_attributes(cursor, attributes)
        cursor.need_end()
        return _done(f"{head} ({body})", table, attributes, exists, "CREATE TABLE")
    columns = f" ({', '.join(ident(name) for name in cursor.name_list())})" if cursor.token.is_op("(") else ""
    table_attributes(cursor, attributes)
    cursor.need("as")
    query = rewrite_query(cursor.rest(), cursor.context)
    return replace(_done(f"{head}{columns} as {query}", table, attributes, exists, "SELECT"), query=query)


def _done(ddl: str, table: Name, attributes: Attributes, exists: bool, tag: str) -> Translation:
    document = attributes.document()
    if document and exists:
        document["if_not_exists"] = True
    # A table made AS a query is a write too.
    writes = (qualified(table), ("insert",)) if tag == "SELECT" else (None, ())
    return Translation(with_attributes(ddl, table, document), tag=tag, kind="ddl", target=writes[0], steps=writes[1])


def _table_name(cursor: Cursor) -> Name:
    if cursor.take_op("#"):
        return (f"#{cursor.name()}",)
    return cursor.dotted()


def _is_column_list(cursor: Cursor) -> bool:
    """Whether the brackets hold names alone, as before AS."""
    ahead = 1
    while True:
        if not cursor.peek(ahead).is_name():
            return False
        sign = cursor.peek(ahead + 1)
        if sign.is_op(")"):
            return True
        if not sign.is_op(","):
            return False
        ahead += 2


def _body(cursor: Cursor, attributes: Attributes) -> str:
    cursor.need_op("(")
    parts: list[str] = []
    while True:
        part = _element(cursor, attributes)
        if part:
            parts.append(part)
        if not cursor.take_op(","):
            break
    cursor.need_op(")")
    return ", ".join(parts)


def _element(cursor: Cursor, attributes: Attributes) -> str:
    if cursor.take("like"):
        parent = qualified(cursor.dotted())
        if cursor.take("including", "defaults"):
            return f"like {parent} including defaults"
        cursor.take("excluding", "defaults")
        return f"like {parent}"
    if is_constraint(cursor):
        attributes.constraints.append(table_constraint(cursor))
        return ""
    return column(cursor, attributes)


def is_constraint(cursor: Cursor) -> bool:
    """Whether a table constraint begins here, and not a column of such a name."""
    return (
        (cursor.token.is_word("constraint") and cursor.peek().is_name())
        or cursor.at("primary", "key")
        or cursor.at("foreign", "key")
        or (cursor.token.is_word("unique", "check") and cursor.peek().is_op("("))
    )


def table_constraint(cursor: Cursor) -> dict[str, Any]:
    """[CONSTRAINT name] PRIMARY KEY (…) | UNIQUE (…) | FOREIGN KEY (…) REFERENCES t [(…)]."""
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
    """One column definition as the engine takes it; what else it says goes to `attributes`."""
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
    """A DEFAULT's expression: up to the next attribute, comma or bracket of this level."""
    taken: list[Token] = []
    depth = 0
    while not cursor.at_end():
        token = cursor.token
        if depth == 0 and taken and (token.is_op(",") or token.is_op(")") or token.is_word(*_DEFAULT_ENDS)):
            break
        depth += token.is_op("(") - token.is_op(")")
        taken.append(cursor.next())
    return rewrite_tokens([*taken, Token(END, "", "", "", -1)], cursor.context).strip()


def table_attributes(cursor: Cursor, attributes: Attributes) -> None:
    """BACKUP, DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO, in any order."""
    while True:
        if cursor.take("backup"):
            attributes.values["backup"] = _yes_or_no(cursor)
        elif cursor.take("auto", "refresh"):
            attributes.values["auto_refresh"] = _yes_or_no(cursor)
        elif cursor.take("diststyle"):
            style = cursor.take_any("even", "key", "all", "auto")
            if not style:
                raise cursor.syntax_error()
            attributes.values["diststyle"] = style
        elif cursor.take("distkey"):
            attributes.values.update(diststyle="key", distkey=_one_name(cursor))
        elif cursor.take("encode", "auto"):
            pass
        elif not sort_key(cursor, attributes):
            return


def sort_key(cursor: Cursor, attributes: Attributes) -> bool:
    """[COMPOUND | INTERLEAVED] SORTKEY (…) or SORTKEY AUTO; whether it stood there."""
    style = cursor.take_any("compound", "interleaved")
    if not cursor.take("sortkey"):
        return False
    if cursor.take_any("auto", "none"):
        attributes.values["sortstyle"] = "auto"
        return True
    attributes.sortkeys = cursor.name_list() if cursor.token.is_op("(") else [cursor.name()]
    attributes.values["sortstyle"] = style or "compound"
    return True


def _one_name(cursor: Cursor) -> str:
    if not cursor.token.is_op("("):
        return cursor.name()
    names = cursor.name_list()
    if len(names) != 1:
        raise Refused("42P16", "only one column may be the distribution key")
    return names[0]


def _yes_or_no(cursor: Cursor) -> bool:
    word = cursor.take_any("yes", "no")
    if not word:
        raise cursor.syntax_error()
    return word == "yes"
