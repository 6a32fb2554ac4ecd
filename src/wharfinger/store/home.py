"""The home folder: its permissions, writing its files, and its locks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.session import Stopped

DATABASE = "wharfinger.db"
JOBS_DATABASE = "jobs.db"
KEYRING = "keyring.json"
MASTER_KEY = "master.key"

LOCK_SECONDS = 0.05
"""How often a process looks whether a lock is free."""
TELL_SECONDS = 1.0
"""How long a process waits for a lock before it says so."""


def prepare_home(home: Path) -> Path:
    """The absolute home folder, made if absent, accessible to its owner only (mode 0700).

    Raises Invalid when it cannot be a folder, Refused when it belongs to another user, or when others have access and
    it holds files that are not ours: taking that access away from /tmp or a project's folder would do harm. Raises
    Conflict when something else than a file is where one of our files belongs.
    """
    try:
        home = home.expanduser().absolute()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = home.stat()
    except (OSError, RuntimeError) as error:
        raise Invalid(
            "The home folder cannot be used",
            subject=str(home),
            why=(error.strerror or "") if isinstance(error, OSError) else "this user has no home directory for ~",
            next_step="Choose another folder",
            fields=("home",),
        ) from None
    if status.st_uid != os.geteuid():
        raise Refused(
            "The home folder belongs to another user",
            subject=str(home),
            why=f"its owner is user {status.st_uid}, this process runs as {os.geteuid()}",
            next_step="Choose a folder of your own",
            fields=("home",),
        )
    if stat.S_IMODE(status.st_mode) != 0o700:
        _close(home)
    for name in (KEYRING, DATABASE, JOBS_DATABASE):
        _check_file(home / name)
    return home


def _check_file(file: Path) -> None:
    """Raises Conflict for a folder, a link that leads nowhere and the like; a link to a file is one."""
    if not os.path.lexists(file) or file.is_file():
        return
    nowhere = file.is_symlink() and not file.exists()
    raise Conflict(
        "Something else is in the place of a file of the home folder",
        subject=str(file),
        why="it is a link that leads nowhere" if nowhere else "it is a folder" if file.is_dir() else "it is no file",
        next_step="Put the file back there, from a backup if need be, or choose another home folder",
        fields=("home",),
    )


def _close(home: Path) -> None:
    names = {entry.name for entry in home.iterdir()}
    if names and names.isdisjoint((KEYRING, MASTER_KEY)):
        raise Refused(
            "The home folder holds other files, and other users have access to it",
            subject=str(home),
            why="Wharfinger stores keys there, and would have to take away their access",
            next_step="Run chmod 700 on it yourself, or choose an empty or new folder",
            fields=("home",),
        )
    home.chmod(0o700)


@contextlib.contextmanager
def locked(
    home: Path, name: str, stop: threading.Event | None = None, waiting: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold the lock `name` of the home folder: see `core.storage.Locks.locked`.

    `waiting` is told the holder's pid once it was waited for a while; the file of a lock holds the pid of its last
    holder.
    """
    descriptor = os.open(home / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, stop or threading.Event(), waiting)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, stop: threading.Event, waiting: Callable[[str], None]) -> None:
    # The system's own waiting ends for no signal that Python handles.
    waited = 0.0
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if stop.wait(LOCK_SECONDS):
                raise Stopped from None
            told = waited >= TELL_SECONDS
            waited += LOCK_SECONDS
            if waited >= TELL_SECONDS and not told:
                waiting(os.pread(descriptor, 20, 0).decode("ascii", "replace"))
