"""Progress on stderr: bars on a terminal; elsewhere a line when something has changed, and at least one a minute."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wharfinger.cli.output import console, tell
from wharfinger.core.counts import counted

if TYPE_CHECKING:
    from wharfinger.jobs.model import Progress
    from wharfinger.processing.model import Job

JOBS: dict[Job, str] = {"profile": "Profiler", "describe": "Description generator"}
"""The two jobs as they are shown to people."""

DOING: dict[Job, str] = {"profile": "profiling", "describe": "describing"}

WIDE = 70
"""The columns that bars and figures need; a narrower terminal gets counts only."""

LINE_SECONDS = 5.0
"""The least time between two lines about changes."""

BEAT_SECONDS = 60.0
"""After so long without a line, one says what is still being done."""


@contextlib.contextmanager
def watched(clock: Callable[[], float]) -> Iterator[Callable[[Progress], None]]:
    """A function that shows the progress it is given, while the block lasts."""
    screen = console(stderr=True)
    if screen.is_terminal and not screen.is_dumb_terminal:
        with _bars(clock) as look:
            yield look
    else:
        lines = Lines(clock, tell)
        with _beating(lines):
            yield lines.look


@contextlib.contextmanager
def _bars(clock: Callable[[], float]) -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    out = console(stderr=True)
    wide = out.width >= WIDE
    label, figures = (TextColumn(text, markup=False) for text in ("{task.description}", "{task.fields[about]}"))
    columns = (label, BarColumn(), figures) if wide else (label, figures)
    with Bars(*columns, console=out, transient=True) as bars:
        tasks = {job: bars.add_task(label, total=None, about="", visible=False) for job, label in JOBS.items()}
        reading = bars.add_task("Looking for changes", total=None, about="")
        began = clock()

        def look(progress: Progress) -> None:
            bars.update(reading, visible=bool(progress.waits_for), description=f"Waiting for {progress.waits_for}")
            about = _about(progress, clock() - began) if wide else ""
            for job, task in tasks.items():
                done, total = progress.done.get(job, 0), progress.total.get(job, 0)
                text = f"{done}/{total}  {about}"
                bars.update(task, total=total, completed=done, visible=total > 0, about=text)
                about = "" if total else about

        yield look


class Lines:
    """Progress as lines for a pipe, a log or a simple terminal. `write` prints a line."""

    def __init__(self, clock: Callable[[], float], write: Callable[[str], None]) -> None:
        self._clock = clock
        self._write = write
        self._began = self._shown_at = clock()
        self._shown = ""
        self._newest: Progress | None = None
        self._lock = threading.Lock()

    def look(self, progress: Progress) -> None:
        """Write a line if something but the number of statements has changed; never two within LINE_SECONDS."""
        with self._lock:
            self._newest = progress
            counts = _counts(progress)
            first = bool(progress.waits_for) and not self._shown
            if progress.ended or counts == self._shown or not (first or self._quiet_for(LINE_SECONDS)):
                return
            self._shown = counts
            about = "" if progress.waits_for else f", {_about(progress, self._clock() - self._began)}"
            self._line(counts + about)

    def beat(self) -> None:
        """Write what is still being done, if there was no line for BEAT_SECONDS."""
        with self._lock:
            if self._quiet_for(BEAT_SECONDS) and not (self._newest and self._newest.ended):
                minutes = (self._clock() - self._began) / 60
                self._line(f"still {_doing(self._newest)}, {minutes:.0f} min")

    def _quiet_for(self, seconds: float) -> bool:
        return self._clock() - self._shown_at >= seconds

    def _line(self, text: str) -> None:
        self._shown_at = self._clock()
        self._write(text)


@contextlib.contextmanager
def _beating(lines: Lines) -> Iterator[None]:
    """Calls `lines.beat` each second while the block lasts, also while nothing calls `look`."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(1):
            lines.beat()

    thread = threading.Thread(target=beat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _counts(progress: Progress) -> str:
    if progress.waits_for:
        return f"waiting for {progress.waits_for}"
    return ", ".join(f"{job} {progress.done[job]}/{progress.total[job]}" for job in JOBS if progress.total.get(job))


def _doing(progress: Progress | None) -> str:
    """What goes on, after "still"."""
    if progress is None:
        return "looking for changes"
    if progress.waits_for:
        return f"waiting for {progress.waits_for}"
    parts = [
        f"{DOING[job]}: {progress.done.get(job, 0)} of {progress.total[job]} done"
        for job in JOBS
        if progress.done.get(job, 0) < progress.total.get(job, 0)
    ]
    return parts[0] if parts else "finishing"


def _about(progress: Progress, elapsed: float) -> str:
    from wharfinger.jobs.model import seconds_left

    left = seconds_left(progress, elapsed)
    parts = [counted(progress.statements, "statement")]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if left is not None:
        parts.append(f"about {left:.0f} s left" if left < 120 else f"about {left / 60:.0f} min left")
    return ", ".join(parts)
