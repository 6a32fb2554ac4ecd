"""A home with a store, a connection in it, and a queue whose units are tiny."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.jobs import tiny_worker
from tests.unit.jobs.names import CONNECTION, member

from wharfinger.adapters.work.dbos_queue import TicketQueue
from wharfinger.adapters.work.presence import Presence
from wharfinger.adapters.work.worker_process import ChildWorker
from wharfinger.core.names import TableName
from wharfinger.jobs.model import Draft, Member, Progress, Run
from wharfinger.jobs.service import Jobs
from wharfinger.store import jobs_database, open_database


class World:
    """Everything one process of this home needs to ask for work."""

    def __init__(self, home: Path) -> None:
        self.home = home
        key_file = home / "key"
        if not key_file.exists():
            key_file.write_text(os.urandom(32).hex())
        key = bytes.fromhex(key_file.read_text())
        open_database(home, key)
        from wharfinger.jobs.store import JobStore
        from wharfinger.jobs.store_processes import ProcessStore
        from wharfinger.store.models import Connection

        Connection.objects.get_or_create(
            id=CONNECTION,
            defaults={"name": "tiny", "port": 5439, "sealed_secrets": b"", "created_at": datetime.now(UTC)},
        )
        creator = jobs_database(home, key)
        self.store = JobStore()
        self.processes = ProcessStore()
        self.presence = Presence(home, "client", self.processes)
        self.queue = TicketQueue(lambda: creator)
        command = [sys.executable, str(Path(tiny_worker.__file__)), "--home", str(home)]
        self.workers = ChildWorker(home, self.presence, command)
        self.jobs = Jobs(self.store, lambda: self.queue, self.workers, self.presence)
        self.presence.enter()
        self.watchings: list[Watching] = []

    def close(self) -> None:
        for one in self.watchings:
            one.stop.set()
            one.thread.join()
        self.workers.end(drain=False)
        self.presence.leave()
        self.queue.close()

    def effects(self) -> list[str]:
        file = self.home / "effects"
        return file.read_text().splitlines() if file.exists() else []

    def ended(self) -> list[str]:
        return [line.removeprefix("end ") for line in self.effects() if line.startswith("end ")]

    def completed(self) -> int:
        return sum(state.status == "completed" for state in self.store.statuses(CONNECTION).values())

    def submit(self, names: Sequence[str], *, describe: Sequence[str] = (), together: int = 1) -> Run:
        run = self.jobs.begin(CONNECTION)
        self.submit_into(run, names, describe=describe, together=together)
        return run

    def submit_into(self, run: Run, names: Sequence[str], *, describe: Sequence[str] = (), together: int = 1) -> None:
        def plan(tables: Sequence[TableName]) -> list[Draft]:
            members = [Member(one, "s1") for one in tables]
            return [
                Draft("profile", tuple(members[start : start + together]), {"level": "basic"}, planned=together)
                for start in range(0, len(members), together)
            ]

        work, texts = [member(name) for name in names], [member(name) for name in describe]
        self.jobs.submit(run, work, texts, plan, {"level": "basic"})

    def watch(self, run: Run, stop: threading.Event | None = None) -> Progress:
        last: list[Progress] = []
        self.jobs.watch(run, stop or threading.Event(), last.append)
        return last[-1]


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
