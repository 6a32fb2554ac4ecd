"""Processes of this machine: who descends from whom, and who still runs."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import wait_until

Born = tuple[int, str]
"""A process: its number and the time it began, since numbers are used again."""


def born(pid: int) -> Born | None:
    """The process with this number, if it runs."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else (pid, fields[19])


def family(pid: int) -> list[Born]:
    """The process and its descendants, as far as they run."""
    found, numbers = [], [pid]
    while numbers:
        one = numbers.pop()
        if process := born(one):
            found.append(process)
            for thread in Path(f"/proc/{one}/task").glob("*/children"):
                try:
                    numbers += [int(child) for child in thread.read_text().split()]
                except (FileNotFoundError, ProcessLookupError):
                    continue  # the thread has ended
    return found


def running(processes: list[Born]) -> list[Born]:
    """Those of the processes that still run."""
    return [one for one in processes if born(one[0]) == one]


def wait_for_the_end(processes: list[Born]) -> None:
    """Wait until none of the processes runs."""
    wait_until(lambda: not running(processes), otherwise=lambda: str(running(processes)))
