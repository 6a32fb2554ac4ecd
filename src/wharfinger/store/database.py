"""Opening the store of one home, and bringing its tables up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wharfinger.core.errors import Conflict
from wharfinger.store.home import DATABASE, JOBS_DATABASE, locked

_SETTINGS = "wharfinger.store.settings"


def setup() -> None:
    """Make Django know the store's models, once a process. Nothing is opened; `open_database` calls it too."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def open_database(home: Path, key: bytes) -> None:
    """Open the store of `home` with its 32-byte `key` for all threads of this process, tables up to date.

    May be called again, for another home: the threads' connections follow. Raises Conflict when the key is not the
    one the file was written with, or when a newer version of Wharfinger has written it; neither changes the file.
    """
    setup()
    from django.db import connections

    from wharfinger.store.sqlcipher import files

    file = home / DATABASE
    files.prepare(file, key)
    connections["default"].close()
    connections.settings["default"]["NAME"] = str(file)
    if _pending():
        with locked(home, "migrate"):
            _migrate()


def close_database() -> None:
    """Close this thread's connection; it opens again by itself when it is used."""
    from django.db import connections

    connections["default"].close()


def jobs_database(home: Path, key: bytes) -> Callable[[], Any]:
    """A zero-argument `creator` for SQLAlchemy that opens the job queue's own encrypted file, `jobs.db`.

    Use it as `create_engine("sqlite://", creator=…, poolclass=QueuePool)`. A file of its own, so that job writes never
    block the pages. Raises Conflict when `key` (32 bytes) does not open the file.
    """
    from wharfinger.store.sqlcipher import files

    file = home / JOBS_DATABASE
    files.prepare(file, key)
    return lambda: files.connect(file, timeout=30, check_same_thread=False, isolation_level="IMMEDIATE")


def _known() -> set[str]:
    folder = Path(__file__).parent / "migrations"
    return {file.stem for file in folder.glob("[0-9]*.py")}


def _pending() -> bool:
    """Whether a migration is missing; cheaper by far than Django's own loader."""
    from django.db import connection

    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return True
        cursor.execute("select name from django_migrations where app = 'store'")
        applied = {name for (name,) in cursor.fetchall()}
    unknown = applied - _known()
    if unknown:
        raise Conflict(
            "The store was written by a newer version of Wharfinger",
            subject=connection.settings_dict["NAME"],
            why=f"it holds the migration {min(unknown)}, which this version does not know",
            next_step="Upgrade Wharfinger, or choose another folder with --home",
        )
    return bool(_known() - applied)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
