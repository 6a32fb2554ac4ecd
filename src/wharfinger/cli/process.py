"""`wharfinger process`: have selected tables profiled and described, and wait for it."""

from __future__ import annotations

import contextlib
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from wharfinger.cli.output import INTERRUPTED, Cell, Screen, answer_no, note, print_document
from wharfinger.cli.progress import JOBS, watched
from wharfinger.cli.state import opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.core.errors import Invalid, error_of
from wharfinger.core.session import Stopped
from wharfinger.documents.errors import error_document
from wharfinger.documents.names import table_name_document

if TYPE_CHECKING:
    from wharfinger.core.names import TableName
    from wharfinger.jobs.model import JobState, Kind
    from wharfinger.processing.model import Processed, Request
    from wharfinger.profiling.service import Estimate

app = typer.Typer()

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SHOWN = 20
"""How many failures are shown to people; `--json` has them all."""


@app.command()
def process(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATTERN", help="Only these selected tables: schema.table or db.schema.table, * wild."),
    ] = None,
    only: Annotated[str, typer.Option(metavar="profile|describe", help="Only one of the two jobs.")] = "",
    level: Annotated[str, typer.Option(metavar="basic|full", help="full adds approximate distinct counts.")] = "basic",
    force: Annotated[bool, typer.Option("--force", help="Process what is unchanged, too.")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say what it would cost; nothing is sent.")] = False,
    max_age: Annotated[
        str, typer.Option(metavar="AGE", help="When a profile is too old where nothing tells of changes: 12h, 7d, 2w.")
    ] = "7d",
    max_statements: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Send no more statements; the rest waits for another time.")
    ] = None,
    scan_views: Annotated[
        bool, typer.Option("--scan-views", help="Profile views and external tables, too; a scan may cost anything.")
    ] = False,
) -> None:
    """Profile and describe the selected tables that are new or changed, and wait for it.

    Ctrl-C cancels the running statements and exits with 130; processing again goes on. Exits with 1 if a table failed.

    Example: wharfinger process shop 'raw_shop.*' --estimate
    """
    request = _request(patterns or [], only, level, force, max_age, max_statements, scan_views)
    processing = opened().processing
    if estimate:
        cost = processing.estimate(saved(connection), request)
        print_document(_estimate_document(cost), lambda screen: _show_estimate(screen, cost))
        return
    stop = threading.Event()
    with _stopped_by_signals(stop), watched(time.monotonic) as look:
        try:
            done = processing.process(saved(connection), request, stop, look)
        except Stopped:
            raise typer.Abort from None
    for text in done.notes:
        note(text)
    print_document(_document(done), lambda screen: _show(screen, done))
    if not done.complete:
        raise typer.Exit(INTERRUPTED)
    if done.failed:
        answer_no()


def _request(
    patterns: list[str], only: str, level: str, force: bool, max_age: str, ceiling: int | None, scan_views: bool
) -> Request:
    from wharfinger.jobs.model import KINDS
    from wharfinger.processing.model import Request

    _check("--only", only, ("", *KINDS))
    _check("--level", level, ("basic", "full"))
    return Request(
        patterns=tuple(patterns),
        kinds=(cast("Kind", only),) if only else KINDS,
        level="full" if level == "full" else "basic",
        force=force,
        max_age=_age(max_age),
        ceiling=ceiling,
        scan_views=scan_views,
    )


def _check(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Invalid(
            "Not a choice here", subject=f"{option} {value}", next_step=f"Choose of {', '.join(filter(None, allowed))}"
        )


def _age(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})([mhdw])", text)
    if found is None:
        raise Invalid("Not an age", subject=f"--max-age {text}", next_step="Write a number and m, h, d or w, as in 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@contextlib.contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C stops in good order, a second one at once; both leave no worker behind."""

    def ask(_number: int, _frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        note("Stopping: running statements are cancelled. Process again to go on.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _document(done: Processed) -> dict[str, Any]:
    return {
        "run": done.run,
        "tables": [_row(name, states) for name, states in sorted(done.tables.items())],
        "statements": done.statements,
        "api_calls": done.api_calls,
        "seconds": round(done.seconds, 3),
        "complete": done.complete,
        "notes": list(done.notes),
    }


def _row(name: TableName, states: Mapping[Kind, JobState]) -> dict[str, Any]:
    def state(one: JobState) -> dict[str, Any]:
        return {"status": one.status, "error": error_document(error_of(one.error), WORDS) if one.error else None}

    return {
        **table_name_document(name),
        "profile": state(states["profile"]),
        "describe": state(states["describe"]),
    }


def _estimate_document(cost: Estimate) -> dict[str, Any]:
    return {
        "tables": cost.tables,
        "statements": cost.statements,
        "api_calls": cost.api_calls,
        "megabytes": cost.megabytes,
        "seconds": cost.seconds,
    }


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


def _show(screen: Screen, done: Processed) -> None:
    statuses = [one for one in ("completed", "skipped", "failed", "queued", "running") if _any(done, one)]
    rows: list[list[Cell]] = [[label, *(done.count(kind, one) for one in statuses)] for kind, label in JOBS.items()]
    screen.table(["JOB", *(status.upper() for status in statuses)], rows)
    _show_failures(screen, done)
    screen.line(
        f"{len(done.tables)} tables, {done.statements} statements, {done.api_calls} API calls, {done.seconds:.1f} s",
        style="bold",
    )
    if done.left:
        screen.line(f"{done.left} tables wait: the ceiling of statements is reached. Process again to go on.")
    if not done.complete:
        screen.line("Stopped. What was begun is given back; process again to go on.", style="yellow")


def _any(done: Processed, status: str) -> bool:
    return done.count("profile", status) + done.count("describe", status) > 0


def _show_failures(screen: Screen, done: Processed) -> None:
    failures = [
        (name, kind, error_document(error_of(state.error), WORDS))
        for name, states in sorted(done.tables.items())
        for kind, state in states.items()
        if state.status == "failed" and state.error is not None
    ]
    for name, kind, error in failures[:_SHOWN]:
        screen.line(f"{name}  {kind} failed: {error['what']}", style="bold red")
        for label, text in (("Why", error["why"]), ("Next", error["next_step"])):
            if text:
                screen.line(f"  {label}: {text}")
    if len(failures) > _SHOWN:
        screen.line(f"and {len(failures) - _SHOWN} more; --json has them all")
