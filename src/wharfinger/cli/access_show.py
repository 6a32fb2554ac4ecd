"""What the access commands print: plans, what became of them, proofs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wharfinger.cli.output import Screen, note
from wharfinger.cli.wording import WORDS
from wharfinger.core.secret import Secret
from wharfinger.documents.errors import error_document

if TYPE_CHECKING:
    from wharfinger.access.applying import Applied
    from wharfinger.access.plan import Plan
    from wharfinger.access.proofs import Checked

TAKES = "takes"
"""The mark of a step that takes something away."""


class NoPasswords:
    """For plans that make none."""

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Never called: no step of the plan makes a password."""
        raise AssertionError(f"a plan without passwords made {len(passwords)}")

    def take_back(self, users: Collection[str]) -> None:
        """Never called, as `keep`."""
        raise AssertionError(f"a plan without passwords takes back {len(users)}")


def document(plan: Plan, *, kept: bool = True) -> dict[str, Any]:
    """A plan as JSON; `plan` is null for one that is not kept."""
    return {
        "plan": plan.id if kept else None,
        "digest": plan.digest,
        "steps": [
            {
                "n": number,
                "database": step.database,
                "sql": step.sql,
                "destructive": step.destructive,
                "why": step.why,
            }
            for number, step in enumerate(plan.steps, 1)
        ],
        "notes": [{"about": one.about, "text": one.text} for one in plan.notes],
    }


def show_plan(screen: Screen, plan: Plan, connection: str, *, kept: bool = True) -> None:
    """A plan for people: each step with why, and what to do next."""
    if plan.steps:
        _show_steps(screen, plan)
    for one in plan.notes:
        note(f"{one.about}: {one.text}")
    if not plan.steps:
        screen.line("Everything is as it should be: there is nothing to do.", "green")
        return
    taking = sum(step.destructive for step in plan.steps)
    count = f"{len(plan.steps)} step{'s' if len(plan.steps) > 1 else ''}"
    screen.line(
        f"{count}, {taking} of which take{'s' if taking == 1 else ''} something away." if taking else f"{count}."
    )
    if kept:
        screen.line(f"Carry it out: wharfinger access apply {connection} {plan.id}")


def _show_steps(screen: Screen, plan: Plan) -> None:
    several = len({step.database for step in plan.steps}) > 1
    rows: list[list[str | int | None]] = []
    for number, step in enumerate(plan.steps, 1):
        where: list[str | int | None] = [step.database] if several else []
        rows.append([number, *where, TAKES if step.destructive else "", step.sql, step.why])
    screen.table(["#", *(["DATABASE"] if several else []), "", "STATEMENT", "WHY"], rows)


def applied_document(applied: Applied, credentials_file: Path | None) -> dict[str, Any]:
    """What became of a plan, as JSON; `error` only where it stopped between two databases."""
    written: dict[str, Any] = {}
    if applied.users:
        written = {
            "users": list(applied.users),
            "credentials_file": str(credentials_file) if credentials_file else None,
        }
    error = {"error": error_document(applied.error, WORDS)} if applied.error else {}
    return {"applied": applied.applied, "of": applied.of, **written, **error}


def show_applied(screen: Screen, applied: Applied, credentials_file: Path | None) -> None:
    """What became of a plan, for people."""
    screen.line(f"{applied.applied} of {applied.of} steps done.", "" if applied.error else "green")
    if applied.users and credentials_file is not None:
        screen.line(f"The passwords of {', '.join(applied.users)} are in {credentials_file}.")
    if applied.error is not None:
        note(f"Stopped: {applied.error}. Plan again: the next plan is exactly the rest.")


def show_checked(screen: Screen, checked: Checked) -> None:
    """Proofs for people, each failure with what mends it."""
    screen.table(["PROOF", "STATUS", "DETAIL"], [[one.id, one.status, one.detail] for one in checked.checks])
    for one in checked.checks:
        if one.fix:
            screen.line(f"{one.id}: {one.fix};", "bold")
    for text in checked.notes:
        note(text)
