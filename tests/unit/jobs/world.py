"""A home with a store, a connection in it, and a queue whose units are tiny."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlcipher3 import dbapi2
from tests.conftest import wait_until
from tests.unit.jobs import tiny_worker
from tests.unit.jobs.names import CONNECTION, member

from wharfinger.adapters.work.dbos_engine import WorkQueue
from wharfinger.adapters.work.presence import Presence
from wharfinger.adapters.work.worker_process import ChildWorker
from wharfinger.jobs.model import Draft, Member, Progress, Run, Wanted
from wharfinger.jobs.service import Jobs
from wharfinger.jobs.timing import Timing
from wharfinger.store import HomeStorage
from wharfinger.store.home import DATABASE, JOBS_DATABASE
from wharfinger.store.sqlcipher import files


def in_groups(kind: str, size: int, options: dict[str, str]) -> Callable[[Sequence[Member]], list[Draft]]:
    return lambda members: [
        Draft(kind, tuple(members[start : start + size]), options, planned=size)
        for start in range(0, len(members), size)
    ]


def wanted(names: Sequence[str], *, describe: Sequence[str] = (), together: int = 1) -> list[Wanted]:
    options = {"level": "basic"}
    return [
        Wanted("profile", [member(name) for name in names], in_groups("profile", together, options), options),
        Wanted("describe", [member(name) for name in describe], in_groups("describe", 50, {}), after="profile"),
    ]


class World:
    """Everything one process of this home needs to ask for work."""

    def __init__(self, home: Path) -> None:
        self.home = home
        key_file = home / "key"
        if not key_file.exists():
            key_file.write_text(os.urandom(32).hex())
        key = bytes.fromhex(key_file.read_text())
        storage = HomeStorage(home)
        storage.open(key)
        from wharfinger.jobs.store import JobStore
        from wharfinger.jobs.store_processes import ProcessStore
        from wharfinger.store.models import Connection

        Connection.objects.get_or_create(
            id=CONNECTION,
            defaults={"name": "tiny", "port": 5439, "sealed_secrets": b"", "created_at": datetime.now(UTC)},
        )
        self.store = JobStore()
        self.processes = ProcessStore()
        self.storage = storage
        self._key = key
        timing = Timing.from_environment(os.environ)
        self.presence = Presence(storage, "client", self.processes, timing)
        self.queue = WorkQueue(storage.queue_exists, lambda: storage.queue(key))
        command = [sys.executable, str(Path(tiny_worker.__file__)), "--home", str(home)]
        self.workers = ChildWorker(home, self.presence, self.storage, command, timing.worker_start)
        self.jobs = Jobs(
            self.store,
            lambda: self.queue,
            self.workers,
            lambda: tiny_worker.tiny_kinds(home),
            storage,
            self.presence,
            timing,
        )
        self.watchings: list[Watching] = []

    def worker_pids(self) -> list[int]:
        """The workers of this home that are not dead."""
        return [
            one.pid for one in self.processes.all() if one.role == "worker" and self.presence.state(one.id) != "dead"
        ]

    def freeze(self, pid: int) -> None:
        """Stop a process while it keeps nobody from writing: the other case has a test of its own."""

        def stopped() -> bool:
            os.kill(pid, signal.SIGSTOP)
            if all(may_write(self.home / file) for file in (DATABASE, JOBS_DATABASE)):
                return True
            os.kill(pid, signal.SIGCONT)
            return False

        self.storage.queue(self._key)  # opens the file
        wait_until(stopped)

    def close(self) -> None:
        for one in self.watchings:
            one.stop.set()
            one.thread.join()
        self.jobs.close()
        self.queue.close()

    def effects(self) -> list[str]:
        file = self.home / "effects"
        return file.read_text().splitlines() if file.exists() else []

    def ended(self) -> list[str]:
        return [line.removeprefix("end ") for line in self.effects() if line.startswith("end ")]

    def completed(self) -> int:
        return sum(state.status == "completed" for state in self.store.statuses(CONNECTION).values())

    def status(self, name: str, kind: str = "profile") -> str:
        return next(
            state.status
            for (table, one), state in self.store.statuses(CONNECTION).items()
            if (table.name, one) == (name, kind)
        )

    def let_go(self) -> None:
        """Let slow tables end."""
        (self.home / "go").touch()

    def begin(self, ceiling: int | None = None) -> Run:
        return self.jobs.begin(CONNECTION, "local", ceiling)

    def start(
        self, names: Sequence[str], *, describe: Sequence[str] = (), together: int = 1, direct: bool = False
    ) -> Run:
        return self.jobs.start(self.begin(), wanted(names, describe=describe, together=together), direct=direct)

    def watch(self, run: Run, stop: threading.Event | None = None) -> Progress:
        """Watch a run to its end, or cancel it when `stop` is set, as the command line does."""
        progress = self.jobs.watch(run, stop or threading.Event(), lambda _: None)
        if not progress.ended:
            self.jobs.cancel(run)
        self.jobs.close(drain=progress.ended)
        return self.jobs.progress(run)


def may_write(file: Path) -> bool:
    """Whether no other process keeps a database locked."""
    with contextlib.closing(files.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("begin immediate")
        except dbapi2.OperationalError:
            return False
        return True


class Watching:
    """A run that is watched in a thread of its own."""

    def __init__(self, world: World, run: Run) -> None:
        self.stop = threading.Event()
        self._progress: list[Progress] = []
        self.thread = threading.Thread(target=lambda: self._progress.append(world.watch(run, self.stop)))
        self.thread.start()
        world.watchings.append(self)

    def result(self) -> Progress:
        self.thread.join()
        return self._progress[0]
