from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT, wait_until


@pytest.mark.long
def test_the_demo_tells_the_whole_main_job_and_leaves_nothing_running(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "wharfinger.cli", "demo", "--json"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LAST_RESORT,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    summary = json.loads(told.stdout)
    assert summary["tables profiled"] >= 90
    assert summary["SQL statements, all of the demo"] * 10 < summary["statements at one a table and metric"]
    assert list(tmp_path.iterdir()) == []
    assert _running_in(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_demo_that_is_stopped_takes_its_sandbox_along(tmp_path: Path, number: signal.Signals) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "wharfinger.cli", "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: list(tmp_path.glob("*/ready.json")) or demo.poll() is not None)
    assert _running_in(tmp_path)
    demo.send_signal(number)
    assert demo.wait(LAST_RESORT) == (130 if number == signal.SIGTERM else -signal.SIGKILL)
    wait_until(lambda: _running_in(tmp_path) == [])
    assert number == signal.SIGKILL or list(tmp_path.iterdir()) == []


def _running_in(folder: Path) -> list[str]:
    """The command lines of processes that name the folder."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended while we looked
        if str(folder) in line:
            lines.append(line)
    return lines
