"""What tests of the queue share: a home, and processes that ask for work in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.jobs.world import World

ROOT = Path(__file__).parents[3]
StartWaiter = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def start_waiter(tmp_path: Path) -> Iterator[StartWaiter]:
    """Starts a process that asks for tables in the home of `world` and waits for them; see `waiter.py`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.unit.jobs.waiter", str(tmp_path), *arguments]
        started.append(subprocess.Popen(command, cwd=ROOT))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()
