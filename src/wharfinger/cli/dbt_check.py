"""`wharfinger dbt check`: what is wrong with the profiles.yml that dbt reads, and the user after signing in."""

from __future__ import annotations

from typing import Annotated

import typer

from wharfinger.cli.checks import show_checks
from wharfinger.cli.dbt_profile import ProfilesDir, surroundings
from wharfinger.cli.output import answer_no, print_document
from wharfinger.cli.wording import WORDS

HELP = """Check the profiles.yml that dbt would read, sign in as dbt would, and try what dbt run would do.

Finds keys that dbt ignores without a message, values of the wrong type, missing fields, regions and environment
variables, and users that several targets share. After signing in it tries to make schemas and tables and to read the
project's sources; all of it is rolled back. Exit code 1 when a check failed.

Example: wharfinger dbt check --profile quay
"""


def check(
    profiles_dir: ProfilesDir = None,
    profile: Annotated[
        str, typer.Option(metavar="P", help="One profile; default: that of the dbt project here, else all.")
    ] = "",
    target: Annotated[str, typer.Option(metavar="T", help="Another target than the profile's default.")] = "",
    manifest: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            help="manifest.json or the folder of its dbt project: what is built and read. Default: that of the dbt "
            "project here.",
        ),
    ] = "",
    sign_in: Annotated[bool, typer.Option(help="Sign in to the target, and try what dbt would do.")] = True,
) -> None:
    """See HELP."""
    from wharfinger.app import profiles_checker
    from wharfinger.documents.dbt import profiles_report_document

    report = profiles_checker().check(surroundings(), profiles_dir, profile, target, manifest, sign_in=sign_in)
    print_document(profiles_report_document(report, WORDS), lambda screen: show_checks(screen, report.checks))
    if not report.ok:
        answer_no()
