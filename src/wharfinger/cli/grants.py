"""`wharfinger connection policy` and `wharfinger connection grants`: the rights a connection needs."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from wharfinger.cli import state
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.connections.grants import Done, GrantPlan, script


def policy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")],
    database: Annotated[
        list[str] | None, typer.Option(metavar="D", help="One more database to sign in to; may be repeated.")
    ] = None,
    discovery: Annotated[
        bool, typer.Option("--discovery", help="Add what listing clusters and workgroups needs.")
    ] = False,
) -> None:
    """Print the least IAM policy this connection needs, with real ARNs, ready to attach.

    Example: wharfinger connection policy shop > policy.json
    """
    connections = opened().connections
    document = connections.policy(saved(name), database or [], discovery=discovery)
    print_document(document, lambda screen: screen.text(json.dumps(document, indent=2) + "\n"))
    if role := saved(name).identity.role_arn:
        note(f"Attach it to {role}; who assumes that role needs sts:AssumeRole on it.")
    if any(name.endswith("workgroup/*") for one in document["Statement"] for name in one["Resource"]):
        note("workgroup/* stands for the workgroup's own ARN, which this identity may not ask for (GetWorkgroup).")
    if not document["Statement"]:
        note("This connection signs in with a password at a given host: it needs no IAM policy.")


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
