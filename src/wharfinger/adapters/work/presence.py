"""Which of the processes that take part in background work are alive.

Each process holds its own id as a name in the storage, which is free as soon as the process dies, however it dies: on
the same machine a death is noticed at once. A process on another machine, or one that is stopped, is judged by its
beats: without a new beat for 15 seconds it counts as dead. The observer's own monotonic clock counts these seconds. It
stops while the machine sleeps, so neither a sleep nor clocks that differ make a living process look dead.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Protocol

from wharfinger.core.storage import Hold, Holds
from wharfinger.jobs.model import Process, Role

LEADER = "leader"
SILENCE_SECONDS = 15.0
BEAT_SECONDS = 1.0


class Processes(Protocol):
    """The rows of the processes that take part."""

    def add(self, process: Process) -> None: ...

    def beat(self, process_id: str) -> None: ...

    def accept_no_more(self, process_id: str) -> None: ...

    def get(self, process_id: str) -> Process | None: ...

    def all(self) -> list[Process]: ...

    def remove(self, process_ids: list[str]) -> None: ...


class Presence:
    """This process among the others. Call `enter` before use and `leave` at the end. Safe to use from several threads.

    `holds` is the storage's; `clock` answers seconds, `host` replaces the machine's name in tests.
    """

    def __init__(
        self,
        holds: Holds,
        role: Role,
        store: Processes,
        clock: Callable[[], float] = time.monotonic,
        host: str | None = None,
    ) -> None:
        self._holds = holds
        self._store = store
        self._clock = clock
        self._me = Process(uuid.uuid4().hex, role, host or socket.gethostname(), os.getpid())
        self._mine: Hold | None = None
        self._leading: Hold | None = None
        self._seen: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._beat_at = 0.0

    @property
    def id(self) -> str:
        """This process's id; a worker's executor id."""
        return self._me.id

    def enter(self) -> None:
        """Take part from now on; a second call does nothing."""
        if self._mine is not None:
            return
        self._mine = self._holds.hold(self.id)
        self._store.add(self._me)

    def leave(self) -> None:
        """Stop taking part."""
        if self._mine is None:
            return
        self._store.remove([self.id])
        self._holds.forget(self.id)
        for held in (self._mine, self._leading):
            if held is not None:
                held.release()
        self._mine = self._leading = None

    def beat(self) -> None:
        """Record that this process is alive, at most once a second; may be called more often."""
        if self._clock() - self._beat_at >= BEAT_SECONDS:
            self._store.beat(self.id)
            self._beat_at = self._clock()

    def accept_no_more(self) -> None:
        """Record that this worker starts nothing new from now on."""
        self._store.accept_no_more(self.id)

    def alive(self, process_id: str) -> bool:
        """Whether a process is alive, as far as this one can see. False for one that has left."""
        process = self._me if process_id == self.id else self._store.get(process_id)
        return process is not None and self._is_alive(process)

    def accepting_workers(self) -> list[str]:
        """The ids of the living workers that start new work."""
        return [one.id for one in self._store.all() if one.role == "worker" and one.accepting and self._is_alive(one)]

    def dead(self) -> list[str]:
        """The ids of the processes that died without leaving."""
        return [one.id for one in self._store.all() if not self._is_alive(one)]

    def forget(self, process_id: str) -> None:
        """Remove the row and the name of a dead process."""
        self._store.remove([process_id])
        self._holds.forget(process_id)

    def lead(self) -> bool:
        """Whether this process is the leader, the only one that recovers the work of dead ones.

        It becomes the leader when there is none, and stays the leader until it leaves or dies.
        """
        if self._leading is None:
            self._leading = self._holds.hold(LEADER)
        return self._leading is not None

    def _is_alive(self, process: Process) -> bool:
        if process.id == self.id:
            return True
        if process.host == self._me.host and not self._holds.is_held(process.id):
            return False
        with self._lock:
            beats, since = self._seen.get(process.id, (-1, 0.0))
            if beats != process.beats:
                since = self._clock()
                self._seen[process.id] = (process.beats, since)
            return self._clock() - since < SILENCE_SECONDS
