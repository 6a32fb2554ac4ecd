"""Matches patterns with the known table names; suggests similar names for a pattern that matches nothing. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import (
    NamePart,
    TableName,
    TablePattern,
    display_part,
    is_system_schema,
    parse_pattern,
    split_name,
)
from wharfinger.core.verbs import Call, call


def matching(
    patterns: Sequence[str], names: Iterable[TableName], connection: Connection, verb: str = ""
) -> list[TableName]:
    """The names that at least one pattern matches, each once, in the order of `names`.

    A pattern without a database means the connection's own. Raises Invalid for a text that is no pattern, and NotFound
    with similar names for the first pattern that matches none. Where another pattern is what was probably meant, the
    error recommends `verb` with that one.
    """
    known = list(names)
    wanted: set[TableName] = set()
    for pattern in [parsed(text, known, connection, patterns, verb) for text in patterns]:
        found = [name for name in known if matches(pattern, name, connection)]
        if not found:
            raise _no_match(pattern, patterns, known, connection, verb)
        wanted.update(found)
    return [name for name in known if name in wanted]


def matches(pattern: TablePattern, name: TableName, connection: Connection) -> bool:
    """Whether a pattern typed for `connection` matches a table's name."""
    return pattern.matches(name, default_database=connection.database)


def similar_names(text: str, candidates: Sequence[str]) -> str:
    """A part of a sentence with up to three `candidates` that are similar to `text`, or one that says there are none.

    Upper and lower case make no difference. Common pieces count, not slips as in `core.suggestions`: a part of a dotted
    name may be missing.
    """
    folded = {candidate.casefold(): candidate for candidate in candidates}
    found = difflib.get_close_matches(text.casefold(), list(folded), n=3, cutoff=0.5)
    if not found:
        return "no known name is similar" if candidates else "no name is known yet"
    return "similar names: " + ", ".join(folded[one] for one in found)


def parsed(
    text: str, known: Sequence[TableName], connection: Connection, patterns: Sequence[str] = (), verb: str = ""
) -> TablePattern:
    """The pattern that `text` is. Raises Invalid, which names the pattern that was probably meant; see `matching`."""
    try:
        return parse_pattern(text)
    except Invalid as error:
        better = _better(text, known, connection.database)
        if not better:
            raise
        raise Invalid(
            error.what,
            subject=text,
            why=f"a table is named with its schema, {better[1]}",
            next_step=f"Write {better[0]}",
            call=_again(text, better[0], patterns, connection, verb),
        ) from None


def _better(text: str, known: Sequence[TableName], default_database: str) -> tuple[str, str] | None:
    """The pattern that was probably meant by a text that is none or matches nothing, and what the text names."""
    try:
        parts = split_name(text)
    except Invalid:
        return None
    last = parts[-1]
    if len(parts) == 1:
        own = (name.schema for name in known if name.database == default_database)
        if schemas := _named(last, own):
            return _or_pattern(schemas, text, ".*"), f"and this is the name of {_counted(schemas, 'schema')}"
        if tables := [name for name in known if last.matches(name.name)]:
            named = list(dict.fromkeys(spelling(name, default_database) for name in tables))
            if len({name.name for name in tables}) > 1:
                return f"*.{text}", "and this is the pattern of several tables"
            others = f": {', '.join(named[:3])}" if len(named) > 1 else ""
            return named[0], f"and this is the name of {_counted(named, 'table')}{others}"
        if databases := _named(last, (name.database for name in known)):
            return _or_pattern(databases, text, ".*.*"), f"and this is the name of {_counted(databases, 'database')}"
    if len(parts) == 2:
        found = [name for name in known if parts[0].matches(name.database) and last.matches(name.schema)]
        schemas = list(dict.fromkeys(f"{display_part(one.database)}.{display_part(one.schema)}" for one in found))
        if schemas:
            return _or_pattern(schemas, text, ".*"), f"{text} names {_counted(schemas, 'schema')} of a database"
    return None


def _named(part: NamePart, names: Iterable[str]) -> list[str]:
    return [display_part(name) for name in dict.fromkeys(names) if part.matches(name)]


def _or_pattern(names: Sequence[str], text: str, rest: str) -> str:
    """The pattern for the one of `names`; for several, the one for all that `text` matches."""
    return f"{names[0] if len(names) == 1 else text}{rest}"


def _counted(names: Sequence[str], what: str) -> str:
    return f"a {what}" if len(names) == 1 else f"several {what}s"


def _again(wrong: str, right: str, patterns: Sequence[str], connection: Connection, verb: str) -> Call | None:
    if not verb:
        return None
    return call(verb, connection=connection.name, patterns=[right if one == wrong else one for one in patterns])


def _no_match(
    pattern: TablePattern, patterns: Sequence[str], known: Sequence[TableName], connection: Connection, verb: str
) -> NotFound:
    if is_system_schema(pattern.schema.text.casefold()):
        return NotFound(
            "No table matches",
            subject=pattern.text,
            why="the catalogs of Redshift itself are not read, and their tables cannot be selected",
            next_step="Name a table of your own; to see those that are known",
            call=call("tables:list", connection=connection.name),
        )
    why = _similar_tables(pattern.text, known, connection.database)
    if not known:
        return NotFound(
            "No table matches",
            subject=pattern.text,
            why=why,
            next_step="Read the warehouse's catalog first",
            call=call("tables:refresh", connection=connection.name),
        )
    if better := _better(pattern.text, known, connection.database):
        return NotFound(
            "No table matches",
            subject=pattern.text,
            why=better[1],
            next_step=f"Write {better[0]}",
            call=_again(pattern.text, better[0], patterns, connection, verb),
        )
    return NotFound(
        "No table matches",
        subject=pattern.text,
        why=why,
        next_step="Refresh to find tables created since the last refresh, or list the known tables",
        call=call("tables:list", connection=connection.name),
    )


def spelling(name: TableName, default_database: str) -> str:
    """The shortest pattern for a table: without the database when it is the connection's own."""
    plain = name.database == default_database == display_part(name.database)
    return str(name).split(".", 1)[1] if plain else str(name)


def _similar_tables(text: str, known: Sequence[TableName], default_database: str) -> str:
    """As `similar_names`, each table once, however it was spelled in `text`."""
    whole = {str(name).casefold(): name for name in known}
    candidates = whole | {spelling(name, default_database).casefold(): name for name in known}
    close = difflib.get_close_matches(text.casefold(), list(candidates), n=6, cutoff=0.5)
    found = list(dict.fromkeys(candidates[one] for one in close))[:3]
    if not found:
        return similar_names(text, [str(name) for name in known])
    return "similar names: " + ", ".join(spelling(name, default_database) for name in found)
