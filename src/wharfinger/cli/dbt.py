"""`wharfinger dbt`: profiles for dbt, and what a dbt project knows of the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli import dbt_check, dbt_profile
from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.state import opened, saved

if TYPE_CHECKING:
    from wharfinger.describing.dbt_projects import Imported

app = typer.Typer(help="dbt: write and check its profiles, take over its descriptions.")
app.command(help=dbt_profile.HELP)(dbt_profile.profile)
app.command(help=dbt_check.HELP)(dbt_check.check)

_SHOWN = 20


@app.callback()
def dbt() -> None:
    """dbt: write and check its profiles, take over its descriptions."""


@app.command(name="import")
def import_manifest(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    manifest: Annotated[
        str,
        typer.Option(metavar="PATH|URL", help="manifest.json or its dbt project's folder; s3://… or https://…."),
    ],
) -> None:
    """Take over the descriptions of models, sources, seeds and snapshots for the selected tables.

    Examples:

        wharfinger dbt import shop --manifest ~/quayside

        wharfinger dbt import shop --manifest s3://our-artifacts/quayside/manifest.json
    """
    done = opened().descriptions.import_dbt(saved(connection), manifest)
    document = {
        "matched": done.matched,
        "unmatched": [str(name) for name in done.unmatched],
        "unselected": [str(name) for name in done.unselected],
    }
    print_document(document, lambda screen: _show(screen, done))


def _show(screen: Screen, done: Imported) -> None:
    screen.line(f"{done.matched} selected tables are known to dbt", style="bold")
    if done.unselected:
        note(f"{len(done.unselected)} more are not selected; once they are, describing them takes dbt's words over")
    if done.unmatched:
        screen.line(f"{len(done.unmatched)} of dbt's relations are not in the warehouse:")
        for name in done.unmatched[:_SHOWN]:
            screen.line(f"  {name}")
        if len(done.unmatched) > _SHOWN:
            screen.line(f"  and {len(done.unmatched) - _SHOWN} more")
