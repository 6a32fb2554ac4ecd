"""The storage port (`core.storage`) on a home folder: encrypted SQLite files, and locks of the operating system."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from wharfinger.core.bounded import MB, read_bytes
from wharfinger.core.storage import QueueDatabase
from wharfinger.core.whole_files import write_whole
from wharfinger.store import database, transactions
from wharfinger.store.home import DATABASE, JOBS_DATABASE, KEYRING, locked

KEYRING_BYTES = 16 * MB
"""The largest keyring; one with the data keys of fifty thousand connections has eight megabytes."""

DOING = {"start": "starts a run", "worker": "starts a worker", "access": "applies a plan"}
"""What the holder of a lock does, for people."""
HOLDS = "processes"
"""The folder with one file for each name that a process holds."""


class HomeStorage:
    """Stores everything in one folder of one machine, which `prepare_home` has made. Implements `Storage`.

    Locks are flocks: the system releases them when their process ends, and they exclude threads of one process from
    each other, too. They work on one machine only. `waiting` is told which process is waited for, in words.
    """

    def __init__(self, home: Path, waiting: Callable[[str], None] = lambda _: None) -> None:
        self.home = home
        self._waiting = waiting
        self.keyring = KeyringFile(home)

    def open(self, key: bytes) -> None:
        """See `Storage.open`."""
        database.open_database(self.home, key)

    def close(self) -> None:
        """See `Storage.close`."""
        database.close_database()

    def queue(self, key: bytes) -> QueueDatabase:
        """See `Storage.queue`: a separate file, `jobs.db`, so that job writes never block the store's."""
        return QueueDatabase("sqlite://", database.jobs_database(self.home, key))

    def queue_exists(self) -> bool:
        """See `Storage.queue_exists`."""
        return (self.home / JOBS_DATABASE).exists()

    def exclusive(self) -> AbstractContextManager[None]:
        """See `Transactions.exclusive`."""
        return transactions.exclusive()

    def durable(self) -> AbstractContextManager[None]:
        """See `Transactions.durable`."""
        return transactions.durable()

    def locked(self, name: str, stop: threading.Event | None = None) -> AbstractContextManager[None]:
        """See `Locks.locked`."""
        return locked(self.home, name, stop, lambda pid: self._waiting(_holder(pid, name)))

    def hold(self, name: str) -> FileHold | None:
        """See `Holds.hold`."""
        folder = self.home / HOLDS
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        while not _lock(descriptor, fcntl.LOCK_EX):
            if not _lock(descriptor, fcntl.LOCK_SH):
                os.close(descriptor)
                return None
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # held only for a moment, by `is_held` of another process
        return FileHold(descriptor)

    def is_held(self, name: str) -> bool:
        """See `Holds.is_held`; names held on another machine are not seen."""
        try:
            descriptor = os.open(self.home / HOLDS / name, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def forget(self, name: str) -> None:
        """See `Holds.forget`."""
        (self.home / HOLDS / name).unlink(missing_ok=True)


class FileHold:
    """A held lock file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """See `Hold.release`."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class KeyringFile:
    """The keyring as a file of the home folder. Implements `KeyringPlace`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = (home / KEYRING).resolve()  # a link is followed, so that replacing the file leaves it in place

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self._file)

    def read(self) -> bytes | None:
        """See `KeyringPlace.read`."""
        with contextlib.suppress(FileNotFoundError):
            return read_bytes(self._file, KEYRING_BYTES, "keyring")
        return None

    def replace(self, content: bytes) -> None:
        """See `KeyringPlace.replace`."""
        write_whole(self._file, content)

    def locked(self) -> AbstractContextManager[None]:
        """See `KeyringPlace.locked`."""
        return locked(self._home, "keyring")

    @property
    def store_name(self) -> str:
        """The path of the store's file."""
        return str(self._home / DATABASE)

    def store_exists(self) -> bool:
        """Whether the store's file is there and not empty."""
        return _size(self._home / DATABASE) > 0

    def sealed_data(self) -> list[str]:
        """See `KeyringPlace.sealed_data`."""
        files = [self._home / DATABASE, *sorted(self._home.glob(f"{DATABASE}.before-*")), self._home / JOBS_DATABASE]
        return [file.name for file in files if _size(file) > 0]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _holder(pid: str, name: str) -> str:
    """Who holds a lock, for people."""
    doing = "reads the catalog" if name.startswith("catalog-") else DOING.get(name, "")
    who = f"process {pid} of this home" if pid else "another process of this home"
    return f"{who}, which {doing}" if doing else who


def _lock(descriptor: int, how: int) -> bool:
    """Take a flock without waiting; False when another one forbids it."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
