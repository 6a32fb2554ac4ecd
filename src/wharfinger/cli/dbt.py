"""`wharfinger dbt`: profiles for dbt, and descriptions from a dbt project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli import dbt_check, dbt_profile
from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.counts import counted

if TYPE_CHECKING:
    from wharfinger.describing.dbt_projects import Imported
    from wharfinger.describing.dbt_texts import Place

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
    screen.line(
        f"dbt knows {counted(imported.matched, 'selected table')}: texts for {imported.described} of them and for "
        f"{counted(imported.columns, 'column')}",
        style="bold",
    )
    if imported.unselected:
        more = counted(len(imported.unselected), "table")
        note(f"dbt knows {more} more that you did not select; once selected, they get dbt's texts")
    for count, kind in ((imported.ephemeral, "ephemeral"), (imported.disabled, "disabled")):
        if count:
            note(f"{counted(count, f'{kind} node')} of dbt with texts: dbt makes no table of them")
    _list(screen, "Not in the warehouse", "relation", [str(name) for name in imported.unmatched])
    _list(screen, "Columns that their table does not have", "text", _named(imported.unmatched_columns))
    _list(screen, "Replaced by another text of dbt for the same", "text", _named(imported.replaced))
    _list(screen, "Too long: only the beginning is kept", "text", _named(imported.shortened))


def _named(places: Sequence[Place]) -> list[str]:
    return [f"{place.table}: {place.column}" if place.column else str(place.table) for place in places]


def _list(screen: Screen, heading: str, what: str, names: Sequence[str]) -> None:
    if not names:
        return
    screen.line(f"{heading}: {counted(len(names), what)} of dbt")
    for name in names[:_SHOWN]:
        screen.line(f"  {name}")
    if len(names) > _SHOWN:
        screen.line(f"  …and {len(names) - _SHOWN:,} more")
