"""Installs the catalog's SQL files in a database of the engine."""

from __future__ import annotations

from importlib import resources

import psycopg

ORDER: dict[str, tuple[str, ...]] = {
    # The sandbox's own schema and tables, then the types that every later file may use.
    "internal": ("schema", "identities"),
    "records": ("relations", "queries", "changes"),
    "types": ("super", "super_comparison", "lengths"),
    # Procedures that Redshift's statements are translated to.
    "users": ("membership", "checks", "users", "dropping", "groups", "roles", "login"),
    "grants": ("roles", "system_views", "scopes"),
    "ddl": (
        "tables",
        "constraints",
        "owners",
        "dropping",
        "materialized_views",
        "external_schemas",
        "late_binding_views",
        "late_binding",
        "events",
    ),
    # Redshift's functions; the engine's functions of the same names are renamed first.
    "functions": (
        "set_aside",
        "session",
        "privileges",
        "definitions",
        "aggregates",
        "text",
        "numbers",
        "hashes",
        "date_arithmetic",
        "dates",
        "json",
        "super",
    ),
    # The base of the system views and of SHOW, then the views and SHOW itself.
    "listing": ("encodings", "access_lists", "relations", "other_databases"),
    "leader": ("keys", "users", "relations", "objects", "information_schema"),
    "svv": ("databases", "tables", "columns", "routines", "table_info", "external", "materialized_views"),
    "privileges": ("grants", "objects", "roles"),
    "history": ("queries", "sys", "stl"),
    "show": (
        "places",
        "modified_times",
        "databases",
        "tables",
        "columns",
        "constraints",
        "grants",
        "routines",
    ),
}
"""The folders of `sql` and the files in them, in the order in which they are installed: a view must exist before a view
that reads it."""


def scripts() -> list[tuple[str, str]]:
    """Each SQL file's path below `sql` and its text, in the order of `ORDER`."""
    root = resources.files(__package__) / "sql"
    paths = [f"{folder}/{name}.sql" for folder, names in ORDER.items() for name in names]
    return [(path, root.joinpath(*path.split("/")).read_text("utf-8")) for path in paths]


async def install(connection: psycopg.AsyncConnection) -> None:
    """Make the catalog of `connection`'s database Redshift's. Can be run again; needs the engine's superuser.

    Run it in `template1` (so that new databases have it) and in every database made before that.
    """
    async with connection.transaction():
        # Functions refer to functions of later files, and the sandbox's event triggers must not fire here.
        for setting in ("allow_system_table_mods = on", "check_function_bodies = off", "event_triggers = off"):
            await connection.execute(f"set local {setting}".encode())
        for _, text in scripts():
            await connection.execute(text.encode())
