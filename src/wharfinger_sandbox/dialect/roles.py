"""The engine's roles for Redshift's users, groups and roles, which have separate namespaces.

A user is the engine's role of the same name (`IAM:analyst`). Groups and roles have a prefix with which no user name may
begin. The catalog's SQL files use the same prefixes.
"""

from __future__ import annotations

GROUP_PREFIX = "g/"
ROLE_PREFIX = "r/"
SCOPE_PREFIX = "s/"

MAX_ENGINE_BYTES = 63
"""The longest name in the engine; Redshift allows 127 bytes (redshift-facts §4.1)."""


def engine_user(name: str) -> str:
    """The engine's role for the Redshift user `name`."""
    return name


def engine_group(name: str) -> str:
    """The engine's role for the Redshift group `name`."""
    return GROUP_PREFIX + name


def engine_role(name: str) -> str:
    """The engine's role for the Redshift role `name`, including system roles such as `sys:dba`."""
    return ROLE_PREFIX + name
