"""A worker process whose units only leave a trace, for the tests of the queue.

A unit appends `begin TABLE` and `end TABLE` to the file `effects` in its home. A table whose name begins with `slow`
waits in between until the file `go` is there; one that begins with `bad` fails, alone or in company; the profile of one
that begins with `killer` ends its process; where one begins with `unbegun` or `unended`, the store fails once as that
is to be noted; where one begins with `frozen`, the process is stopped once, while it holds the store's lock. The
environment variable TINY_WORKER_STARTS_WHEN names a file without which the worker does not become ready; with
TINY_WORKER_ENDS_AT_ONCE it ends as soon as it is ready.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wharfinger.core.errors import ErrorRecord, Failed, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import Unit
from wharfinger.jobs.ports import Doing


def leave_trace(home: Path, text: str) -> None:
    with (home / "effects").open("a") as effects:
        effects.write(f"{text}\n")


class TinyWork:
    """Performs units of tables that are no tables."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __call__(self, unit: Unit, doing: Doing) -> Mapping[TableName, WharfingerError]:
        for table in unit.tables:
            leave_trace(self._home, f"begin {table.name}")
            doing.usage.add(statements=1, api_calls=2)
            while table.name.startswith("slow") and not (self._home / "go").exists():
                if doing.usage.stop.wait(0.02):
                    leave_trace(self._home, f"stop {table.name}")
                    raise Stopped
            if table.name.startswith("killer") and unit.kind == "profile":
                os._exit(9)
            if table.name.startswith("bad"):
                raise Failed("Bad table", why="it is bad")
            with doing.writing():
                leave_trace(self._home, f"end {table.name}")
        return {}


def _wait_for(file: str | None) -> None:
    pause = threading.Event()
    while file and not Path(file).exists():
        pause.wait(0.02)


def tiny_kinds(home: Path) -> Kinds:
    work = TinyWork(home)
    return Kinds({"profile": work, "describe": work})


def main(home: Path) -> None:
    from wharfinger import worker as door
    from wharfinger.adapters.work.dbos_engine import WorkQueue
    from wharfinger.adapters.work.presence import Presence
    from wharfinger.adapters.work.worker_host import WorkerHost
    from wharfinger.store import HomeStorage

    key = bytes.fromhex((home / "key").read_text())
    storage = HomeStorage(home)
    storage.open(key)
    from django.db import OperationalError

    from wharfinger.jobs.store import JobStore
    from wharfinger.jobs.store_processes import ProcessStore
    from wharfinger.jobs.timing import Timing
    from wharfinger.jobs.worker import Worker

    class TornStore(JobStore):
        """A store that fails once at each table that asks for it, as a locked or full one does."""

        def start(self, work: str, owner: str) -> Unit | None:
            if unit := self.unfinished(work):
                self._tear(unit, "unbegun")
                self._freeze(unit)
            return super().start(work, owner)

        def finish(self, unit: Unit, errors: Mapping[TableName, ErrorRecord]) -> None:
            self._tear(unit, "unended")
            super().finish(unit, errors)

        def _tear(self, unit: Unit, name: str) -> None:
            if self._first_time(unit, name):
                raise OperationalError("database is locked")

        def _freeze(self, unit: Unit) -> None:
            if self._first_time(unit, "frozen"):
                with self.exclusive():
                    os.kill(os.getpid(), signal.SIGSTOP)

        def _first_time(self, unit: Unit, name: str) -> bool:
            known = home / f"once {unit.tables[0].name}"
            first = unit.tables[0].name.startswith(name) and not known.exists()
            if first:
                known.touch()
            return first

    class SlowQueue(WorkQueue):
        """Looked at once the worker takes part, before it performs anything."""

        def forget_old_versions(self) -> None:
            if os.environ.get("TINY_WORKER_ENDS_AT_ONCE"):
                os._exit(1)
            super().forget_old_versions()

    class SlowHost(WorkerHost):
        """Takes part, and is ready when the test lets it."""

        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            ready, launch = os.environ.get("TINY_WORKER_STARTS_WHEN"), self._runner.start
            self._runner.start = lambda: (_wait_for(ready), launch())  # type: ignore[method-assign]

    timing = Timing.from_environment(os.environ)
    presence = Presence(storage, "worker", ProcessStore(), timing)
    engine = SlowQueue(storage.queue_exists, lambda: storage.queue(key))
    worker = Worker(TornStore(), engine, presence, tiny_kinds(home), timing)
    door.serve(SlowHost(storage.queue(key), engine, presence, worker), queue.Queue())


if __name__ == "__main__":
    main(Path(sys.argv[2]))
