"""Every answer about access has exactly the shape that its document declares."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.unit.neutral_words import NeutralWords

from wharfinger.access.applying.applier import Applied
from wharfinger.access.checking.report import UserReport, result
from wharfinger.access.granting.plan import Granted, GrantPlan
from wharfinger.access.model import Note
from wharfinger.access.planning.plan import Plan, Request
from wharfinger.access.planning.step import Step
from wharfinger.core.errors import Failed
from wharfinger.core.verbs import call
from wharfinger.documents.access import (
    AppliedDocument,
    GrantsDocument,
    PlanDocument,
    PlansDocument,
    RotatedDocument,
    UserReportDocument,
    applied_document,
    grants_document,
    plan_document,
    plans_document,
    rotated_document,
    user_report_document,
)

WORDS = NeutralWords()
STEPS = (Step("dev", "create group g", "it is declared"), Step("dev", "drop user u", "it is not", destructive=True))
ROTATE = Note("passwords", "make a new one", call("access:rotate", connection="admin", database_user=""))
PLAN = Plan(
    "p1", "admin", Request("spec", "version: 1", "a.yml"), "d", STEPS, (ROTATE,), datetime(2026, 1, 2, tzinfo=UTC)
)
REPORT = UserReport(
    (
        result("select-raw", "failed", "no", "grant it"),
        result("create-schema", "computed", "yes"),
        result("read-system-views", "passed", "yes"),
    ),
    "alice",
    "computed",
    (Note("alice", "sign in as a superuser", call("connection:add", name="")),),
)
GRANTS = GrantPlan("reader", None, STEPS[:1], ("a note",))

ANSWERS: dict[str, tuple[Any, Any]] = {
    "a plan": (PlanDocument, plan_document(PLAN, WORDS)),
    "a verified plan": (PlanDocument, plan_document(PLAN, WORDS, stored=False)),
    "plans": (PlansDocument, plans_document([PLAN, replace(PLAN, request=Request("leave", "u", "heir"))])),
    "applied": (AppliedDocument, applied_document(Applied(2, 2), WORDS)),
    "applied with passwords": (
        AppliedDocument,
        applied_document(Applied(2, 2, ("alice",)), WORDS, credentials_file="f"),
    ),
    "stopped half way": (AppliedDocument, applied_document(Applied(2, 1, error=Failed("no", next_step="ask")), WORDS)),
    "a check": (UserReportDocument, user_report_document(REPORT, WORDS)),
    "a rotation": (RotatedDocument, rotated_document("alice", None)),
    "grants": (GrantsDocument, grants_document(GRANTS, [Granted(STEPS[0], "already")])),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_its_declared_shape(name: str) -> None:
    shape, answer = ANSWERS[name]
    adapter = TypeAdapter(shape)

    assert adapter.validate_python(answer, strict=True, extra="forbid") == answer
    assert json.loads(json.dumps(answer)) == answer
    assert adapter.json_schema()["title"] == shape.__name__


def test_a_plan_numbers_its_steps_and_words_its_notes_for_the_door() -> None:
    document = plan_document(PLAN, WORDS)

    assert [(step["n"], step["destructive"]) for step in document["steps"]] == [(1, False), (2, True)]
    assert document["notes"][0]["text"].startswith("make a new one: access:rotate connection=admin")
    assert plan_document(PLAN, WORDS, stored=False)["plan"] is None


def test_stored_plans_name_what_they_are_for() -> None:
    spec, leaving = plans_document([PLAN, replace(PLAN, request=Request("leave", "u", "heir"))])["plans"]

    assert (spec["purpose"], spec["source"], spec["steps"], spec["destructive"]) == ("spec", "a.yml", 2, 1)
    assert (leaving["purpose"], leaving["source"]) == ("leave", "u")
    assert spec["made_at"] == "2026-01-02T00:00:00+00:00"


def test_what_was_not_stopped_has_neither_an_error_nor_users() -> None:
    assert applied_document(Applied(2, 2), WORDS) == {"applied": 2, "of": 2}


def test_a_report_with_a_failure_is_not_ok_and_one_that_is_computed_is() -> None:
    assert user_report_document(REPORT, WORDS)["ok"] is False
    assert user_report_document(UserReport(REPORT.checks[1:], "alice", "computed"), WORDS)["ok"] is True
    assert [one["fix"] for one in user_report_document(REPORT, WORDS)["checks"]] == ["grant it", None, None]
