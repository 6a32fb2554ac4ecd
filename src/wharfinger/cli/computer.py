"""What this computer refuses: no room on a disk, no right to a file, a damaged one. A person can mend it: no bug."""

from __future__ import annotations

import errno
import os

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


def of_this_computer(error: BaseException) -> WharfingerError | None:
    """The error for people when this computer is the cause, None when it is not."""
    if type(error).__name__ == "DatabaseError":  # SQLCipher's, without a word, for a page that was tampered with
        return Conflict(
            "The store is damaged",
            why="a part of it does not decrypt",
            next_step="Restore the home folder from a backup, or choose another one with --home",
        )
    number, subject = _number(error), ""
    if isinstance(error, OSError) and error.filename is not None:
        subject = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else ""
    if number not in _NUMBERS:
        return None
    kind, next_step = _NUMBERS[number]
    return kind(
        "This computer does not let Wharfinger work", subject=subject, why=os.strerror(number), next_step=next_step
    )


def _number(error: BaseException) -> int:
    if isinstance(error, OSError):
        return error.errno or 0
    if type(error).__name__ != "OperationalError":
        return 0
    text = str(error)
    return next((number for words, number in _WORDS.items() if words in text), 0)
