"""Removes what a test added to the shared sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg import sql
from tests.conftest import LAST_RESORT, Sandbox
from tests.sandbox.front import database, engine

DATABASES = ("dev", "marketing")
KEPT = {"IAM:admin", "IAM:analyst"}
_SCHEMAS = "select nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp_'"
_ROLES = "select rolname from pg_roles"
# What the engine's roles are in Redshift, by the prefix of their names; scopes exist in the engine only.
_KINDS = {"g/": "group", "r/": "role"}


class Sweeper:
    """Knows the schemas, users, groups and roles of a sandbox, and removes those that come later."""

    def __init__(self, sandbox: Sandbox, below: dict[str, psycopg.Connection[Any]]) -> None:
        self._sandbox = sandbox
        self._below = below

    def names(self) -> dict[str, set[str]]:
        """The existing names: the schemas of each database, and under `""` the engine's roles."""
        found = {name: _names(connection, _SCHEMAS) for name, connection in self._below.items()}
        return {**found, "": _names(self._below["dev"], _ROLES)}

    def sweep(self, before: dict[str, set[str]]) -> None:
        """Remove what exists now and was not in `before`; the analyst's rights are revoked, its user stays."""
        now = self.names()
        roles = sorted(now[""] - before[""] - KEPT)
        stripped = [*roles, *(now[""] & {"IAM:analyst"})]
        for name, connection in self._below.items():
            for schema in now[name] - before[name]:
                connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            for role in stripped:
                connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
        if roles:
            with database(self._sandbox) as admin:
                for role in roles:
                    (self._below["dev"] if role.startswith("s/") else admin).execute(_dropped(role))


def _dropped(role: str) -> sql.Composed:
    if role.startswith("s/"):
        return sql.SQL("drop role {}").format(sql.Identifier(role))
    kind, name = _KINDS.get(role[:2], "user"), role[2:] if role[:2] in _KINDS else role
    return sql.SQL("drop {} {} {}").format(sql.SQL(kind), sql.Identifier(name), sql.SQL("force" * (kind == "role")))


def _names(connection: psycopg.Connection[Any], query: str) -> set[str]:
    return {str(name) for (name,) in connection.execute(query.encode()).fetchall()}


@contextmanager
def sweeper(sandbox: Sandbox) -> Iterator[Sweeper]:
    """A sweeper with its own connections to the engine, which wait for a lock until LAST_RESORT."""
    with ExitStack() as stack:
        below = {name: stack.enter_context(engine(sandbox, name)) for name in DATABASES}
        for connection in below.values():
            connection.execute(f"set lock_timeout to '{LAST_RESORT}s'".encode())
        yield Sweeper(sandbox, below)
