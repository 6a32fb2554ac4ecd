"""Names of tables and columns, and the only place where an identifier or a literal is quoted for SQL.

Names follow docs/interface.md: `schema.table` or `database.schema.table`; a part in double quotes (inner ones doubled)
matches exactly, an unquoted part matches without case, `*` matches within one unquoted part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from wharfinger.core.errors import Invalid

MAX_IDENTIFIER_BYTES = 127
"""Longest identifier that Redshift accepts, in bytes (redshift-facts §6.3)."""

KEEP_CASE = "SET enable_case_sensitive_identifier TO true"
"""Without it Redshift folds names to lower case even in double quotes (redshift-facts §4.1)."""

SYSTEM_SCHEMAS = ("information_schema", "catalog_history")
"""Redshift's own schemas whose names do not begin with `pg_`, as those of all others do (redshift-facts §4.4)."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\"((?:[^\"]|\"\")*)\"", re.DOTALL)


def quote_ident(name: str) -> str:
    """`name` as a double-quoted SQL identifier, always quoted, so that keywords and capitals need no special case.

    Raises Invalid for an empty name, a NUL character, or more than 127 bytes.
    """
    if not name or "\x00" in name:
        raise Invalid(
            "Not a usable identifier",
            subject=repr(name),
            why="it is empty or holds a NUL character",
            next_step="Use another name",
        )
    if len(name.encode()) > MAX_IDENTIFIER_BYTES:
        raise Invalid(
            "Identifier too long",
            subject=name,
            why=f"Redshift accepts {MAX_IDENTIFIER_BYTES} bytes, this has {len(name.encode())}",
            next_step="Use a shorter name",
        )
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """`text` as a single-quoted SQL literal that means the same whether backslashes escape or not.

    Redshift reads a backslash in a plain literal as an escape (unverified for every setting), PostgreSQL does not by
    default; a text with a backslash is therefore cut at it and joined with `chr(92)`, which means the same to both.
    Raises Invalid for a NUL character.
    """
    if "\x00" in text:
        raise Invalid("Not a usable text", why="it holds a NUL character", next_step="Remove the NUL character")
    pieces = ["'" + piece.replace("'", "''") + "'" for piece in text.split("\\")]
    return pieces[0] if len(pieces) == 1 else "(" + " || chr(92) || ".join(pieces) + ")"


def is_system_schema(name: str) -> bool:
    """Whether a schema is Redshift's own: never shown, and nothing is granted over it."""
    return name.startswith("pg_") or name in SYSTEM_SCHEMAS


def outside_system(column: str) -> str:
    """A condition on a column of schema names: true for schemas that are not Redshift's own."""
    system = ", ".join(quote_literal(name) for name in SYSTEM_SCHEMAS)
    return f"({column} not like 'pg!_%' escape '!' and {column} not in ({system}))"


def needs_case(sql: str) -> bool:
    """Whether `sql` names something in double quotes with capitals in it, so that `KEEP_CASE` must come before it.

    A quoted user name keeps its case anyway (redshift-facts §4.1), but the text does not say which names are users.
    """
    return any(match[1] != match[1].lower() for match in _QUOTED.finditer(sql) if match[1])


def in_one_line(text: str) -> str:
    """`text` without line breaks, for use in a SQL comment: a name with a line break must not end the comment."""
    return " ".join(text.split())


def display_part(name: str) -> str:
    """`name` as people write it: unquoted when it is plain lower case, else in double quotes."""
    return name if _PLAIN.match(name) else '"' + name.replace('"', '""') + '"'


