"""`wharfinger connection grants`: the rights in the database that a connection needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli import state
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.counts import counted

if TYPE_CHECKING:
    from wharfinger.access.granting.plan import Granted, GrantPlan


def grants(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")],
    patterns: Annotated[
        list[str] | None, typer.Argument(metavar="PATTERN", help="schema.table or database.schema.table, with *.")
    ] = None,
    via: Annotated[
        str | None, typer.Option(metavar="ADMIN_CONN", help="Run them through this administrator's connection.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before running them.")] = False,
) -> None:
    """Print the grants this connection's database user needs, or run them with --via. Nothing is ever revoked.

    Without --via nothing is changed: give the statements to an administrator. Running them again does no harm.

    Example: wharfinger connection grants shop 'raw_shop.*' 'marketing.*.*' --via admin
    """
    from wharfinger.access.granting.plan import Granted
    from wharfinger.documents.access import grants_document

    service, connection = opened().grants, saved(name)
    administrator = None if via is None else saved(via)
    plan = service.plan(connection, patterns or [], administrator)
    if administrator is None or not plan.steps:
        printed = [Granted(step, "printed") for step in plan.steps]
        print_document(grants_document(plan, printed), lambda screen: _show_script(screen, plan))
        return
    if not yes:
        if not state.json_requested():
            _show_script(Screen(), plan)
        confirm(f"Run {counted(len(plan.steps), 'statement')} through {via}?")
    results = service.apply(connection, plan, administrator)
    print_document(grants_document(plan, results), lambda screen: _show_results(screen, plan, results))
    if any(one.status in ("failed", "skipped") for one in results):
        answer_no()


def _show_script(screen: Screen, plan: GrantPlan) -> None:
    from wharfinger.access.granting.plan import script

    for line in script(plan):
        screen.text(f"{line}\n")  # SQL is copied, and a name may hold a line break
    for text in plan.notes:
        note(text)


def _show_results(screen: Screen, plan: GrantPlan, results: Sequence[Granted]) -> None:
    screen.table(
        ["DATABASE", "STATUS", "STATEMENT"],
        [[one.step.database, one.status, f"{one.step.sql}  {one.error}".rstrip()] for one in results],
    )
    for text in plan.notes:
        note(text)
