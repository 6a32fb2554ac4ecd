"""`wharfinger dbt check`: what is wrong with the profiles.yml that dbt reads, and who one is after signing in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.checks import show_checks
from wharfinger.cli.dbt_profile import ProfilesDir, surroundings
from wharfinger.cli.output import answer_no, print_document
from wharfinger.core.checks import Check as Row

if TYPE_CHECKING:
    from wharfinger.dbt.model import Check

HELP = """Check the profiles.yml that dbt would read, then sign in as dbt would and say as whom.

Finds keys that dbt drops without a word, values of the wrong type, missing fields, regions and environment variables,
and users shared by several targets. Exit code 1 when a check failed.

Example: wharfinger dbt check --profile quay
"""


def check(
    profiles_dir: ProfilesDir = None,
    profile: Annotated[
        str, typer.Option(metavar="P", help="One profile; default: that of the dbt project here, else all.")
    ] = "",
    target: Annotated[str, typer.Option(metavar="T", help="Another target than the profile's default.")] = "",
    sign_in: Annotated[bool, typer.Option(help="Sign in to the target, as dbt would.")] = True,
) -> None:
    """See HELP."""
    from wharfinger.app import dbt_checker

    report = dbt_checker().check(surroundings(), profiles_dir, profile, target, sign_in=sign_in)
    print_document(report.document(), lambda screen: show_checks(screen, _rows(report.checks)))
    if not report.ok:
        answer_no()


def _rows(checks: Iterable[Check]) -> list[Row]:
    return [
        Row(one.id, one.status, one.detail, one.next_step, ".".join(part for part in (one.profile, one.target) if part))
        for one in checks
    ]
