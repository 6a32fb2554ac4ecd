"""A worker process whose units only leave a trace, for the tests of the queue.

A unit appends `begin TABLE` and `end TABLE` to the file `effects` in its home. A table whose name begins with `slow`
waits in between until the file `go` is there; one that begins with `bad` fails, alone or in company.
"""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Mapping
from pathlib import Path

from wharfinger.core.errors import Failed, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped, Usage
from wharfinger.jobs.model import Unit
from wharfinger.jobs.ports import Affordable


def leave_trace(home: Path, text: str) -> None:
    with (home / "effects").open("a") as effects:
        effects.write(f"{text}\n")


class TinyWork:
    """Performs units of tables that are no tables."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __call__(self, unit: Unit, usage: Usage, _: Affordable) -> Mapping[TableName, WharfingerError]:
        for table in unit.tables:
            leave_trace(self._home, f"begin {table.name}")
            usage.add(statements=1, api_calls=2)
            while table.name.startswith("slow") and not (self._home / "go").exists():
                if usage.stop.wait(0.02):
                    leave_trace(self._home, f"stop {table.name}")
                    raise Stopped
            if table.name.startswith("killer"):
                os._exit(9)
            if table.name.startswith("bad"):
                raise Failed("Bad table", why="it is bad")
            leave_trace(self._home, f"end {table.name}")
        return {}


def main(home: Path) -> None:
    from wharfinger.adapters.dbos_queue import TicketQueue
    from wharfinger.adapters.presence import Presence
    from wharfinger.adapters.worker_host import WorkerHost
    from wharfinger.cli import worker as door
    from wharfinger.store import jobs_database, open_database

    key = bytes.fromhex((home / "key").read_text())
    open_database(home, key)
    from wharfinger.jobs.store import JobStore
    from wharfinger.jobs.store_processes import ProcessStore
    from wharfinger.jobs.worker import Worker

    creator = jobs_database(home, key)
    presence = Presence(home, "worker", ProcessStore())
    worker = Worker(JobStore(), TicketQueue(lambda: creator), presence, TinyWork(home))
    door.serve(WorkerHost(creator, presence, worker), queue.Queue())


if __name__ == "__main__":
    main(Path(sys.argv[2]))