MOST_CHARACTERS = 1000
"""The most characters of a name as typed: three parts of 127 bytes, quoted and with every quote doubled, have 770."""


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """The full name of one table or view, in the catalog's own spelling."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{display_part(self.database)}.{display_part(self.schema)}.{display_part(self.name)}"

    def sql(self) -> str:
        """`"schema"."name"`, quoted, for a statement in a login to `database`."""
        return f"{quote_ident(self.schema)}.{quote_ident(self.name)}"


@dataclass(frozen=True, slots=True)
class NamePart:
    """One part of a dotted name as typed: `exact` when it was in double quotes."""

    text: str
    exact: bool

    def matches(self, name: str) -> bool:
        """Whether this part means `name`."""
        if self.exact:
            return self.text == name
        return _like(self.text.casefold()).fullmatch(name.casefold()) is not None

    def is_wild(self) -> bool:
        """Whether it contains a `*`."""
        return not self.exact and "*" in self.text


@dataclass(frozen=True, slots=True)
class TablePattern:
    """A pattern over table names, as typed by a person; see the module's text for the rules."""

    text: str
    database: NamePart | None
    schema: NamePart
    name: NamePart

    def matches(self, table: TableName, *, default_database: str) -> bool:
        """Whether `table` is meant; a pattern without database means `default_database` only."""
        in_database = self.database.matches(table.database) if self.database else table.database == default_database
        return in_database and self.schema.matches(table.schema) and self.name.matches(table.name)


def meant(text: str, known: Iterable[str]) -> list[str]:
    """Those of `known` that one name as typed means: a column, a schema, a user.

    In double quotes (inner ones doubled) it matches exactly, else without case; a name that is spelled exactly so comes
    first. A name is taken as a whole: dots and `*` have no meaning in it.
    """
    names = list(known)
    exact = [name for name in names if name == text]
    quoted = re.fullmatch(r'"((?:[^"]|"")*)"', text, re.DOTALL)
    if quoted is not None:
        content = quoted[1].replace('""', '"')
        return [name for name in names if name == content] or exact
    return exact or [name for name in names if name.casefold() == text.casefold()]


def parse_pattern(text: str) -> TablePattern:
    """A pattern from `schema.table` or `database.schema.table`.

    Raises Invalid when the text has not two or three parts, an empty part or an open quote.
    """
    parts = split_name(text)
    if len(parts) == 1:
        raise Invalid(
            "Not a table name",
            subject=text,
            why="it has 1 part",
            next_step=f"Write {text}.* for all tables of a schema, or schema.table for one table",
        )
    if len(parts) != 2 and len(parts) != 3:
        raise _not_a_name(text, f"it has {len(parts)} parts")
    database = parts[0] if len(parts) == 3 else None
    return TablePattern(text, database, parts[-2], parts[-1])


def split_name(text: str) -> list[NamePart]:
    """The parts of a dotted name. Raises Invalid for an empty part, an open quote and a text that no name needs."""
    if len(text) > MOST_CHARACTERS:
        raise _not_a_name(text, f"it has more than {MOST_CHARACTERS} characters")
    parts: list[NamePart] = []
    position = 0
    while True:
        if text[position : position + 1] == '"':
            part, position = _quoted(text, position)
        else:
            end = text.find(".", position)
            end = len(text) if end < 0 else end
            part, position = NamePart(text[position:end], exact=False), end
        if not part.text or (not part.exact and '"' in part.text):
            raise _not_a_name(text, "a part is empty, or a double quote is inside it")
        parts.append(part)
        if position == len(text):
            return parts
        if text[position] != ".":
            raise _not_a_name(text, "after a quoted part a dot is expected")
        position += 1


@lru_cache(maxsize=256)
def _like(text: str) -> re.Pattern[str]:
    """The pattern of a part with `*`. Each piece is matched at its first place only (`(?>…)`):
    the rest may match anywhere after it, so no other place is better, and many `*` cost no more than one.
    """
    first, *others = (re.escape(piece) for piece in text.split("*"))
    if not others:
        return re.compile(first)
    between = "".join(f"(?>.*?{piece})" for piece in others[:-1])
    return re.compile(f"{first}{between}.*{others[-1]}", re.DOTALL)


def _quoted(text: str, start: int) -> tuple[NamePart, int]:
    match = re.compile(r'"((?:[^"]|"")*)"').match(text, start)
    if match is None:
        raise _not_a_name(text, "a double quote is not closed")
    return NamePart(match.group(1).replace('""', '"'), exact=True), match.end()


def _not_a_name(text: str, why: str) -> Invalid:
    return Invalid(
        "Not a table name",
        subject=text,
        why=why,
        next_step="Write schema.table or database.schema.table; * matches within a part. Put a part with dots, blanks "
        "or quotes into double quotes, and double the quotes inside it",
    )
