"""Errors of this computer that a person can solve: a full disk, missing rights to a file, a damaged store.

Exceptions of the databases are told apart by the names of their classes: no library of theirs is imported here.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from wharfinger.core.errors import Conflict, Invalid, Refused, Unavailable, WharfingerError

MAKE_QUEUE_ANEW = (
    "Its content can be made again: end all Wharfinger processes, delete jobs.db, jobs.db-wal and jobs.db-shm in the "
    "home folder, and process again; tables that are due are processed then"
)
"""What to do when the job queue is damaged."""

_NO_ROOM = "Free some disk space, then try again"
_NO_RIGHT = "Get the right to write there, or choose another folder"
_TOO_MUCH = "Stop other programs on this computer, then try again"

_NUMBERS: dict[int, tuple[type[WharfingerError], str]] = {
    errno.ENOSPC: (Unavailable, _NO_ROOM),
    errno.EDQUOT: (Unavailable, _NO_ROOM),
    errno.EFBIG: (Unavailable, "Raise the limit for the size of a file (ulimit -f), then try again"),
    errno.EMFILE: (Unavailable, _TOO_MUCH),
    errno.ENFILE: (Unavailable, _TOO_MUCH),
    errno.ENOMEM: (Unavailable, _TOO_MUCH),
    errno.EIO: (Unavailable, "Check that disk, then try again"),
    errno.EROFS: (Refused, _NO_RIGHT),
    errno.EACCES: (Refused, _NO_RIGHT),
    errno.EPERM: (Refused, _NO_RIGHT),
    errno.ENAMETOOLONG: (Invalid, "Give the name of a file or a folder; this one is too long"),
    errno.ELOOP: (Invalid, "Name another file or folder; the links of this one lead back to it"),
}
_WORDS = {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
    "attempt to write a readonly database": errno.EROFS,
    "unable to open database file": errno.EACCES,
}
"""SQLite's messages, which come without an error number."""


def trouble_of(error: BaseException, home: Path) -> WharfingerError | None:
    """The error to report when this computer caused `error` or one that it was raised from, else None.

    `home` is the folder of the store. What is reported holds no text of the exception, which may hold values.
    """
    for one in _causes(error):
        if (trouble := _trouble(one, home)) is not None:
            return trouble
    return None


def _trouble(error: BaseException, home: Path) -> WharfingerError | None:
    name = type(error).__name__
    if name == "DatabaseError":  # SQLCipher raises it without a message for a page that does not decrypt
        return _damaged(error, home)
    subject = ""
    if isinstance(error, OSError):
        number = error.errno or 0
        if isinstance(error.filename, (str, bytes)):
            subject = os.fsdecode(error.filename)
    else:
        number, subject = _precise(_number(error), home), str(home)
    if number not in _NUMBERS:
        return None
    kind, next_step = _NUMBERS[number]
    return kind(
        "This computer refuses access to a file or a resource",
        subject=subject,
        why=os.strerror(number),
        next_step=next_step,
        fields=["home"] if next_step == _NO_RIGHT else (),
    )


def _damaged(error: BaseException, home: Path) -> Conflict:
    if _came_through(error, "sqlalchemy"):  # only the queue is reached through it
        return Conflict(
            "The job queue is damaged",
            subject=str(home / "jobs.db"),
            why="a part of it does not decrypt",
            next_step=MAKE_QUEUE_ANEW,
        )
    return Conflict(
        "The store is damaged",
        subject=str(home),
        why="a part of it does not decrypt",
        next_step="Restore the home folder from a backup, or choose another one",
        fields=["home"],
    )


def _came_through(error: BaseException, package: str) -> bool:
    """Whether code of `package` called what raised `error`. SQLAlchemy does not wrap errors of a driver it was not told
    about, so the class alone does not say it.
    """
    trace = error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith(f"{package}."):
            return True
        trace = trace.tb_next
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and those it was raised from, the last first."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        yield one
        seen.append(one)
        one = one.__cause__


def _precise(number: int, home: Path) -> int:
    """The more precise number where SQLite's is vague: a full disk for EIO, a read-only one for EACCES."""
    try:
        disk = os.statvfs(home)
    except OSError:
        return number
    if number == errno.EIO and disk.f_bavail == 0:
        return errno.ENOSPC
    return errno.EROFS if number == errno.EACCES and disk.f_flag & os.ST_RDONLY else number


def _number(error: BaseException) -> int:
    if type(error).__name__ != "OperationalError":
        return 0
    text = str(error)
    return next((number for words, number in _WORDS.items() if words in text), 0)
