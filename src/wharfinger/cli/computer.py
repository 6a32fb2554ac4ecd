"""What this computer refuses: no room on a disk, no right to a file, a damaged one. A person can mend it: no bug."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from wharfinger.core.errors import Conflict, Refused, Unavailable, WharfingerError

_NO_ROOM = "Make room there, then try again"
_NO_RIGHT = "Give yourself the right to write there, or choose another folder with --home or WHARFINGER_HOME"
_TOO_MUCH = "End something else that runs here, then try again"

_NUMBERS: dict[int, tuple[type[WharfingerError], str]] = {
    errno.ENOSPC: (Unavailable, _NO_ROOM),
    errno.EDQUOT: (Unavailable, _NO_ROOM),
    errno.EMFILE: (Unavailable, _TOO_MUCH),
    errno.ENFILE: (Unavailable, _TOO_MUCH),
    errno.ENOMEM: (Unavailable, _TOO_MUCH),
    errno.EIO: (Unavailable, "Look after that disk, then try again"),
    errno.EROFS: (Refused, _NO_RIGHT),
    errno.EACCES: (Refused, _NO_RIGHT),
    errno.EPERM: (Refused, _NO_RIGHT),
}
_WORDS = {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
    "attempt to write a readonly database": errno.EROFS,
    "unable to open database file": errno.EACCES,
}
"""What SQLite says instead of a number, whichever library its exception came through."""


def of_this_computer(error: BaseException, home: Path) -> WharfingerError | None:
    """The error for people when this computer is the cause, None when it is not. `home` is where the store lies."""
    if type(error).__name__ == "DatabaseError":  # SQLCipher's, without a word, for a page that was tampered with
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
        number, subject = _behind(_number(error), home), str(home)
    if number not in _NUMBERS:
        return None
    kind, next_step = _NUMBERS[number]
    return kind(
        "This computer does not let Wharfinger work", subject=subject, why=os.strerror(number), next_step=next_step
    )


def _behind(number: int, home: Path) -> int:
    """What SQLite only hints at: a full disk is no broken one, and one without right to write no matter of rights."""
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
