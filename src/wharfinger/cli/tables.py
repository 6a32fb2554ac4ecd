"""`wharfinger tables`: read what exists, choose what to work with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated

import typer

from wharfinger.catalog.model import Entry, Refreshed, Selection
from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.names import TableName, display_part
from wharfinger.core.session import Usage

app = typer.Typer(help="What exists and what is chosen: refresh, list, select, deselect.")

Conn = Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")]
Patterns = Annotated[
    list[str],
    typer.Argument(
        metavar="PATTERN",
        help='schema.table or db.schema.table; * matches within a part, "Quoted" parts match exactly.',
    ),
]

_SHOWN = 20
"""How many names a list of new, changed or gone tables shows to people."""

_MARKS = {"new": "new", "changed": "changed", "gone": "gone", "ok": ""}


@app.command()
def refresh(connection: Conn) -> None:
    """Read the tree of all databases, find new, changed and vanished tables.

    Example: wharfinger tables refresh shop
    """
    usage = Usage()
    found = opened().catalog.refresh(saved(connection), usage)
    document = {
        "databases": found.databases,
        "tables": found.tables,
        "new": _names(found.new),
        "changed": _names(found.changed),
        "gone": _names(found.gone),
        "notes": list(found.notes),
        "statements": usage.statements,
    }
    print_document(document, lambda screen: _show_refreshed(screen, found, usage.statements))


@app.command(name="list")
def list_tables(
    connection: Conn,
    selected: Annotated[bool, typer.Option("--selected", help="Only the selected tables.")] = False,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only names that hold TEXT, in any case.")] = "",
) -> None:
    """Show the tree of databases, schemas and tables, as it was last refreshed.

    Example: wharfinger tables list shop --search order
    """
    entries = list(opened().catalog.entries(saved(connection), selected=selected, search=search))
    document = {"tables": [_entry(entry) for entry in entries]}
    print_document(document, lambda screen: _show_tree(screen, entries, connection))


@app.command()
def select(connection: Conn, patterns: Patterns) -> None:
    """Choose the tables to work with. Nothing but the name is kept of any other.

    Example: wharfinger tables select shop 'raw_shop.*' analytics.orders
    """
    chosen = opened().catalog.select(saved(connection), patterns, Usage())
    _print_selection(chosen)


@app.command()
def deselect(connection: Conn, patterns: Patterns) -> None:
    """Take tables back; what was learnt of them is forgotten.

    Example: wharfinger tables deselect shop 'raw_stripe.*'
    """
    _print_selection(opened().catalog.deselect(saved(connection), patterns))


def _print_selection(chosen: Selection) -> None:
    def show(screen: Screen) -> None:
        screen.line(f"{chosen.matched} matched, {chosen.selected} selected")

    print_document({"selected": chosen.selected, "matched": chosen.matched}, show)


def _names(tables: Iterable[TableName]) -> list[str]:
    return [str(name) for name in tables]


def _entry(entry: Entry) -> dict[str, object]:
    return {
        **entry.name.document(),
        "kind": entry.kind,
        "selected": entry.selected,
        "state": entry.state,
    }


def _show_refreshed(screen: Screen, found: Refreshed, statements: int) -> None:
    screen.line(f"{found.tables} tables in {found.databases} databases, {statements} statements", style="bold")
    for label, tables in (("new", found.new), ("changed", found.changed), ("gone", found.gone)):
        if tables:
            screen.line(f"{len(tables)} {label}: {_some(tables)}")
    for text in found.notes:
        note(text)


def _some(tables: Sequence[TableName]) -> str:
    shown = ", ".join(str(name) for name in tables[:_SHOWN])
    return f"{shown} and {len(tables) - _SHOWN} more" if len(tables) > _SHOWN else shown


def _show_tree(screen: Screen, entries: Sequence[Entry], connection: str) -> None:
    if not entries:
        screen.line(f"Nothing to show. To read what exists: wharfinger tables refresh {connection}")
        return
    if not screen.console.is_terminal:
        rows = [[str(one.name), one.kind, "selected" if one.selected else "", one.state] for one in entries]
        screen.table(["TABLE", "KIND", "SELECTED", "STATE"], rows)
        return
    for database, inside in groupby(entries, key=lambda one: one.name.database):
        tables = list(inside)
        screen.line(f"{display_part(database)}  {_counts(tables)}", style="bold")
        for schema, members in groupby(tables, key=lambda one: one.name.schema):
            _show_schema(screen, schema, list(members))


def _show_schema(screen: Screen, schema: str, entries: Sequence[Entry]) -> None:
    screen.line(f"  {display_part(schema)}  {_counts(entries)}", style="cyan")
    for entry in entries:
        kind = "" if entry.kind == "table" else entry.kind.replace("_", " ")
        about = "  ".join(part for part in (kind, _MARKS[entry.state]) if part)
        screen.line(f"    {'[x]' if entry.selected else '[ ]'} {display_part(entry.name.name)}  {about}".rstrip())


def _counts(entries: Sequence[Entry]) -> str:
    chosen = sum(entry.selected for entry in entries)
    return f"{len(entries)} tables, {chosen} selected"
