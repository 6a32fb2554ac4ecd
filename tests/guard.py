"""Ends what a test process leaves running, however the test process ends: Ctrl-C, SIGKILL, a crash, a timeout.

The guard is a process of its own. Its standard input is a pipe whose other end only the test process holds. All
processes that the tests start inherit the variable MARK of the environment; when the pipe ends, the guard ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MARK = "MARK_OF_THE_TEST_PROCESS"
LOOKS = 10
"""How many looks in a row must find nothing: a process that was just starting when the pipe ended is found later."""
TERM_LOOKS = 100
"""After how many looks what still runs gets SIGKILL; each process gets SIGTERM once before that."""
PAUSE = 0.05


def marked(mark: str) -> dict[int, str]:
    """The command lines of the living processes that have inherited the mark, by process id."""
    needle = f"{MARK}={mark}".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or belongs to another user
            if needle in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def start(mark: str) -> subprocess.Popen[bytes]:
    """Start a guard for the processes with this mark; it acts when its stdin is closed or this process ends."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},  # it has no mark itself
        start_new_session=True,  # Ctrl-C on the terminal does not reach it
    )


def end_all(mark: str) -> None:
    """End all processes with this mark, with SIGTERM first."""
    told: set[int] = set()
    looks = quiet = 0
    while quiet < LOOKS:
        found = set(marked(mark))
        quiet = 0 if found else quiet + 1
        for pid in found:
            if pid not in told or looks > TERM_LOOKS:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM if pid not in told else signal.SIGKILL)
        told |= found
        looks += 1
        time.sleep(PAUSE)


if __name__ == "__main__":
    while os.read(0, 4096):
        continue
    end_all(sys.argv[1])
