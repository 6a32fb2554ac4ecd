"""Errors of this computer that a person can solve: a full disk, missing rights to a file, a damaged store."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from wharfinger.core.errors import Conflict, Invalid, Refused, Unavailable, WharfingerError

_NO_ROOM = "Free some disk space, then try again"
_NO_RIGHT = "Get the right to write there, or choose another folder with --home or WHARFINGER_HOME"
_TOO_MUCH = "Stop other programs on this computer, then try again"

_NUMBERS: dict[int, tuple[type[WharfingerError], str]] = {
    errno.ENOSPC: (Unavailable, _NO_ROOM),
    errno.EDQUOT: (Unavailable, _NO_ROOM),
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


def of_this_computer(error: BaseException, home: Path) -> WharfingerError | None:
    """The error to report when this computer caused `error`, else None. `home` is the folder of the store."""
    if (
        type(error).__name__ == "DatabaseError"
    ):  # SQLCipher raises it without a message for a page that does not decrypt
        return Conflict(
            "The store is damaged",
            why="a part of it does not decrypt",
            next_step="Restore the home folder from a backup, or choose another one with --home",
        )
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
    )


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
