"""Progress on stderr: bars on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wharfinger.cli.output import console

if TYPE_CHECKING:
    from wharfinger.jobs.model import Progress
    from wharfinger.processing.model import Job

JOBS: dict[Job, str] = {"profile": "Profiler", "describe": "Description generator"}
"""The two jobs in people's words."""

LINE_SECONDS = 5.0
"""How often a line is written where no person watches."""


@contextlib.contextmanager
def watched(clock: Callable[[], float]) -> Iterator[Callable[[Progress], None]]:
    """A function that shows the progress it is given, while the block lasts."""
    screen = console(stderr=True)
    if screen.is_terminal:
        with _bars(clock) as look:
            yield look
    else:
        yield _lines(clock)


@contextlib.contextmanager
def _bars(clock: Callable[[], float]) -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[about]}"))
    with Bars(*columns, console=console(stderr=True), transient=True) as bars:
        tasks = {job: bars.add_task(label, total=None, about="", visible=False) for job, label in JOBS.items()}
        reading = bars.add_task("Looking for changes", total=None, about="")
        began = clock()

        def look(progress: Progress) -> None:
            bars.update(reading, visible=False)
            about = _about(progress, clock() - began)
            for job, task in tasks.items():
                done, total = progress.done.get(job, 0), progress.total.get(job, 0)
                text = f"{done}/{total}  {about}"
                bars.update(task, total=total, completed=done, visible=total > 0, about=text)
                about = "" if total else about

        yield look


def _lines(clock: Callable[[], float]) -> Callable[[Progress], None]:
    out = console(stderr=True)
    began = clock()
    shown_at = [began]

    def look(progress: Progress) -> None:
        if clock() - shown_at[0] >= LINE_SECONDS and not progress.ended:
            shown_at[0] = clock()
            counts = [f"{job} {progress.done[job]}/{progress.total[job]}" for job in JOBS if progress.total.get(job)]
            out.print(", ".join([*counts, _about(progress, clock() - began)]), markup=False, soft_wrap=True)

    return look


def _about(progress: Progress, elapsed: float) -> str:
    from wharfinger.jobs.model import seconds_left

    left = seconds_left(progress, elapsed)
    parts = [f"{progress.statements} statements"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if left is not None:
        parts.append(f"about {left:.0f} s left" if left < 120 else f"about {left / 60:.0f} min left")
    return ", ".join(parts)
