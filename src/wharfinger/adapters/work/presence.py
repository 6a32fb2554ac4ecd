"""Who of the processes that take part in background work is alive.

Each holds a lock on a file of its own in the home folder, which the system lets go when it dies, however it dies; so on
one machine a death is known at once. A process on another machine, or one that is stopped, is told by its beats: when
they stand still for 15 seconds it counts as dead. The seconds are counted by the observer's own clock, which stands
still while the machine sleeps, so neither a sleep nor clocks that differ make the living look dead.
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from wharfinger.jobs.model import Process, Role

FOLDER = "processes"
SILENCE_SECONDS = 15.0
BEAT_SECONDS = 1.0


class Processes(Protocol):
    """Where the processes are kept."""

    def add(self, process: Process) -> None: ...

    def beat(self, process_id: str) -> None: ...

    def accept_no_more(self, process_id: str) -> None: ...

    def get(self, process_id: str) -> Process | None: ...

    def all(self) -> list[Process]: ...

    def remove(self, process_ids: list[str]) -> None: ...


class Presence:
    """This process among the others. `enter` before use, `leave` at the end. Safe to use from several threads."""

    def __init__(
        self,
        home: Path,
        role: Role,
        store: Processes,
        clock: Callable[[], float] = time.monotonic,
        host: str | None = None,
    ) -> None:
        self._folder = home / FOLDER
        self._store = store
        self._clock = clock
        self._me = Process(uuid.uuid4().hex, role, host or socket.gethostname(), os.getpid())
        self._mine: int | None = None
        self._leading: int | None = None
        self._seen: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._beat_at = 0.0

    @property
    def id(self) -> str:
        """This process's id; a worker's executor id."""
        return self._me.id

    def enter(self) -> None:
        """Take part from now on; again is no harm."""
        if self._mine is not None:
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._mine = self._lock_file(self._me.id, fcntl.LOCK_EX)
        self._store.add(self._me)

    def leave(self) -> None:
        """Take part no more."""
        if self._mine is None:
            return
        self._store.remove([self.id])
        (self._folder / self.id).unlink(missing_ok=True)
        for descriptor in (self._mine, self._leading):
            if descriptor is not None:
                os.close(descriptor)
        self._mine = self._leading = None

    def beat(self) -> None:
        """Say that this process lives; may be called as often as one likes."""
        if self._clock() - self._beat_at >= BEAT_SECONDS:
            self._store.beat(self.id)
            self._beat_at = self._clock()

    def accept_no_more(self) -> None:
        """This worker begins nothing new from now on."""
        self._store.accept_no_more(self.id)

    def alive(self, process_id: str) -> bool:
        """Whether a process lives, as far as can be told."""
        process = self._me if process_id == self.id else self._store.get(process_id)
        return process is not None and self._lives(process)

    def accepting_workers(self) -> list[str]:
        """The living workers that begin new work."""
        return [one.id for one in self._store.all() if one.role == "worker" and one.accepting and self._lives(one)]

    def dead(self) -> list[str]:
        """The processes that died without leaving."""
        return [one.id for one in self._store.all() if not self._lives(one)]

    def forget(self, process_id: str) -> None:
        """Remove what is kept of a dead process."""
        self._store.remove([process_id])
        (self._folder / process_id).unlink(missing_ok=True)

    def lead(self) -> bool:
        """Whether this process is the one that looks after the dead; it stays so until it leaves or dies."""
        if self._leading is None:
            self._leading = self._lock_file("leader", fcntl.LOCK_EX)
        return self._leading is not None

    def _lives(self, process: Process) -> bool:
        if process.id == self.id:
            return True
        if process.host == self._me.host and not self._locked(process.id):
            return False
        with self._lock:
            beats, since = self._seen.get(process.id, (-1, 0.0))
            if beats != process.beats:
                since = self._clock()
                self._seen[process.id] = (process.beats, since)
            return self._clock() - since < SILENCE_SECONDS

    def _locked(self, process_id: str) -> bool:
        try:
            descriptor = os.open(self._folder / process_id, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def _lock_file(self, name: str, how: int) -> int | None:
        descriptor = os.open(self._folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor
