"""Whatever ends a test process, nothing that its tests have started runs on; a sandbox that fails is tried once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.processes import Born, wait_for_the_end

ROOT = Path(__file__).parents[2]

STARTS_MUCH = """
import json, os, subprocess, sys, threading
from pathlib import Path
from tests.processes import family

IGNORES = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"

def test_that_never_ends(own_sandbox):
    sandbox = own_sandbox()
    stubborn = subprocess.Popen([sys.executable, "-c", IGNORES], stdout=subprocess.PIPE, start_new_session=True)
    stubborn.stdout.readline()
    shell = subprocess.Popen(["bash", "-c", "sleep 100000; true"])
    told = {"pytest": os.getpid(), "sandbox": sandbox.process.pid, "folder": str(sandbox.folder)}
    note = Path(os.environ["NOTE"])
    Path(f"{note}.new").write_text(json.dumps({**told, "all": family(os.getpid())}))
    Path(f"{note}.new").rename(note)
    threading.Event().wait()
"""

CANNOT_START = """
import pytest

@pytest.mark.parametrize("number", range(20))
def test_with_the_shared_one(sandbox, number): ...

@pytest.mark.parametrize("number", range(20))
def test_with_its_own(own_sandbox, number):
    own_sandbox("--data", "shop")
"""


def pytest_on(folder: Path, text: str, *options: str, **environment: str) -> subprocess.Popen[str]:
    """A test process of its own, with our fixtures, for one file of tests."""
    (folder / "test_inner.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", *options]
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return subprocess.Popen(
        [*command, "test_inner.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


Interrupted = Callable[..., tuple[subprocess.Popen[str], dict[str, Any], list[Born]]]


@pytest.fixture
def in_the_middle(tmp_path: Path) -> Iterator[Interrupted]:
    """Starts a test process; returns it, what its test told, and all its processes, once a sandbox serves in it."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple[subprocess.Popen[str], dict[str, Any], list[Born]]:
        note = tmp_path / "note.json"
        outer = pytest_on(tmp_path, STARTS_MUCH, *options, NOTE=str(note))
        started.append(outer)
        wait_until(lambda: note.exists() or outer.poll() is not None)
        assert outer.poll() is None, outer.communicate()[0]
        told = json.loads(note.read_text())
        return outer, told, [(pid, began) for pid, began in told["all"]]

    yield start
    for one in started:
        one.kill()
        one.communicate()


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGINT])
def test_nothing_runs_on_after_a_signal(in_the_middle: Interrupted, way: signal.Signals) -> None:
    outer, told, processes = in_the_middle()
    assert len(processes) > 8  # pytest, its guard, the sandbox with its engine, two programs and one's child
    os.kill(told["pytest"], way)
    wait_for_the_end(processes)
    outer.communicate(timeout=LAST_RESORT)


@pytest.mark.slow  # starts a parallel run inside this one; the tests above end a single process
@pytest.mark.parametrize("victim", ["worker", "controller"])
def test_nothing_runs_on_after_a_part_of_a_parallel_run_was_killed(in_the_middle: Interrupted, victim: str) -> None:
    outer, told, processes = in_the_middle("-n", "1", "--max-worker-restart", "0")
    assert told["pytest"] != outer.pid
    os.kill(told["pytest"] if victim == "worker" else outer.pid, signal.SIGKILL)
    wait_for_the_end(processes)
    outer.communicate(timeout=LAST_RESORT)


def test_a_sandbox_that_cannot_start_is_tried_once_and_says_why(tmp_path: Path) -> None:
    cache, base = tmp_path / "cache", tmp_path / "base"
    cache.write_text("a file, where the sandbox needs a folder")
    failing = pytest_on(tmp_path, CANNOT_START, f"--basetemp={base}", WHARFINGER_SANDBOX_CACHE=str(cache))
    out, _ = failing.communicate(timeout=LAST_RESORT)
    assert failing.returncode == 1, out
    assert "20 failed, 20 errors" in out
    assert "It ended with exit code 2." in out
    assert f"sandbox.log: wharfinger-sandbox: the folder {cache} cannot be written" in out
    assert "Traceback" not in (log := "".join(path.read_text() for path in base.rglob("sandbox.log"))), log
    assert len(list(base.rglob("sandbox.log"))) == 1
