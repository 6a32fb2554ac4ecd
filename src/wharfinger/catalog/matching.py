"""Matches patterns with the known table names; suggests similar names for a pattern that matches nothing. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from wharfinger.connections.model import Connection
from wharfinger.core.errors import NotFound
from wharfinger.core.names import TableName, TablePattern, parse_pattern
from wharfinger.core.verbs import call


def matching(patterns: Sequence[str], names: Iterable[TableName], connection: Connection) -> list[TableName]:
    """The names that at least one pattern matches, each once, in the order of `names`.

    A pattern without a database means the connection's own. Raises Invalid for a text that is no pattern, and NotFound
    with similar names for the first pattern that matches none.
    """
    known = list(names)
    wanted: set[TableName] = set()
    for pattern in [parse_pattern(text) for text in patterns]:
        found = [name for name in known if matches(pattern, name, connection)]
        if not found:
            raise _no_match(pattern, known, connection)
        wanted.update(found)
    return [name for name in known if name in wanted]


def matches(pattern: TablePattern, name: TableName, connection: Connection) -> bool:
    """Whether a pattern typed for `connection` matches a table's name."""
    return pattern.matches(name, default_database=connection.database)


def similar_names(text: str, candidates: Sequence[str]) -> str:
    """A part of a sentence with up to three `candidates` that are similar to `text`, or one that says there are none.

    Upper and lower case make no difference.
    """
    folded = {candidate.casefold(): candidate for candidate in candidates}
    found = difflib.get_close_matches(text.casefold(), list(folded), n=3, cutoff=0.5)
    if not found:
        return "no known name is similar" if candidates else "no name is known yet"
    return "similar names: " + ", ".join(folded[one] for one in found)


def _no_match(pattern: TablePattern, known: Sequence[TableName], connection: Connection) -> NotFound:
    why = similar_names(pattern.text, _spellings(known, connection.database))
    if not known:
        return NotFound(
            "No table matches",
            subject=pattern.text,
            why=why,
            next_step="Read the warehouse's catalog first",
            call=call("tables:refresh", connection=connection.name),
        )
    return NotFound(
        "No table matches",
        subject=pattern.text,
        why=why,
        next_step="Refresh to find tables created since the last refresh, or list the known tables",
        call=call("tables:list", connection=connection.name),
    )


def _spellings(names: Sequence[TableName], default_database: str) -> list[str]:
    short = [str(name).split(".", 1)[1] for name in names if name.database == default_database]
    return short + [str(name) for name in names]
