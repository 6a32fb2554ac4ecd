"""Shows the results of the access commands on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from wharfinger.cli.output import Screen, note
from wharfinger.cli.wording import WORDS
from wharfinger.core.counts import counted, some
from wharfinger.core.verbs import call
from wharfinger.documents.access import note_document

if TYPE_CHECKING:
    from wharfinger.access.applying.applier import Applied
    from wharfinger.access.checking.report import UserReport
    from wharfinger.access.planning.plan import Plan
    from wharfinger.access.planning.step import Effect


def show_plan(screen: Screen, plan: Plan, connection: str, *, stored: bool = True) -> None:
    """Each step of a plan with its reason, the notes, and the command that applies it."""
    if plan.steps:
        _show_steps(screen, plan)
    for one in plan.notes:
        note(f"{one.about}: {note_document(one, WORDS)['text']}")
    if not plan.steps and any(one.gap for one in plan.notes):
        screen.line("There is nothing to do in what could be read; the rest is not known.", "yellow")
        return
    if not plan.steps:
        screen.line("The warehouse is as it should be: there is nothing to do.", "green")
        return
    screen.line(_summary(plan))
    if stored:
        apply = call("access:apply", connection=connection, plan=plan.id)
        screen.line(f"Apply it: {WORDS.call(apply)}")


def _summary(plan: Plan) -> str:
    """How much a plan adds, changes and removes: `3 to add, 1 to change, 2 to remove`."""
    effects: tuple[Effect, ...] = ("add", "change", "remove")
    counts = [(sum(step.effect == effect for step in plan.steps), effect) for effect in effects]
    return f"{', '.join(f'{count:,} to {effect}' for count, effect in counts)}."


def _show_steps(screen: Screen, plan: Plan) -> None:
    several = len({step.database for step in plan.steps}) > 1
    rows: list[list[str | int | None]] = []
    for number, step in enumerate(plan.steps, 1):
        where: list[str | int | None] = [step.database] if several else []
        rows.append([number, *where, step.effect, step.sql, step.why])
    screen.table(["#", *(["DATABASE"] if several else []), "", "STATEMENT", "WHY"], rows)


def show_plans(screen: Screen, plans: Iterable[Plan]) -> None:
    """Stored plans as a table, the newest first."""
    screen.table(
        ["PLAN", "MADE (UTC)", "FOR", "STEPS", "TAKE SOMETHING AWAY", "APPLIED (UTC)"],
        [
            [
                plan.id,
                f"{plan.made_at:%Y-%m-%d %H:%M:%S}",
                plan.request.title(),
                len(plan.steps),
                sum(step.destructive for step in plan.steps),
                _applied(plan),
            ]
            for plan in plans
        ],
    )


def _applied(plan: Plan) -> str:
    """How many steps took effect, and when; empty for a plan that was not applied."""
    if plan.applied_at is None:
        return ""
    return f"{plan.applied} of {len(plan.steps)} at {plan.applied_at:%Y-%m-%d %H:%M:%S}"


def show_applied(screen: Screen, applied: Applied, credentials_file: Path | None) -> None:
    """How many steps of a plan were applied, and where its passwords are."""
    if not applied.of:
        screen.line("The warehouse is as it should be: there was nothing to apply.", "green")
        return
    screen.line(f"{applied.applied} of {counted(applied.of, 'step')} applied.", "" if applied.error else "green")
    if applied.users and credentials_file is not None:
        screen.line(f"The passwords of {some(applied.users)} are in {credentials_file}.")
    if applied.error is not None:
        note(f"Stopped: {applied.error}. Plan again: the new plan has exactly the remaining steps.")


def show_report(screen: Screen, report: UserReport) -> None:
    """The checks of a user, and the SQL that fixes each failure."""
    screen.table(["CHECK", "STATUS", "DETAIL"], [[one.id, one.status, one.detail] for one in report.checks])
    for one in report.checks:
        if one.fix:
            screen.line(f"{one.id}: {one.fix};", "bold")
    for text in report.notes:
        note(note_document(text, WORDS)["text"])
