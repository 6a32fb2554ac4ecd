"""How Redshift's three namespaces (users, groups, roles) live in the engine's one.

A user is the engine's role of the same name, `IAM:analyst` literally. Groups and roles carry a prefix that no user
name may begin with. The same prefixes stand in the catalog's SQL files; nothing else knows them.
"""

from __future__ import annotations

GROUP_PREFIX = "g/"
ROLE_PREFIX = "r/"
SCOPE_PREFIX = "s/"

MAX_ENGINE_BYTES = 63
"""Longest name the engine keeps; Redshift takes 127 bytes (redshift-facts §4.1)."""


def engine_user(name: str) -> str:
    """The engine's role for the Redshift user `name`."""
    return name


def engine_group(name: str) -> str:
    """The engine's role for the Redshift group `name`."""
    return GROUP_PREFIX + name


def engine_role(name: str) -> str:
    """The engine's role for the Redshift role `name` (`sys:dba` and its like included)."""
    return ROLE_PREFIX + name
