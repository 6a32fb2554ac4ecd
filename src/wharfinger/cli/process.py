"""`wharfinger process`: have selected tables profiled and described, and wait for it."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wharfinger.cli.names import show_names
from wharfinger.cli.output import INTERRUPTED, Cell, Screen, answer_no, note, print_document, why_and_next
from wharfinger.cli.progress import JOBS, watched
from wharfinger.cli.state import opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.core.counts import counted
from wharfinger.core.errors import error_of
from wharfinger.core.session import Stopped
from wharfinger.core.verbs import call
from wharfinger.documents.errors import error_document

if TYPE_CHECKING:
    from wharfinger.processing.model import Processed
    from wharfinger.profiling.service import Estimate

app = typer.Typer()

_SHOWN = 20
"""How many causes of failures are shown to people; `--json` has them all."""


@app.command()
def process(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATTERN", help="Only these selected tables: schema.table or db.schema.table, * wild."),
    ] = None,
    only: Annotated[str, typer.Option(metavar="profile|describe", help="Only one of the two jobs.")] = "",
    level: Annotated[str, typer.Option(metavar="basic|full", help="full adds approximate distinct counts.")] = "basic",
    force: Annotated[bool, typer.Option("--force", help="Process unchanged tables, too.")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Show what it would cost; nothing is sent.")] = False,
    max_age: Annotated[
        str,
        typer.Option(metavar="AGE", help="Renew profiles of this age where changes are unknown: 12h, 7d, 2w."),
    ] = "7d",
    max_statements: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Send at most N statements; the rest waits for the next run.")
    ] = None,
    scan_views: Annotated[
        bool, typer.Option("--scan-views", help="Profile views and external tables, too; a scan may cost anything.")
    ] = False,
) -> None:
    """Profile and describe the selected tables that are new or changed, and wait for it.

    Ctrl-C cancels the running statements and exits with 130; run it again to resume. Exits with 1 if a table failed.

    Example: wharfinger process shop 'raw_shop.*' --estimate
    """
    from wharfinger.documents.processing import estimate_document, processed_document
    from wharfinger.processing.model import Request

    request = Request.parse(
        patterns=patterns or [],
        only=only,
        level=level,
        force=force,
        max_age=max_age,
        max_statements=max_statements,
        scan_views=scan_views,
    )
    processing = opened().processing
    if estimate:
        cost = processing.estimate(saved(connection), request)
        print_document(estimate_document(cost), lambda screen: _show_estimate(screen, cost))
        return
    stop = threading.Event()
    with _stopped_by_signals(stop), watched(time.monotonic) as look:
        try:
            done = processing.process(saved(connection), request, stop, look)
        except Stopped:
            raise typer.Abort from None
    for text in done.notes:
        note(text)
    print_document(processed_document(done, WORDS), lambda screen: _show(screen, done, connection))
    if not done.complete:
        raise typer.Exit(INTERRUPTED)
    if done.failed:
        answer_no()


@contextlib.contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C cancels the run and waits for that, a second one ends at once; both leave no worker behind."""

    def ask(_number: int, _frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        note("Stopping: running statements are cancelled. Process again to resume.")

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    stopping = [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]  # as `nohup` wants it
    before = {number: signal.signal(number, ask) for number in stopping}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_estimate(screen: Screen, cost: Estimate) -> None:
    screen.facts(
        [
            ("tables", cost.tables),
            ("statements", cost.statements),
            ("api calls", cost.api_calls),
            ("megabytes", cost.megabytes),
            ("seconds", f"about {cost.seconds:.0f}"),
        ]
    )
    screen.line("Nothing was sent. The figures come from the last refresh.", style="dim")


def _show(screen: Screen, done: Processed, connection: str) -> None:
    statuses = [one for one in ("completed", "skipped", "failed", "queued", "running") if _any(done, one)]
    rows: list[list[Cell]] = [[label, *(done.count(job, one) for one in statuses)] for job, label in JOBS.items()]
    screen.table(["JOB", *(status.upper() for status in statuses)], rows)
    _show_failures(screen, done, connection)
    screen.line(
        f"{counted(len(done.tables), 'table')}, {counted(done.statements, 'statement')}, "
        f"{counted(done.api_calls, 'API call')}, {done.seconds:.1f} s",
        style="bold",
    )
    if done.left:
        screen.line(f"{done.left} tables wait: the ceiling of statements is reached. Process again to continue.")
    if not done.complete:
        screen.line("Stopped. Unfinished tables are due again; process again to resume.", style="yellow")


def _any(done: Processed, status: str) -> bool:
    return done.count("profile", status) + done.count("describe", status) > 0


def _show_failures(screen: Screen, done: Processed, connection: str) -> None:
    """The failures by cause; then the command that finds all missing rights, for one right may hide another."""
    from wharfinger.processing.failures import failure_groups

    groups = failure_groups(done)
    for group in groups[:_SHOWN]:
        error = error_document(error_of(group.error), WORDS)
        one = len(group.tables) == 1
        who = str(group.tables[0]) if one else counted(len(group.tables), "table")
        screen.line(f"{who}: {group.job} failed: {error['what']}", style="bold red")
        if not one:
            show_names(screen, group.tables)
        for line in why_and_next(error):
            screen.line(line)
    if len(groups) > _SHOWN:
        screen.line(f"…and {len(groups) - _SHOWN} more causes; --json has the error of each table")
    if lacking := sorted({name for group in groups if group.lacks_a_right for name in group.tables}):
        patterns = sorted({str(replace(name, name="*")).replace('"*"', "*") for name in lacking})
        needed = call("connection:grants", connection=connection, patterns=patterns)
        screen.line(f"All rights that these tables need: {WORDS.call(needed)}")
