"""Starting a worker as a child process that does not outlive this one.

The child reads its stdin: when this process ends, in any way, it reads the end of the file, gives back what it has
started and ends. Its first line on stdout says that it is ready, or why it cannot start.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from wharfinger.core.errors import Failed, WharfingerError, error_of
from wharfinger.core.session import Stopped
from wharfinger.core.storage import Locks
from wharfinger.jobs.model import ProcessState
from wharfinger.jobs.timing import Timing, variable

LOG = "worker.log"
LOG_BYTES = 1_000_000
DRAIN = b"drain\n"
END_SECONDS = 20.0
"""How long to wait for an ending worker before it is killed; a draining one may take as long as it needs."""
LOOK_SECONDS = 0.1


class Workers(Protocol):
    """The living workers; see `presence.Presence`."""

    def accepting_workers(self) -> list[str]: ...

    def state_of(self, pid: int) -> ProcessState: ...


class ChildWorker:
    """Starts a worker when no other lives that begins new work.

    A child that does not answer is not waited for: another one is started beside it. Until that one is ready, a child
    that is lost is killed: it may have been stopped while it held the lock of a database, and then nobody can write
    until it dies. Others are killed at the end.
    """

    def __init__(
        self,
        home: Path,
        presence: Workers,
        locks: Locks,
        command: list[str] | None = None,
        start_seconds: float = Timing().worker_start,
    ) -> None:
        self._home = home
        self._locks = locks
        self._presence = presence
        # -P: modules in the working directory are not imported.
        self._command = command or [sys.executable, "-P", "-m", "wharfinger.worker", "--home", str(home)]
        self._start_seconds = start_seconds
        self._children: list[subprocess.Popen[bytes]] = []

    def present(self) -> bool:
        """Whether a living worker starts new work, of whichever process."""
        return bool(self._presence.accepting_workers())

    def ensure(self, meanwhile: Callable[[], object] = lambda: None, stop: threading.Event | None = None) -> bool:
        """Have a living worker that begins new work; `meanwhile` is called while a new one starts.

        Returns whether one was started here; not when it could not start beside a child that does not answer: call
        again, until that child answers or is lost. Otherwise raises the worker's own error when it could not start,
        Failed when it ended without one or is not ready in time. Raises Stopped when `stop` is set before it is ready.
        """
        if self.present():
            return False
        stop = stop or threading.Event()
        with self._locks.locked("worker", stop):
            if self.present():
                return False
            self._kill_lost()
            self._let_go()
            try:
                self._start(meanwhile, stop)
            except WharfingerError:
                if all(self._answers(child) for child in self._children):
                    raise
                return False
        return True

    def end(self, *, drain: bool) -> None:
        """End the children and wait for them. One that does not answer does not drain: others have its work."""
        children, self._children = self._children, []
        try:
            if drain:
                for child in children:
                    _order(child, DRAIN)
                for child in children:
                    self._wait(child)
        finally:
            for child in children:
                _stop(child, END_SECONDS if self._answers(child) else 0)

    def _let_go(self) -> None:
        """Have the earlier children end by themselves: they begin nothing new."""
        for child in self._children:
            _order(child, DRAIN)
        for child in [one for one in self._children if one.poll() is not None]:
            self._drop(child, 0)

    def _kill_lost(self) -> None:
        for child in [one for one in self._children if self._presence.state_of(one.pid) == "lost"]:
            self._drop(child, 0)

    def _answers(self, child: subprocess.Popen[bytes]) -> bool:
        return self._presence.state_of(child.pid) == "alive"

    def _start(self, meanwhile: Callable[[], object], stop: threading.Event) -> None:
        # A session of its own: Ctrl-C on the terminal is for us, and we give the worker its orders.
        with _log_file(self._home / LOG) as log:
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                # DBOS lets the environment redirect it, to its cloud among others.
                env={name: value for name, value in os.environ.items() if not name.startswith("DBOS_")},
            )
        self._children.append(child)
        meanwhile()
        try:
            answer = _first_line(child, self._start_seconds, stop, self._kill_lost)
        except BaseException:
            self._drop(child, 0)  # it has begun nothing yet
            raise
        if b'"ready"' not in answer:
            self._drop(child, END_SECONDS)
            raise _cannot_start(answer, child.returncode, self._home / LOG)

    def _drop(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._children.remove(child)
        _stop(child, seconds)

    def _wait(self, child: subprocess.Popen[bytes]) -> None:
        """Wait until a draining child has ended, however long its units take, as long as it answers."""
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(LOOK_SECONDS)
                return
            if not self._answers(child):
                # It may have left a moment ago, and be about to end.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(LOOK_SECONDS)
                return


def _first_line(
    child: subprocess.Popen[bytes], seconds: float, stop: threading.Event, meanwhile: Callable[[], None]
) -> bytes:
    """What the child says first, empty when it ends without a word; `meanwhile` is called again and again.

    Raises Stopped, and Failed when it takes too long.
    """
    if child.stdout is None:
        raise ValueError("the worker's stdout is a pipe")
    over = time.monotonic() + seconds
    # One write of the child is one line: it is read whole, or not at all.
    while not select.select([child.stdout], [], [], LOOK_SECONDS)[0]:
        meanwhile()
        if stop.is_set():
            raise Stopped
        if time.monotonic() > over:
            raise Failed(
                "The worker did not start",
                why=f"it was not ready after {seconds:g} seconds",
                next_step=f"Give it more time with the environment variable {variable('worker_start')}",
            )
    return child.stdout.readline()


def _order(child: subprocess.Popen[bytes], order: bytes) -> None:
    if child.stdin is not None and not child.stdin.closed:
        with contextlib.suppress(BrokenPipeError):  # it has ended by itself
            child.stdin.write(order)
            child.stdin.flush()


def _stop(child: subprocess.Popen[bytes], seconds: float) -> None:
    """The end of its stdin tells the child to stop; after so many seconds it is killed."""
    try:
        if child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    finally:
        if child.stdout is not None:
            child.stdout.close()


def _log_file(path: Path) -> IO[bytes]:
    """The worker's log, truncated when it has grown long; only the owner may read it."""
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if os.fstat(descriptor).st_size > LOG_BYTES:
        os.ftruncate(descriptor, 0)
    return os.fdopen(descriptor, "ab")


def _cannot_start(answer: bytes, code: int, log: Path) -> WharfingerError:
    try:
        return error_of(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError, StopIteration):
        return Failed(
            "The worker did not start",
            why=f"it was ended by {_signal(-code)}" if code < 0 else f"it ended without saying why (exit code {code})",
            next_step=f"See the end of {log}, or try again",
        )


def _signal(number: int) -> str:
    """The name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
