"""The lock of a process that performs a run by itself, on a file in the home folder.

The system releases it when the process dies, however it dies, so that nobody waits for a killed one.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

NAME = "direct.lock"


class DirectLock:
    """What `jobs.ports.DirectLock` says."""

    def __init__(self, home: Path) -> None:
        self._file = home / NAME
        self._mine: int | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False when somebody holds it, this object included."""
        descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._mine = descriptor
        return True

    def release(self) -> None:
        """Let go of the lock, if it is held here."""
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None

    def held(self) -> bool:
        """Whether any process holds the lock, this one included."""
        if self._mine is not None or not self.acquire():
            return True
        self.release()
        return False
