"""Attributes of tables that only Redshift has: DISTSTYLE, SORTKEY, ENCODE, declared constraints."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from wharfinger_sandbox.dialect.cursor import Cursor, Name
from wharfinger_sandbox.dialect.names import literal, qualified
from wharfinger_sandbox.dialect.values import Refused


@dataclass
class Attributes:
    """The attributes of a table that the engine does not have, for the JSON that `wf_record` reads."""

    values: dict[str, Any] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    constraints: list[dict[str, Any]] = field(default_factory=list)
    sortkeys: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The attributes that the statement sets."""
        document = dict(self.values)
        if self.sortkeys:
            document["sortkeys"] = self.sortkeys
            document.setdefault("sortstyle", "compound")
        for name in ("encodings", "constraints"):
            if getattr(self, name):
                document[name] = getattr(self, name)
        return document


def with_attributes(ddl: str, table: Name, document: dict[str, Any]) -> str:
    """SQL that runs `ddl` and records the attributes in `document`; only `ddl` when there are none."""
    if not document:
        return ddl
    return f"call pg_catalog.wf_ddl({literal(ddl)}, {literal(qualified(table))}, {literal(json.dumps(document))})"


def table_attributes(cursor: Cursor, attributes: Attributes) -> None:
    """Read BACKUP, AUTO REFRESH, DISTSTYLE, DISTKEY, SORTKEY and ENCODE AUTO, in any order. Raises Refused."""
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
    """Read [COMPOUND | INTERLEAVED] SORTKEY (…) or SORTKEY AUTO; returns False when it is not next."""
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
