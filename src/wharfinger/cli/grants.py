"""`wharfinger connection grants`: the rights in the database that a connection needs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wharfinger.cli import state
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.connections.grants import Done, GrantPlan, script


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
    """Print the grants this connection's database user needs, or run them with --via.

    Without --via nothing is changed: hand the statements to an administrator. Running them twice does no harm.

    Example: wharfinger connection grants shop 'raw_shop.*' 'marketing.*.*' --via admin
    """
    connections = opened().connections
    plan = connections.plan_grants(saved(name), patterns or [], None if via is None else saved(via))
    if via is None or not plan.steps:
        rows = [Done(step, "printed") for step in plan.steps]
        print_document(_document(plan, rows), lambda screen: _show_script(screen, plan))
        return
    if not yes:
        if not state.speak_json():
            _show_script(Screen(), plan)
        if not confirm(f"Run these {len(plan.steps)} statements through {via}?"):
            raise typer.Abort
    done = connections.apply_grants(saved(name), plan, saved(via))
    print_document(_document(plan, done), lambda screen: _show_done(screen, plan, done))
    if any(one.status in ("failed", "skipped") for one in done):
        answer_no()


def _document(plan: GrantPlan, rows: list[Done]) -> dict[str, Any]:
    return {
        "user": plan.user,
        "user_exists": plan.exists,
        "statements": [
            {
                "database": row.step.database,
                "sql": row.step.sql,
                "why": row.step.why,
                "status": row.status,
                "error": row.error or None,
            }
            for row in rows
        ],
        "applied": sum(row.status in ("done", "already") for row in rows),
        "of": len(rows),
        "notes": list(plan.notes),
    }


def _show_script(screen: Screen, plan: GrantPlan) -> None:
    for line in script(plan):
        screen.text(f"{line}\n")  # SQL is copied, and a name may hold a line break
    for text in plan.notes:
        note(text)


def _show_done(screen: Screen, plan: GrantPlan, done: list[Done]) -> None:
    screen.table(
        ["DATABASE", "STATUS", "STATEMENT"],
        [[one.step.database, one.status, f"{one.step.sql}  {one.error}".rstrip()] for one in done],
    )
    for text in plan.notes:
        note(text)
