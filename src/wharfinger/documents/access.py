"""Access: plans, results of applying them, the live state as a spec, checks of a user, grants of a connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NotRequired, cast

from typing_extensions import TypedDict

from wharfinger.access.applying.applier import Applied
from wharfinger.access.checking.report import CheckId, UserReport, Way
from wharfinger.access.granting.plan import Granted, GrantPlan, Status
from wharfinger.access.model import Credentials, Note
from wharfinger.access.planning.plan import Plan, Purpose
from wharfinger.access.planning.step import Effect
from wharfinger.access.spec.from_state import Inspected
from wharfinger.documents.errors import ErrorDocument, Words, advice, error_document

UserCheckStatus = Literal["passed", "failed", "computed"]
"""`computed`: the user's rights allow it; it was not tried."""


class StepDocument(TypedDict):
    """One statement of a plan: its number from 1, the database it runs in, and why it is there.

    `effect` is what it does to the warehouse; `destructive` steps take something away. A password in `sql` is a
    placeholder.
    """

    n: int
    database: str
    sql: str
    effect: Effect
    destructive: bool
    why: str


class NoteDocument(TypedDict):
    """What a person should know and no step shows."""

    about: str
    text: str


class PlanDocument(TypedDict):
    """A plan: answer of `access plan`, `verify` and `remove`. `plan` is its id, null when it is not stored.

    `digest` is the same for the same steps and the same live state.
    """

    plan: str | None
    digest: str
    steps: list[StepDocument]
    notes: list[NoteDocument]


class PlanSummaryDocument(TypedDict):
    """A stored plan in short. `source` is the spec's file name, or the user to remove.

    `destructive` of its `steps` take something away. When it was last applied, at `applied_at`, `applied` steps of `of`
    took effect; `applied_at` is null for a plan that was not applied.
    """

    plan: str
    digest: str
    made_at: str
    purpose: Purpose
    source: str
    steps: int
    destructive: int
    applied: int
    of: int
    applied_at: str | None


class PlansDocument(TypedDict):
    """The stored plans of a connection, the newest first."""

    plans: list[PlanSummaryDocument]


class AppliedDocument(TypedDict):
    """How many steps of a plan are in effect.

    `users` got a password; `error` says why the other steps were not applied.
    """

    applied: int
    of: int
    users: NotRequired[list[str]]
    credentials_file: NotRequired[str | None]
    error: NotRequired[ErrorDocument]


class SpecUserDocument(TypedDict):
    """A user in a spec. `search_path` is absent for a user without its own setting."""

    credentials: Credentials
    search_path: NotRequired[list[str]]


class SpecMembersDocument(TypedDict):
    """A group or a role in a spec; `members` is absent when it has none."""

    members: NotRequired[list[str]]


class SpecGrantDocument(TypedDict):
    """One grant in a spec. `future` names users whose future tables are meant; with `existing` false only those are."""

    to: str
    on: str
    privileges: list[str]
    future: NotRequired[list[str]]
    existing: NotRequired[bool]


class SpecDocument(TypedDict):
    """An access spec: who exists and holds which rights. A plan made from the inspected one has no steps."""

    version: Literal[1]
    schemas: list[str]
    users: dict[str, SpecUserDocument]
    groups: dict[str, SpecMembersDocument]
    roles: dict[str, SpecMembersDocument]
    grants: list[SpecGrantDocument]


class UserCheckDocument(TypedDict):
    """One check of a user. `fix` is the SQL that fixes a failure; null when there is none."""

    id: CheckId
    status: UserCheckStatus
    detail: str
    fix: str | None


class UserReportDocument(TypedDict):
    """The checks of one user, and the way they were made. `ok` is false only when a check failed."""

    ok: bool
    user: str
    way: Way
    checks: list[UserCheckDocument]
    notes: list[str]


class RotatedDocument(TypedDict):
    """The user with the new password, and the file that holds it; null when it was shown on a terminal."""

    user: str
    credentials_file: str | None


