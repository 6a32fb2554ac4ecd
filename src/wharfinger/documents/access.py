"""Access: plans, what applying one did, live state as a spec, checks of a user, grants of a connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NotRequired, cast

from typing_extensions import TypedDict

from wharfinger.access.applying.applier import Applied
from wharfinger.access.checking.report import CheckId, UserReport, Way
from wharfinger.access.granting.plan import Granted, GrantPlan, Status
from wharfinger.access.model import Credentials, Note
from wharfinger.access.planning.plan import Plan, Purpose
from wharfinger.access.spec.from_state import Inspected
from wharfinger.documents.errors import ErrorDocument, Words, advice, error_document

UserCheckStatus = Literal["passed", "failed", "computed"]
"""`computed`: yes, as far as the user's rights say; it was not tried."""


class StepDocument(TypedDict):
    """One statement of a plan: its number from 1, the database it runs in, and why it is there.

    `destructive` steps take something away. A password in `sql` is a placeholder.
    """

    n: int
    database: str
    sql: str
    destructive: bool
    why: str


class NoteDocument(TypedDict):
    """What a person should know and no step shows."""

    about: str
    text: str


class PlanDocument(TypedDict):
    """A plan: answer of `access plan`, `verify` and `remove`. `plan` is its id, null when it is not kept.

    `digest` is the same for the same steps and the same live state.
    """

    plan: str | None
    digest: str
    steps: list[StepDocument]
    notes: list[NoteDocument]


class KeptPlanDocument(TypedDict):
    """A kept plan in short: `source` is the spec's file name, or the user to remove; `destructive` of its `steps` take
    something away."""

    plan: str
    digest: str
    made_at: str
    purpose: Purpose
    source: str
    steps: int
    destructive: int


class PlansDocument(TypedDict):
    """The kept plans of a connection, the newest first."""

    plans: list[KeptPlanDocument]


class AppliedDocument(TypedDict):
    """How many steps of a plan are in effect. `users` got a password; `error` says what stopped the rest."""

    applied: int
    of: int
    users: NotRequired[list[str]]
    credentials_file: NotRequired[str | None]
    error: NotRequired[ErrorDocument]


class SpecUserDocument(TypedDict):
    """A user in a spec. `search_path` is absent for a user that has none of its own."""

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


def plan_document(plan: Plan, words: Words, *, kept: bool = True) -> PlanDocument:
    """A plan; `kept` is false for one that cannot be applied later."""
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
        "notes": [note_document(note, words) for note in plan.notes],
    }


def kept_plan_document(plan: Plan) -> KeptPlanDocument:
    """A kept plan in short; `made_at` is ISO 8601 in UTC."""
    request = plan.request
    return {
        "plan": plan.id,
        "digest": plan.digest,
        "made_at": plan.made_at.isoformat(),
        "purpose": request.purpose,
        "source": request.source if request.purpose == "spec" else request.text,
        "steps": len(plan.steps),
        "destructive": sum(step.destructive for step in plan.steps),
    }


def plans_document(plans: Iterable[Plan]) -> PlansDocument:
    """Kept plans in the order given."""
    return {"plans": [kept_plan_document(plan) for plan in plans]}


def applied_document(applied: Applied, words: Words, *, credentials_file: str | None = None) -> AppliedDocument:
    """How far a plan came; `credentials_file` is where the passwords are."""
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
