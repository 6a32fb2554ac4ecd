"""Shows many names of tables: grouped by schema, with counts, and never all of a large warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from wharfinger.cli.output import Screen
from wharfinger.core.counts import counted, some
from wharfinger.core.names import TableName, display_part

SHOWN = 20
"""The most names that are shown one a line, and the most schemas of a longer list."""

IN_SCHEMA = 4
"""How many names of each schema a longer list shows."""


def show_names(screen: Screen, names: Sequence[TableName], *, see: str = "") -> None:
    """The names, one a line below their schema. Of more than SHOWN, one line for each schema with its first names.

    `see` is the command that lists them all; it is named where names are left out.
    """
    schemas = [
        (f"{display_part(database)}.{display_part(schema)}", [display_part(one.name) for one in group])
        for (database, schema), group in groupby(sorted(names), key=lambda one: (one.database, one.schema))
    ]
    few = len(names) <= SHOWN
    for schema, inside in schemas[:SHOWN]:
        head = f"  {schema}: {counted(len(inside), 'table')}"
        screen.line(head if few else f"{head}: {some(inside, IN_SCHEMA)}")
        for name in inside if few else ():
            screen.line(f"    {name}")
    if len(schemas) > SHOWN:
        screen.line(f"  …and {len(schemas) - SHOWN:,} more schemas")
    if not few and see:
        screen.line(f"  All of them: {see}")
