"""Checks and reports of checks."""

from __future__ import annotations

from typing_extensions import TypedDict

from wharfinger.core.checks import Check, CheckStatus, Report
from wharfinger.documents.errors import Words, advice


class CheckDocument(TypedDict):
    """One check: its result, and what to do when it did not pass."""

    id: str
    status: CheckStatus
    detail: str
    next_step: str


class ReportDocument(TypedDict):
    """A whole test. `ok` is false only when a check failed."""

    ok: bool
    checks: list[CheckDocument]


def check_document(check: Check, words: Words) -> CheckDocument:
    """One check, worded for one door."""
    return {
        "id": check.id,
        "status": check.status,
        "detail": check.detail,
        "next_step": advice(check.next_step, check.fields, check.call, words),
    }


def report_document(report: Report, words: Words) -> ReportDocument:
    """A report, worded for one door."""
    return {"ok": report.ok, "checks": [check_document(check, words) for check in report.checks]}
