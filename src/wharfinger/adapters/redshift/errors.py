"""Turns an error of the engine or of redshift_connector into our error: what, which, why, and the next step.

`causes` has the tables. `why` holds the engine's message, without secrets and values from tables.
"""

from __future__ import annotations

import re

from wharfinger.adapters.aws.errors import Finding, Place, find, first_line, shortened
from wharfinger.adapters.redshift.causes import ENGINE_CAUSES, WIRE_CAUSES
from wharfinger.adapters.redshift.engine_messages import without_values
from wharfinger.core.names import display_part

_POSITION = re.compile(r"^\s*(Position: \d+)\s*$", re.IGNORECASE | re.MULTILINE)


def of_engine(text: str, place: Place, *, sqlstate: str = "", sql: str = "") -> Finding:
    """What an error text of the engine means: a FAILED statement's `Error`, or a message of the wire.

    `sql` is the statement; it is used only to find the schema of the table that a GRANT in the next step names.
    """
    message = shortened(without_values(text))
    cause, words = find(ENGINE_CAUSES, {sqlstate}, message, place) or (ENGINE_CAUSES[-1], place.words())
    if "name" in words:
        words = words | {"relation": _qualified(words["name"], sql), "name": display_part(words["name"])}
    position = _POSITION.search(text)
    return Finding(cause, f"{message} ({position.group(1)})" if position else message, words)


def of_wire(error: Exception, place: Place, *, sql: str = "") -> Finding:
    """What an exception of redshift_connector means: the engine's own error, or a connection that failed."""
    fields = error.args[0] if error.args else ""
    if isinstance(fields, dict):
        severity = f"{fields.get('S', 'ERROR')}: "
        return of_engine(severity + str(fields.get("M", "")), place, sqlstate=str(fields.get("C", "")), sql=sql)
    message = ": ".join(str(part) for part in error.args if part)
    cause, words = find(WIRE_CAUSES, set(), message, place) or (WIRE_CAUSES[-1], place.words())
    return Finding(cause, first_line(message), words)


def _qualified(name: str, sql: str) -> str:
    """`name` with the schema that it has in `sql`, each part quoted where it needs to be; alone where it has none."""
    quoted = '"' + name.replace('"', '""') + '"'
    match = re.search(rf'("(?:[^"]|"")+"|\w+)\.(?:{re.escape(quoted)}|{re.escape(name)}\b)', sql, re.IGNORECASE)
    if match is None:
        return display_part(name)
    schema = match[1][1:-1].replace('""', '"') if match[1].startswith('"') else match[1]
    return f"{display_part(schema)}.{display_part(name)}"