class GrantStatementDocument(TypedDict):
    """One statement of a connection's grants, and its result; `error` is null unless it failed or was skipped."""

    database: str
    sql: str
    why: str
    status: Status
    error: str | None


class GrantsDocument(TypedDict):
    """The grants that a connection's database user needs. `user_exists` is null when that is not known.

    `applied` counts the statements that are done, now or before.
    """

    user: str
    user_exists: bool | None
    statements: list[GrantStatementDocument]
    applied: int
    of: int
    notes: list[str]


def note_document(note: Note, words: Words) -> NoteDocument:
    """One note, worded for one door."""
    return {"about": note.about, "text": advice(note.text, (), note.call, words)}


def plan_document(plan: Plan, words: Words, *, stored: bool = True) -> PlanDocument:
    """A plan; `stored` is false for one that cannot be applied later."""
    return {
        "plan": plan.id if stored else None,
        "digest": plan.digest,
        "steps": [
            {
                "n": number,
                "database": step.database,
                "sql": step.sql,
                "effect": step.effect,
                "destructive": step.destructive,
                "why": step.why,
            }
            for number, step in enumerate(plan.steps, 1)
        ],
        "notes": [note_document(note, words) for note in plan.notes],
    }


def plan_summary_document(plan: Plan) -> PlanSummaryDocument:
    """A stored plan in short; `made_at` is ISO 8601 in UTC."""
    request = plan.request
    return {
        "plan": plan.id,
        "digest": plan.digest,
        "made_at": plan.made_at.isoformat(),
        "purpose": request.purpose,
        "source": request.source if request.purpose == "spec" else request.text,
        "steps": len(plan.steps),
        "destructive": sum(step.destructive for step in plan.steps),
        "applied": plan.applied,
        "of": len(plan.steps),
        "applied_at": plan.applied_at.isoformat() if plan.applied_at else None,
    }


def plans_document(plans: Iterable[Plan]) -> PlansDocument:
    """Stored plans in the order given."""
    return {"plans": [plan_summary_document(plan) for plan in plans]}


def applied_document(applied: Applied, words: Words, *, credentials_file: str | None = None) -> AppliedDocument:
    """How many steps of a plan were applied; `credentials_file` is where the passwords are."""
    document: AppliedDocument = {"applied": applied.applied, "of": applied.of}
    if applied.users:
        document["users"] = list(applied.users)
        document["credentials_file"] = credentials_file
    if applied.error is not None:
        document["error"] = error_document(applied.error, words)
    return document


def inspected_document(found: Inspected) -> SpecDocument:
    """The live state as a spec."""
    return cast("SpecDocument", found.spec)


def user_report_document(report: UserReport, words: Words) -> UserReportDocument:
    """The checks of one user, worded for one door."""
    return {
        "ok": report.ok,
        "user": report.user,
        "way": report.way,
        "checks": [
            {
                "id": cast("CheckId", check.id),
                "status": cast("UserCheckStatus", check.status),
                "detail": check.detail,
                "fix": check.fix or None,
            }
            for check in report.checks
        ],
        "notes": [note_document(note, words)["text"] for note in report.notes],
    }


def rotated_document(user: str, credentials_file: str | None) -> RotatedDocument:
    """The user whose password is new, and where it is."""
    return {"user": user, "credentials_file": credentials_file}


def grants_document(plan: GrantPlan, results: Sequence[Granted]) -> GrantsDocument:
    """A plan of grants and the results of its statements, in order."""
    return {
        "user": plan.user,
        "user_exists": plan.exists,
        "statements": [
            {
                "database": one.step.database,
                "sql": one.step.sql,
                "why": one.step.why,
                "status": one.status,
                "error": one.error or None,
            }
            for one in results
        ],
        "applied": sum(one.status in ("done", "already") for one in results),
        "of": len(results),
        "notes": list(plan.notes),
    }
