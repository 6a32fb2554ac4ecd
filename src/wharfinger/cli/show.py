"""`wharfinger show`: everything known about one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.characters import visible
from wharfinger.cli.layout import Styled
from wharfinger.cli.output import Cell, Screen, print_document
from wharfinger.cli.state import opened, saved

if TYPE_CHECKING:
    from wharfinger.catalog.model import Column
    from wharfinger.describing.details import TableDetails
    from wharfinger.profiling.model import ColumnProfile

app = typer.Typer()

_SAMPLES = 4
"""The most samples of a column that people see; `--json` has them all."""
_WIDTH = 30
"""The length in characters after which people see a value cut off."""


@app.command()
def show(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="schema.table or db.schema.table.")],
) -> None:
    """Show a selected table: its descriptions, its profile, and its change signal.

    Example: wharfinger show shop raw_shop.orders
    """
    from wharfinger.documents.details import table_details_document

    details = opened().details.show(saved(connection), table)
    print_document(table_details_document(details), lambda screen: _show(screen, details))


def _show(screen: Screen, details: TableDetails) -> None:
    screen.line(str(details.table.name), style="bold")
    if (text := details.descriptions.table) is not None:
        screen.line(f"{text.text}  ({text.source})")
    screen.line()
    screen.facts(_about(details))
    screen.line()
    if screen.console.is_terminal:
        _show_columns(screen, details)
    else:
        headings = ("COLUMN", "TYPE", "NULLS", "MIN", "MAX", "DISTINCT", "SAMPLES", "DESCRIPTION", "SOURCE")
        screen.table(headings, [_row(details, column) for column in details.table.columns])


def _about(details: TableDetails) -> list[tuple[str, str | int | None]]:
    signal, profile = details.signal, details.profile
    return [
        ("kind", details.table.kind.replace("_", " ")),
        ("state", details.table.state),
        ("rows", f"{details.rows:,}" if details.rows is not None else "unknown"),
        ("profiled", f"{profile.profiled_at:%Y-%m-%d %H:%M} UTC, {profile.level}" if profile else "not yet"),
        ("signal", signal.name if signal else "not read yet"),
        ("can miss", details.misses),
    ]


def _show_columns(screen: Screen, details: TableDetails) -> None:
    """Name and type, figures and text side by side."""
    rows: list[list[Cell]] = []
    for name, type_text, *measured, text, source in (_row(details, column) for column in details.table.columns):
        words = f"{text}  ({source})" if source else text
        rows.append(
            [
                [Styled(name, "bold"), Styled(type_text, "dim")],
                [Styled(line) for line in _measured(details, *measured)],
                [Styled(words)],
            ]
        )
    screen.table(["COLUMN", "MEASURED", "DESCRIPTION"], rows, spaced=True)


def _measured(details: TableDetails, nulls: str, low: str, high: str, distinct: str, samples: str) -> list[str]:
    rows = details.profile.rows if details.profile else 0
    share = f" ({100 * int(nulls) / rows:.0f} %)" if nulls and rows else ""
    lines = [
        f"{low} … {high}" if low or high else "",
        samples,
        f"{int(nulls):,} nulls{share}" if nulls not in ("", "0") else "",
        f"about {int(distinct):,} distinct" if distinct else "",
    ]
    return [line for line in lines if line]


def _row(details: TableDetails, column: Column) -> list[str]:
    facts = details.profile.column(column.name) if details.profile else None
    key = details.table.keys.of(column.name)
    text = details.descriptions.columns.get(column.name)
    marks = ("" if column.nullable else "not null", f"{key} key" if key else "")
    return [
        column.name,
        ", ".join(part for part in (column.type, *marks) if part),
        str(facts.nulls) if facts else "",
        _cut(facts.min) if facts else "",
        _cut(facts.max) if facts else "",
        str(facts.distinct) if facts and facts.distinct is not None else "",
        _samples(facts) if facts else "",
        text.text if text else "",
        text.source if text else "",
    ]


def _samples(facts: ColumnProfile) -> str:
    shown = ", ".join(_cut(value) for value in facts.samples[:_SAMPLES])
    more = f", … {len(facts.samples)} in all" if len(facts.samples) > _SAMPLES else ""
    return f"{shown}{more}{' (masked)' if facts.masked else ''}"


def _cut(value: str | None) -> str:
    text = visible(value or "")
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
