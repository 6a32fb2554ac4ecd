"""A process that asks for tables and waits for them, for the tests that kill one: `waiter.py HOME NAME…`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.unit.jobs.world import World

if __name__ == "__main__":
    world = World(Path(sys.argv[1]))
    world.watch(world.submit(sys.argv[2:]))
    world.close()
