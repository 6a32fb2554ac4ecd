"""The implementations of the storage port that the contract suite tests, and what its child processes do with them.

As a program: `python -m tests.contract.storage.storages IMPLEMENTATION FOLDER ACTION ARGUMENT`. Actions that wait print
a line and end with their stdin.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tests.conftest import LAST_RESORT

from wharfinger.core.events import Event
from wharfinger.core.storage import Storage
from wharfinger.store import HomeStorage, prepare_home

KEY, OTHER_KEY = b"\x01" * 32, b"\x02" * 32

STORAGES: dict[str, Callable[[Path], Storage]] = {"home folder": lambda folder: HomeStorage(prepare_home(folder))}
"""The implementations by name: a function that makes each in a folder of the test."""


def open_storage(implementation: str, folder: Path) -> Storage:
    """The storage with its store open."""
    storage = STORAGES[implementation](folder)
    storage.open(KEY)
    return storage


def add_row(text: str) -> None:
    """Add a row to the store."""
    from wharfinger.store.models import AuditEvent

    event = Event("test:row", text)
    AuditEvent.objects.create(at=event.at, actor=event.actor, action=event.action, subject=text)


def rows() -> list[str]:
    """The rows that were added and are visible now, in their order."""
    from wharfinger.store.models import AuditEvent

    return list(AuditEvent.objects.order_by("id").values_list("subject", flat=True))


def count_up(storage: Storage, times: int) -> None:
    """Add rows whose text is the number of rows before them, each in an exclusive transaction."""
    for _ in range(times):
        with storage.exclusive():
            add_row(str(len(rows())))


def change_keyring(storage: Storage, times: int) -> None:
    """Add 1 to the number in the keyring's document, which is long enough for an unfinished write to be noticed."""
    place = storage.keyring
    for _ in range(times):
        with place.locked():
            place.replace(document(number_in(place.read()) + 1))


def document(number: int) -> bytes:
    """A document of 200 KB that holds its number at both ends."""
    return json.dumps([number, "x" * 200_000, number]).encode()


def number_in(content: bytes | None) -> int:
    """The number in a document; fails when the document is not whole."""
    if content is None:
        return 0
    first, _, last = json.loads(content)
    if first != last:
        raise AssertionError("the document is torn")
    return int(first)


def in_threads(storage: Storage, number: int, work: Callable[[], None]) -> None:
    """Run a function in several threads; an exception in one of them fails the test."""

    def run() -> None:
        work()
        storage.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Child:
    """A process that performs one action on a storage."""

    def __init__(self, implementation: str, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.contract.storage.storages", implementation, str(folder), *arguments]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)

    def said(self) -> str:
        """The next line that the action prints."""
        return _stream(self.process.stdout).readline().strip()

    def end(self) -> int:
        """Let a waiting action end; the exit code."""
        _stream(self.process.stdin).close()
        _stream(self.process.stdout).close()
        return self.process.wait(LAST_RESORT)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self.process.kill()
        self.end()


Start = Callable[..., Child]
"""Starts a child on the test's storage; it is killed at the end of the test."""


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _say_and_wait(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    sys.stdin.read()


def _main(implementation: str, folder: str, action: str, argument: str) -> None:
    storage = open_storage(implementation, Path(folder))
    if action == "count up":
        count_up(storage, int(argument))
    elif action == "change keyring":
        change_keyring(storage, int(argument))
    elif action == "stay in a transaction":
        with storage.exclusive():
            add_row(argument)
            _say_and_wait("written")
    elif action == "write durably":
        with storage.durable():
            add_row(argument)
        _say_and_wait("written")
    elif action == "lock":
        with storage.locked(argument):
            _say_and_wait("locked")
    elif action == "hold":
        held = storage.hold(argument)
        _say_and_wait("refused" if held is None else "held")
    elif action == "look":
        ended = threading.Event()
        threading.Thread(target=lambda: (_say_and_wait("looking"), ended.set())).start()
        while not ended.is_set():
            storage.is_held(argument)
    elif action == "take part":
        from wharfinger.adapters.work.presence import Presence
        from wharfinger.jobs.store_processes import ProcessStore

        presence = Presence(storage, "worker", ProcessStore())
        presence.enter()
        _say_and_wait(presence.id)
    else:
        raise SystemExit(f"no such action: {action}")


if __name__ == "__main__":
    _main(*sys.argv[1:5])
