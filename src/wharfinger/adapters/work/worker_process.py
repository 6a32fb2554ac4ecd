"""Starting a worker as a child process that does not outlive us.

The child reads its stdin: when we end, however we end, it reads the end of the file, gives back what it has begun and
ends. Its first line on stdout says that it is ready, or why it cannot start.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from wharfinger.core.errors import Failed, WharfingerError, error_of
from wharfinger.store.home import locked

LOG = "worker.log"
LOG_BYTES = 1_000_000
DRAIN = b"drain\n"
END_SECONDS = 20.0
"""How long an ending worker is waited for before it is killed; a draining one is waited for without end."""


class Workers(Protocol):
    """The living workers; see `presence.Presence`."""

    def accepting_workers(self) -> list[str]: ...


class ChildWorker:
    """Starts a worker when no other lives. At most one child at a time."""

    def __init__(self, home: Path, presence: Workers, command: list[str] | None = None) -> None:
        self._home = home
        self._presence = presence
        # -P: what lies in the folder one happens to stand in is not ours to run.
        self._command = command or [sys.executable, "-P", "-m", "wharfinger.worker", "--home", str(home)]
        self._child: subprocess.Popen[bytes] | None = None

    def present(self) -> bool:
        """Whether a living worker begins new work, whoever started it."""
        return bool(self._presence.accepting_workers())

    def ensure(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Have a living worker that begins new work; `meanwhile` is called while a new one starts.

        Raises the worker's own error when it could not start, Failed when it ended without one.
        """
        if self.present():
            return
        with locked(self._home, "worker"):
            if not self.present():
                self.end(drain=True)  # a child that begins nothing new is not forgotten before it has ended
                self._start(meanwhile)

    def end(self, *, drain: bool) -> None:
        """End the child, if there is one, and wait for it."""
        if self._child is None:
            return
        child, self._child = self._child, None
        try:
            if drain:
                _order(child, DRAIN)
                child.wait()
        finally:
            _stop(child)

    def _start(self, meanwhile: Callable[[], object]) -> None:
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
        self._child = child
        if child.stdout is None:
            raise ValueError("the worker's stdout is a pipe")
        meanwhile()
        answer = child.stdout.readline()
        if b'"ready"' not in answer:
            self.end(drain=False)
            raise _cannot_start(answer, self._home / LOG)


def _order(child: subprocess.Popen[bytes], order: bytes) -> None:
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # it has ended by itself
            child.stdin.write(order)
            child.stdin.flush()


def _stop(child: subprocess.Popen[bytes]) -> None:
    """The end of its stdin tells the child to stop."""
    try:
        if child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    finally:
        if child.stdout is not None:
            child.stdout.close()


def _log_file(path: Path) -> IO[bytes]:
    """The worker's log, begun anew when it has grown long; only the owner may read it."""
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if os.fstat(descriptor).st_size > LOG_BYTES:
        os.ftruncate(descriptor, 0)
    return os.fdopen(descriptor, "ab")


def _cannot_start(answer: bytes, log: Path) -> WharfingerError:
    try:
        return error_of(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError, StopIteration):
        return Failed(
            "The worker did not start",
            why="it ended without saying why",
            next_step=f"See the end of {log}",
        )
