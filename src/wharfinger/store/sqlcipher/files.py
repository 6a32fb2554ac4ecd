"""Opens and copies encrypted database files, without Django; the only module that passes a key to SQLCipher."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from wharfinger.core.errors import Conflict, Unavailable
from wharfinger.core.whole_files import sync

KEY_BYTES = 32
WAIT_SECONDS = 30
"""How long a writer waits for another writer before it raises."""

RESTORE = "Restore the keyring and master key of this store, or the whole folder, from a backup"
"""What to do when the store does not open."""

_keys: dict[str, bytes] = {}
_keys_lock = threading.Lock()


def prepare(file: Path, key: bytes, cure: str = RESTORE) -> None:
    """Make `file` if absent (mode 0600), check that `key` (32 bytes) opens it, and remember the key for `connect`.

    `cure` is what to do when it does not open.

    Raises Conflict when the file was written with another key (it is left as it was), Unavailable when it stays locked.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a database key has {KEY_BYTES} bytes")
    # Only a new file is opened here: closing a file releases all POSIX locks that this process has on it, SQLite's too.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    connection = dbapi2.connect(str(file), timeout=WAIT_SECONDS)
    try:
        _unlock(connection, key)
        connection.execute("select count(*) from sqlite_master").fetchone()
        connection.execute("pragma journal_mode = wal")
    except dbapi2.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise busy(file) from None
    except dbapi2.DatabaseError:
        raise Conflict(
            "The database does not open with this key",
            subject=str(file),
            why="it was written with another key, or it is damaged",
            next_step=cure,
        ) from None
    finally:
        connection.close()
    with _keys_lock:
        _keys[str(file)] = key


def connect(file: str | Path, **options: Any) -> Any:
    """A sqlcipher3 connection to `file`, which `prepare` has seen. `options` go to `sqlcipher3.connect`."""
    with _keys_lock:
        key = _keys.get(str(file))
    if key is None and str(file) != ":memory:":
        raise LookupError(f"no key was prepared for {file}")
    connection = dbapi2.connect(str(file), **options)
    try:
        if key is not None:
            _unlock(connection, key)
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma synchronous = normal")
    except BaseException:
        connection.close()
        raise
    return connection


def copy(file: Path, target: Path) -> None:
    """Make `target` a copy of `file`, encrypted with the same key, mode 0600: as it is at one moment, WAL included.

    `prepare` has seen `file`. A crash leaves `target` as it was.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        with (
            contextlib.closing(connect(file, timeout=WAIT_SECONDS)) as source,
            contextlib.closing(dbapi2.connect(str(unfinished))) as destination,
        ):
            _unlock(destination, _keys[str(file)])
            source.backup(destination)
        sync(unfinished)
        unfinished.replace(target)
        sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def busy(file: Path) -> Unavailable:
    """The error for a store that another process keeps locked."""
    return Unavailable(
        "The store is busy",
        subject=str(file),
        why=f"another process has locked it for {WAIT_SECONDS} seconds",
        next_step="Try again when that process has ended",
    )


def _unlock(connection: Any, key: bytes) -> None:
    if connection.execute("pragma cipher_version").fetchone() is None:
        # Plain SQLite ignores `pragma key` and would write in clear.
        raise RuntimeError("the installed sqlcipher3 has no SQLCipher in it")
    # Raw key bytes: deriving a key from a passphrase takes 300 ms for each connection, this takes 17.
    connection.execute(f"pragma key = \"x'{key.hex()}'\"")
    connection.execute("pragma cipher_log_level = none")  # a wrong key is reported by our error, not on stderr
