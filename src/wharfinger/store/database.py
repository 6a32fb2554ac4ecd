"""Opening the store of one home folder, and the queue's database beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wharfinger.core.computer import MAKE_QUEUE_ANEW
from wharfinger.store.home import DATABASE, JOBS_DATABASE, locked

_SETTINGS = "wharfinger.store.settings"


def setup() -> None:
    """Load Django's models of the store, once a process. Nothing is opened; `open_database` calls it too."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def open_database(home: Path, key: bytes) -> None:
    """Open the store of `home` with its 32-byte `key` for all threads of this process, tables up to date.

    May be called again for another home: the threads' connections follow. Raises what `core.storage.Storage.open` says.
    """
    setup()
    from django.db import connections

    from wharfinger.store import migrating
    from wharfinger.store.sqlcipher import files

    file = home / DATABASE
    files.prepare(file, key)
    connections["default"].close()
    connections.settings["default"]["NAME"] = str(file)
    if migrating.pending():
        with locked(home, "migrate"):
            migrating.migrate(file)


def close_database() -> None:
    """Close this thread's connection; it opens again when it is used."""
    from django.db import connections

    connections["default"].close()


def jobs_database(home: Path, key: bytes) -> Callable[[], Any]:
    """The queue's own encrypted file, `jobs.db`: a zero-argument `creator` for SQLAlchemy.

    Use it as `create_engine("sqlite://", creator=…, poolclass=QueuePool)`. Raises Conflict when `key` (32 bytes) does
    not open the file.
    """
    from wharfinger.store.sqlcipher import files

    file = home / JOBS_DATABASE
    files.prepare(file, key, MAKE_QUEUE_ANEW)
    return lambda: files.connect(file, timeout=30, check_same_thread=False, isolation_level="IMMEDIATE")
