"""dbt: profiles that were made, checks of a profiles.yml, and imports of manifests."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from wharfinger.dbt.checking.model import ProfilesReport, TargetCheck
from wharfinger.dbt.writing.model import ProfileResult
from wharfinger.dbt.writing.platform_forms import Forms
from wharfinger.describing.dbt_projects import Imported
from wharfinger.describing.dbt_texts import Place
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


class ImportedTextDocument(TypedDict):
    """Where a text of dbt belongs; `column` is null for the table's own."""

    table: str
    column: str | None


class ImportDocument(TypedDict):
    """An import of a manifest.

    `matched` is the number of selected tables that dbt knows, `unmatched` its relations that are not in the warehouse,
    `unselected` the tables that it knows and that are not selected. `described` counts the tables that got a text and
    `columns` the columns that got one. `unmatched_columns` are texts of columns that the matched table does not have,
    named as dbt names them; `replaced` those in whose place another text of the same project stands, `shortened` those
    of which only the beginning is kept. `ephemeral` and `disabled` count nodes with texts that dbt makes no relation
    of.
    """

    matched: int
    unmatched: list[str]
    unselected: list[str]
    described: int
    columns: int
    unmatched_columns: list[ImportedTextDocument]
    replaced: list[ImportedTextDocument]
    shortened: list[ImportedTextDocument]
    ephemeral: int
    disabled: int


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
        "described": imported.described,
        "columns": imported.columns,
        "unmatched_columns": _places(imported.unmatched_columns),
        "replaced": _places(imported.replaced),
        "shortened": _places(imported.shortened),
        "ephemeral": imported.ephemeral,
        "disabled": imported.disabled,
    }


def _places(places: tuple[Place, ...]) -> list[ImportedTextDocument]:
    return [{"table": str(place.table), "column": place.column or None} for place in places]
