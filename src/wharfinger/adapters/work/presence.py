"""Which of the processes that take part in background work are alive, and which keep the work they have begun.

Each process holds its own id as a name in the storage, which is free as soon as the process is dead, however it died:
on the same machine a death is noticed at once, and a process that holds its name is never taken for dead. A process
that is stopped, hangs, or runs on another machine is judged by its beats: it is `silent` without a new beat for
`Timing.silence` seconds, and `lost` after `Timing.lease` seconds: then others take over what it had begun. The
observer's own monotonic clock counts these seconds. It stops while the machine sleeps, so neither a sleep nor clocks
that differ make a living process look lost.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Protocol

from wharfinger.core.storage import Hold, Holds
from wharfinger.jobs.model import Process, ProcessState, Role
from wharfinger.jobs.timing import Timing


class Processes(Protocol):
    """The rows of the processes that take part."""

    def add(self, process: Process) -> None: ...

    def beat(self, process_id: str) -> bool: ...

    def lose(self, process_id: str) -> None: ...

    def accept_no_more(self, process_id: str) -> None: ...

    def get(self, process_id: str) -> Process | None: ...

    def all(self) -> list[Process]: ...

    def remove(self, process_ids: list[str]) -> None: ...

    def close(self) -> None: ...


class Presence:
    """This process among the others. Call `enter` before use and `leave` at the end. Safe to use from several threads.

    `holds` is the storage's; `clock` answers seconds, `host` replaces the machine's name in tests.
    """

    def __init__(
        self,
        holds: Holds,
        role: Role,
        store: Processes,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
        host: str | None = None,
    ) -> None:
        self._holds = holds
        self._store = store
        self._timing = timing or Timing()
        self._clock = clock
        self._me = Process(uuid.uuid4().hex, role, host or socket.gethostname(), os.getpid())
        self._mine: Hold | None = None
        self._seen: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._beat_at = clock()

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
        self._mine.release()
        self._mine = None

    def beat(self) -> bool:
        """Record that this process is alive, at most once a `Timing.beat`; may be called more often.

        False when others have taken this worker for lost: what it had begun belongs to them. A client whose row is gone
        enters again.
        """
        with self._lock:
            if self._clock() - self._beat_at < self._timing.beat:
                return True
            self._beat_at = self._clock()
        if self._store.beat(self.id):
            return True
        if self._me.role == "client":
            self._store.remove([self.id])
            self._store.add(self._me)
            return True
        return False

    @contextlib.contextmanager
    def beating(self) -> Iterator[None]:
        """Have a thread beat during the block, which may take long."""
        over = threading.Event()

        def beat() -> None:
            try:
                while not over.wait(self._timing.beat):
                    self.beat()
            finally:
                self._store.close()

        thread = threading.Thread(target=beat, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def accept_no_more(self) -> None:
        """Record that this worker starts nothing new from now on."""
        self._store.accept_no_more(self.id)

    def state(self, process_id: str) -> ProcessState:
        """How a process looks from here. One that has left, or is not known, is dead."""
        process = self._store.get(process_id)
        return self._state(process) if process is not None else "dead"

    def state_of(self, pid: int) -> ProcessState:
        """How the process of this machine with that pid looks; dead when it takes no part, or no more."""
        # Rows of dead processes may name the same pid.
        states = {self._state(one) for one in self._store.all() if (one.pid, one.host) == (pid, self._me.host)}
        return next((one for one in ("alive", "silent", "lost") if one in states), "dead")

    def accepting_workers(self) -> list[str]:
        """The ids of the living workers that start new work."""
        workers = [one for one in self._store.all() if one.role == "worker" and one.accepting and not one.lost]
        return [one.id for one in workers if self._state(one) == "alive"]

    def others(self) -> dict[str, ProcessState]:
        """How every other process looks that came and did not leave."""
        return {one.id: self._state(one) for one in self._store.all() if one.id != self.id}

    def lose(self, process_id: str) -> None:
        """Record that a process is lost: it learns at its next beat that its work belongs to others."""
        self._store.lose(process_id)

    def forget(self, process_id: str) -> None:
        """Remove the row and the name of a dead process."""
        self._store.remove([process_id])
        self._holds.forget(process_id)

    def _state(self, process: Process) -> ProcessState:
        if process.id == self.id:
            return "alive"
        if process.host == self._me.host and not self._holds.is_held(process.id):
            return "dead"
        with self._lock:
            beats, since = self._seen.get(process.id, (-1, 0.0))
            if beats != process.beats:
                since = self._clock()
                self._seen[process.id] = (process.beats, since)
            silent = self._clock() - since
        if silent >= self._timing.lease:
            return "lost"
        return "silent" if silent >= self._timing.silence else "alive"
