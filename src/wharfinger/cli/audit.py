"""`wharfinger audit`: who did what, and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.state import opened
from wharfinger.documents.audit import audit_document

app = typer.Typer(help="The audit log: who did what, and how it ended.")


@app.callback()
def _group() -> None:
    """Makes `list` a command of the group although it is the only one."""


@app.command(name="list")
def list_events(
    since: Annotated[str, typer.Option(metavar="AGE", help="Only what began since then: 12h, 7d, 2w.")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="List no more events than this.")] = 100,
) -> None:
    """List acts, the newest first.

    An act is recorded as begun before it starts. Its outcome is done, failed, or unknown when it was interrupted or the
    answer was lost; it stays begun when the process was killed.

    Example: wharfinger audit list --since 7d
    """
    events = opened().audit.events(since, limit)

    def show(screen: Screen) -> None:
        screen.table(
            ["AT", "ACTOR", "ACTION", "SUBJECT", "OUTCOME", "DETAIL"],
            [
                (f"{one.at:%Y-%m-%d %H:%M:%S} UTC", one.actor, one.action, one.subject, one.outcome, one.detail)
                for one in events
            ],
        )
        if len(events) == limit:
            note("There may be older events; a higher --limit lists more.")

    print_document(audit_document(events), show)
