"""Puts the catalog's SQL files into a database of the engine."""

from __future__ import annotations

from importlib import resources

import psycopg


async def install(connection: psycopg.AsyncConnection) -> None:
    """Make the catalog of `connection`'s database Redshift's. Can be run again; needs the engine's superuser.

    Run it in `template1` (so that new databases have it) and in every database made before that.
    """
    folder = resources.files(__package__) / "sql"
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    async with connection.transaction():
        # Functions name each other across files, and our own event triggers must not watch us.
        for setting in ("allow_system_table_mods = on", "check_function_bodies = off", "event_triggers = off"):
            await connection.execute(f"set local {setting}".encode())
        for script in scripts:
            await connection.execute(script.read_text("utf-8").encode())
