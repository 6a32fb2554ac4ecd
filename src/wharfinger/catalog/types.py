"""Type names: one spelling for each Redshift type, whichever catalog view it comes from (redshift-facts §6.1). Pure."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?P<base>[a-z_][a-z0-9_ ]*?)\s*(?:\((?P<args>[^()]*)\))?(?P<zone> with(?:out)? time zone)?\Z")

_ALIASES = {
    "int2": "smallint",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "decimal": "numeric",
    "float4": "real",
    "float": "double precision",
    "float8": "double precision",
    "double": "double precision",
    "bool": "boolean",
    "character": "char",
    "nchar": "char",
    "bpchar": "char",
    "character varying": "varchar",
    "nvarchar": "varchar",
    "string": "varchar",
    "binary varying": "varbyte",
    "varbinary": "varbyte",
}
NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
TIMES = frozenset({"date", "time", "timetz", "timestamp", "timestamptz"})
TEXTS = frozenset({"char", "varchar", "text", "name"})
"""The bases of the ordinary types, as `normalise` spells them."""

_WITH_ARGUMENTS = ("numeric", "char", "varchar", "varbyte")


def normalise(text: str) -> str:
    """The type as Redshift's DDL writes it: `character varying(64)` → `varchar(64)`, `timestamp without time zone` →
    `timestamp`. An unknown type, such as `array<int>` of an external table, is answered unchanged.
    """
    lowered = " ".join(text.lower().split())
    match = _FORM.match(lowered)
    if match is None:
        return text.strip()
    base = _ALIASES.get(match["base"], match["base"])
    if base in ("time", "timestamp"):
        return base + ("tz" if match["zone"] == " with time zone" else "")
    if match["args"] and base in _WITH_ARGUMENTS:
        return f"{base}({','.join(part.strip() for part in match['args'].split(','))})"
    return base if not match["args"] else lowered


def base_of(normalised: str) -> str:
    """The type without its arguments: `varchar(64)` → `varchar`."""
    return normalised.split("(", 1)[0]
