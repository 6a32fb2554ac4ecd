"""`wharfinger show`: what is known of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wharfinger.cli.output import Screen, print_document, visible
from wharfinger.cli.state import opened, saved

if TYPE_CHECKING:
    from wharfinger.catalog.model import Column
    from wharfinger.describing.known import Known
    from wharfinger.describing.model import Description
    from wharfinger.profiling.model import ColumnProfile

app = typer.Typer()

_SAMPLES = 4
"""How many samples a column shows to people; `--json` has them all."""
_WIDTH = 30
"""Where a value is cut for people."""


@app.command()
def show(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="schema.table or db.schema.table.")],
) -> None:
    """Show what is known of one selected table: its texts, its profile, and what tells whether it changed.

    Example: wharfinger show shop raw_shop.orders
    """
    known = opened().known.of(saved(connection), table)
    print_document(_document(known), lambda screen: _show(screen, known))


def _document(known: Known) -> dict[str, Any]:
    return {
        **known.table.name.document(),
        "kind": known.table.kind,
        "state": known.table.state,
        "rows": known.rows,
        "description": _text(known.described.table),
        "signal": {"name": known.signal.name, "misses": known.misses} if known.signal else None,
        "profiled_at": known.profile.profiled_at.isoformat() if known.profile else None,
        "columns": [_column(known, column) for column in known.table.columns],
    }


def _text(description: Description | None) -> dict[str, str] | None:
    return description.document() if description else None


def _column(known: Known, column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "nullable": column.nullable,
        "key": known.table.keys.of(column.name),
        "description": _text(known.described.columns.get(column.name)),
        "profile": _facts(known.profile.column(column.name) if known.profile else None),
    }


def _facts(facts: ColumnProfile | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {
        "nulls": facts.nulls,
        "min": facts.min,
        "max": facts.max,
        "distinct": facts.distinct,
        "samples": list(facts.samples),
        "masked": facts.masked,
    }


def _show(screen: Screen, known: Known) -> None:
    screen.line(str(known.table.name), style="bold")
    if (text := known.described.table) is not None:
        screen.line(f"{text.text}  ({text.source})")
    screen.line()
    screen.facts(_about(known))
    screen.line()
    if screen.console.is_terminal:
        _show_columns(screen, known)
    else:
        headings = ("COLUMN", "TYPE", "NULLS", "MIN", "MAX", "DISTINCT", "SAMPLES", "DESCRIPTION", "SOURCE")
        screen.table(headings, [_row(known, column) for column in known.table.columns])


def _about(known: Known) -> list[tuple[str, str | int | None]]:
    signal, profile = known.signal, known.profile
    return [
        ("kind", known.table.kind.replace("_", " ")),
        ("state", known.table.state),
        ("rows", f"{known.rows:,}" if known.rows is not None else "unknown"),
        ("profiled", f"{profile.profiled_at:%Y-%m-%d %H:%M} UTC, {profile.level}" if profile else "not yet"),
        ("signal", signal.name if signal else "not read yet"),
        ("can miss", known.misses),
    ]


def _show_columns(screen: Screen, known: Known) -> None:
    """Name and type, what was measured, and the text beside each other; fits a terminal of 80 characters."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table("COLUMN", "MEASURED", "DESCRIPTION", box=box.SIMPLE_HEAD, pad_edge=False, leading=1)
    for name, type_text, *measured, text, source in (_row(known, column) for column in known.table.columns):
        head = Text(visible(name), style="bold")
        head.append(f"\n{visible(type_text)}", style="not bold dim")
        words = Text(visible(text))
        words.append(f"  ({source})" if source else "", style="dim italic")
        shown.add_row(head, Text(_measured(known, *measured)), words)
    screen.console.print(shown)


def _measured(known: Known, nulls: str, low: str, high: str, distinct: str, samples: str) -> str:
    rows = known.profile.rows if known.profile else 0
    share = f" ({100 * int(nulls) / rows:.0f} %)" if nulls and rows else ""
    lines = [
        f"{low} … {high}" if low or high else "",
        samples,
        f"{int(nulls):,} nulls{share}" if nulls not in ("", "0") else "",
        f"about {int(distinct):,} distinct" if distinct else "",
    ]
    return "\n".join(line for line in lines if line)


def _row(known: Known, column: Column) -> list[str]:
    facts = known.profile.column(column.name) if known.profile else None
    key = known.table.keys.of(column.name)
    text = known.described.columns.get(column.name)
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
