"""dbt: profiles that were made, checks of a profiles.yml, and imports of manifests."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from wharfinger.dbt.checking.model import ProfilesReport, TargetCheck
from wharfinger.dbt.writing.model import ProfileResult
from wharfinger.dbt.writing.platform_forms import Forms
from wharfinger.describing.dbt_projects import Imported
from wharfinger.documents.checks import CheckDocument, check_document
from wharfinger.documents.errors import Words


class PlatformFormsDocument(TypedDict):
    """The values for the forms of the dbt platform, by the names of their fields.

    `extended_attributes` is YAML. `environment_variables` maps each variable to a description of its value.
    """

    connection: dict[str, str]
    credentials: dict[str, str]
    extended_attributes: str
    environment_variables: dict[str, str]


class ProfileDocument(TypedDict):
    """A dbt profile. `yaml` is its text without secrets.

    `path` is the profiles.yml it belongs into and `why` the reason for that one; null for the dbt platform, whose
    values are in `dbt_cloud`. `env` are the environment variables that dbt reads. `written` is false when the file
    did not change; `backup` is the copy of the former file.
    """

    path: str | None
    why: str
    yaml: str
    env: list[str]
    notes: list[str]
    written: bool
    backup: str | None
    dbt_cloud: NotRequired[PlatformFormsDocument]


class TargetCheckDocument(CheckDocument):
    """A check of one target of one profile; both are null for what concerns the whole file."""

    profile: str | None
    target: str | None


class ProfilesReportDocument(TypedDict):
    """The checks of a profiles.yml: `path`, and `why` dbt reads that one. `ok` is false only when a check failed."""

    ok: bool
    path: str
    why: str
    checks: list[TargetCheckDocument]


class ImportDocument(TypedDict):
    """An import of a manifest.

    `matched` is the number of selected tables that dbt knows, `unmatched` its relations that are not in the warehouse,
    `unselected` the tables that it knows and that are not selected.
    """

    matched: int
    unmatched: list[str]
    unselected: list[str]


def platform_forms_document(forms: Forms) -> PlatformFormsDocument:
    """The forms, each as a mapping."""
    return {
        "connection": dict(forms.connection),
        "credentials": dict(forms.credentials),
        "extended_attributes": forms.extended_attributes,
        "environment_variables": dict(forms.variables),
    }


def profile_document(result: ProfileResult) -> ProfileDocument:
    """A profile; `dbt_cloud` is present only for the dbt platform."""
    document: ProfileDocument = {
        "path": None if result.path is None else str(result.path),
        "why": result.why,
        "yaml": result.yaml,
        "env": list(result.env),
        "notes": list(result.notes),
        "written": result.written,
        "backup": None if result.backup is None else str(result.backup),
    }
    if result.forms is not None:
        document["dbt_cloud"] = platform_forms_document(result.forms)
    return document


def target_check_document(check: TargetCheck, words: Words) -> TargetCheckDocument:
    """One check, worded for one door."""
    return {**check_document(check, words), "profile": check.profile or None, "target": check.target or None}


def profiles_report_document(report: ProfilesReport, words: Words) -> ProfilesReportDocument:
    """A report, worded for one door."""
    return {
        "ok": report.ok,
        "path": str(report.path),
        "why": report.why,
        "checks": [target_check_document(check, words) for check in report.checks],
    }


def import_document(imported: Imported) -> ImportDocument:
    """An import; tables under their full names."""
    return {
        "matched": imported.matched,
        "unmatched": [str(name) for name in imported.unmatched],
        "unselected": [str(name) for name in imported.unselected],
    }
