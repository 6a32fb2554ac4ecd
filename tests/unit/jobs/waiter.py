"""A process that asks for tables and waits for them, for the tests that kill one: `waiter.py HOME [--direct] NAME…`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.unit.jobs.world import World

if __name__ == "__main__":
    world = World(Path(sys.argv[1]))
    names = [name for name in sys.argv[2:] if name != "--direct"]
    run = world.start(names, direct="--direct" in sys.argv)
    progress = world.jobs.watch(run, threading.Event(), lambda _: None)
    world.jobs.close(drain=progress.ended)
    world.close()
