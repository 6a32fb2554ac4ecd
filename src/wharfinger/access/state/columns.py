"""The values in single columns of the system views: who, which privilege, which settings, which signature. Pure."""

from __future__ import annotations

import re
from typing import cast

from wharfinger.access.model import Grantee, GranteeKind

_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')
_PATH_PART = re.compile(r'"((?:[^"]|"")+)"|([^\s,"][^,"]*)')

_TYPES = {
    "int": "integer",
    "int4": "integer",
    "int2": "smallint",
    "int8": "bigint",
    "varchar": "character varying",
    "nvarchar": "character varying",
    "text": "character varying",
    "char": "character",
    "bpchar": "character",
    "nchar": "character",
    "float": "double precision",
    "float8": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "bool": "boolean",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "varbinary": "varbyte",
    "binary varying": "varbyte",
}


def signature(name: str, arguments: str) -> str:
    """A function's name with its argument types in the catalog's spelling: `total(integer, character varying)`."""
    bare = re.sub(r"\([^()]*\)", "", arguments.lower())
    types = [" ".join(one.split()) for one in bare.split(",") if one.strip()]
    return f"{name}({', '.join(_TYPES.get(one, one) for one in types)})"


def word(text: object) -> str:
    """A word of a view in lower case."""
    return str(text).strip().lower()


def is_true(value: object) -> bool:
    """Whether a boolean of a view is true, in whatever form it arrives."""
    return word(value) in ("true", "t", "1")


def grantee_of(name: object, kind: object) -> Grantee | None:
    """The user, group or role of a row; None for others, such as PUBLIC.

    A group may come as a role with a leading slash (redshift-facts §3.3).
    """
    text, kind = str(name), word(kind)
    if kind == "role" and text.startswith("/"):
        return Grantee("group", text[1:])
    return Grantee(cast("GranteeKind", kind), text) if kind in ("user", "group", "role") else None


def privilege_of(text: object) -> str:
    """A privilege as a spec names it."""
    name = word(text)
    return "temp" if name == "temporary" else name


def objects_word(kind: object) -> str:
    """The word after ON of a default privilege's object_type (RELATION, FUNCTION, PROCEDURE)."""
    name = word(kind)
    return "tables" if name in ("relation", "table") else f"{name}s"


def settings(config: object) -> dict[str, str]:
    """The settings in pg_user.useconfig, an array shown as `{"search_path=analytics, public"}`.

    The text form of the array is PostgreSQL's; whether Redshift's is the same is unverified, so a setting without the
    array around it is read too.
    """
    text = str(config or "")
    elements = [_unescaped(element) for element in _ELEMENT.findall(text)] if text.startswith("{") else [text]
    return {name: value for name, equals, value in (one.partition("=") for one in elements) if equals}


def search_path(config: object) -> tuple[str, ...] | None:
    """The search_path among the settings of a user; None without one."""
    value = settings(config).get("search_path")
    if value is None:
        return None
    return tuple(quoted.replace('""', '"') or bare.strip() for quoted, bare in _PATH_PART.findall(value))


def _unescaped(element: tuple[str, str]) -> str:
    quoted, bare = element
    return re.sub(r"\\(.)", r"\1", quoted) or bare
