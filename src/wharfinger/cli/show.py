"""`wharfinger show`: everything known about one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.characters import visible
from wharfinger.cli.layout import Styled
from wharfinger.cli.output import Cell, Screen, print_document, why_and_next
from wharfinger.cli.state import opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.core.errors import error_of
from wharfinger.core.verbs import call
from wharfinger.documents.errors import error_document

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
    print_document(table_details_document(details, WORDS), lambda screen: _show(screen, details, connection))


def _show(screen: Screen, details: TableDetails, connection: str) -> None:
    screen.line(str(details.table.name), style="bold")
    if (text := details.descriptions.table) is not None:
        screen.line(f"{text.text}  ({text.source})")
    screen.line()
    screen.facts(_about(details))
    _show_failures(screen, details, connection)
    screen.line()
    if details.table.columns_unknown:
        screen.line(f"Columns unknown: {details.table.columns_unknown}.", style="yellow")
        screen.line(f"Next: select from it in the warehouse to see the cause. When it is cured: {_refresh(connection)}")
    elif screen.console.is_terminal:
        _show_columns(screen, details)
    else:
        headings = ("COLUMN", "TYPE", "NULLS", "MIN", "MAX", "DISTINCT", "SAMPLES", "DESCRIPTION", "SOURCE")
        screen.table(headings, [_row(details, column) for column in details.table.columns])


def _about(details: TableDetails) -> list[tuple[str, str | int | None]]:
    signal = details.signal
    return [
        ("kind", details.table.kind.replace("_", " ")),
        ("state", details.table.state),
        ("rows", f"{details.rows:,}" if details.rows is not None else "unknown"),
        ("profiled", _profiled(details)),
        ("signal", signal.name if signal else "not read yet"),
        ("can miss", details.misses),
    ]


def _profiled(details: TableDetails) -> str:
    profile, job = details.profile, details.jobs.get("profile")
    failed = job is not None and job.status == "failed"
    if profile is None:
        return "not yet: it failed" if failed else "not yet"
    stale = ", out of date: a later attempt failed" if failed else ""
    return f"{profile.profiled_at:%Y-%m-%d %H:%M} UTC, {profile.level}{stale}"


def _show_failures(screen: Screen, details: TableDetails, connection: str) -> None:
    """The last attempts that failed: when, why, and what to do."""
    for kind, state in sorted(details.jobs.items(), reverse=True):
        if state.status == "failed" and state.error is not None:
            error = error_document(error_of(state.error), WORDS)
            at = f" at {state.at:%Y-%m-%d %H:%M} UTC" if state.at else ""
            screen.line(f"{kind} failed{at}: {error['what']}", style="bold red")
            for line in why_and_next(error):
                screen.line(line)
    if details.table.state == "gone":
        screen.line("The last refresh did not find this table; what is shown is older.", style="yellow")
        screen.line(f"Next: if it is back, {_refresh(connection)}; else deselect it.")


def _refresh(connection: str) -> str:
    return WORDS.call(call("tables:refresh", connection=connection))


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
