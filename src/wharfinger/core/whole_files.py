"""Writes files so that they are whole or not there: beside their place first, on disk, then under their name."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

OWNER_ONLY = 0o600
_REPEATED = 50
"""The most characters of a name that the name of the file beside it repeats: with them it has less than 255 bytes."""


def write_whole(file: Path, content: bytes) -> None:
    """Replace `file` (mode 0600) by `content`, durably; a crash leaves the old or the new content, never a part.

    When root replaces a file of another user, that user stays its owner.
    """
    with written_beside(file, content) as fresh:
        if os.geteuid() == 0 and file.exists():
            owner = file.stat()
            os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.replace(file)
    sync(file.parent)


@contextlib.contextmanager
def written_beside(file: Path, content: bytes, mode: int = OWNER_ONLY) -> Iterator[Path]:
    """A new file in the folder of `file`, with `content` on disk, which the block gives its name.

    It has `mode` without the bits of the umask. After the block it is removed where it still is.
    """
    fresh = file.with_name(f".{file.name[:_REPEATED]}.{os.getpid()}.{threading.get_ident()}")
    fresh.unlink(missing_ok=True)  # left by a killed process that had the same number
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Write a file, or the renames and removals in a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
