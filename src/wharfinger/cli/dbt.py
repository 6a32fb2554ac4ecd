"""`wharfinger dbt`: profiles for dbt, and descriptions from a dbt project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli import dbt_check, dbt_profile
from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.counts import counted

if TYPE_CHECKING:
    from wharfinger.describing.dbt_projects import Imported

app = typer.Typer(help="dbt: write and check its profiles, import its descriptions.")
app.command(help=dbt_profile.HELP)(dbt_profile.profile)
app.command(help=dbt_check.HELP)(dbt_check.check)

_SHOWN = 20


@app.callback()
def dbt() -> None:
    """dbt: write and check its profiles, import its descriptions."""


@app.command(name="import")
def import_manifest(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    manifest: Annotated[
        str,
        typer.Option(metavar="PATH|URL", help="manifest.json or the folder of its dbt project; s3://… or https://…."),
    ],
) -> None:
    """Import the descriptions of models, sources, seeds and snapshots for the selected tables.

    Examples:

        wharfinger dbt import shop --manifest ~/quayside

        wharfinger dbt import shop --manifest s3://our-artifacts/quayside/manifest.json
    """
    from wharfinger.documents.dbt import import_document

    imported = opened().descriptions.import_dbt(saved(connection), manifest)
    print_document(import_document(imported), lambda screen: _show(screen, imported))


def _show(screen: Screen, imported: Imported) -> None:
    screen.line(f"dbt knows {counted(imported.matched, 'selected table')}", style="bold")
    if imported.unselected:
        more = counted(len(imported.unselected), "table")
        note(f"dbt knows {more} more that you did not select; once selected, they get dbt's texts")
    if imported.unmatched:
        screen.line(f"Not in the warehouse: {counted(len(imported.unmatched), 'relation')} of dbt")
        for name in imported.unmatched[:_SHOWN]:
            screen.line(f"  {name}")
        if len(imported.unmatched) > _SHOWN:
            screen.line(f"  and {len(imported.unmatched) - _SHOWN} more")
