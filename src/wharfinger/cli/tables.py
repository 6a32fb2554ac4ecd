"""`wharfinger tables`: read which tables exist, select those to work with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import typer

from wharfinger.catalog.model import Entry, Refreshed, Selection
from wharfinger.cli.names import show_names
from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.core.counts import counted
from wharfinger.core.names import display_part
from wharfinger.core.session import Usage
from wharfinger.core.verbs import call
from wharfinger.documents.tables import refreshed_document, selection_document, tables_document

app = typer.Typer(help="Tables of a warehouse: refresh, list, select, deselect.")

Conn = Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")]
Patterns = Annotated[
    list[str],
    typer.Argument(
        metavar="PATTERN",
        help='schema.table or db.schema.table; * matches within a part, "Quoted" parts match exactly.',
    ),
]

_MARKS = {"new": "new", "changed": "changed", "gone": "gone", "ok": ""}


@app.command()
def refresh(connection: Conn) -> None:
    """Read the tables of all databases; report new, changed and gone ones.

    Example: wharfinger tables refresh shop
    """
    usage = Usage()
    found = opened().catalog.refresh(saved(connection), usage)
    document = refreshed_document(found, usage.statements)
    print_document(document, lambda screen: _show_refreshed(screen, found, usage.statements, connection))


@app.command(name="list")
def list_tables(
    connection: Conn,
    selected: Annotated[bool, typer.Option("--selected", help="Only the selected tables.")] = False,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only names that contain TEXT, in any case.")] = "",
) -> None:
    """Show databases, schemas and tables at the last refresh.

    Example: wharfinger tables list shop --search order
    """
    entries = opened().catalog.list_tables(saved(connection), selected=selected, search=search)
    filtered = selected or bool(search)
    print_document(tables_document(entries), lambda screen: _show_tree(screen, entries, connection, filtered=filtered))


@app.command()
def select(connection: Conn, patterns: Patterns) -> None:
    """Select tables to profile and describe. Of any other table only the name is stored.

    Example: wharfinger tables select shop 'raw_shop.*' analytics.orders
    """
    chosen = opened().catalog.select(saved(connection), patterns, Usage())
    _print_selection(chosen)


@app.command()
def deselect(
    connection: Conn,
    patterns: Patterns,
    forget: Annotated[  # noqa: ARG001 - it says what happens in any case
        bool, typer.Option("--forget", help="Delete what is stored of the tables; this is done in any case.")
    ] = False,
) -> None:
    """Deselect tables and delete their profiles and descriptions.

    Example: wharfinger tables deselect shop 'raw_stripe.*'
    """
    _print_selection(opened().catalog.deselect(saved(connection), patterns))


def _print_selection(chosen: Selection) -> None:
    def show(screen: Screen) -> None:
        screen.line(f"{chosen.matched} matched, {chosen.selected} selected")

    print_document(selection_document(chosen), show)


def _show_refreshed(screen: Screen, found: Refreshed, statements: int, connection: str) -> None:
    found_in = f"{counted(found.tables, 'table')} in {counted(found.databases, 'database')}"
    screen.line(f"{found_in}, {counted(statements, 'statement')}", style="bold")
    listed = WORDS.call(call("tables:list", connection=connection))
    for noun, after, tables in (
        ("new table", "", found.new),
        ("changed table", "", found.changed),
        ("table", " gone", found.gone),
    ):
        if tables:
            screen.line(f"{counted(len(tables), noun)}{after}")
            show_names(screen, tables, see=listed)
    for text in found.notes:
        note(text)


def _nothing(connection: str, *, filtered: bool) -> str:
    if filtered:
        return f"No table matches. To show all tables: {WORDS.call(call('tables:list', connection=connection))}"
    refresh = WORDS.call(call("tables:refresh", connection=connection))
    return f"No tables to show. To read the warehouse's tables: {refresh}"


def _show_tree(screen: Screen, entries: Sequence[Entry], connection: str, *, filtered: bool) -> None:
    if not entries:
        screen.line(_nothing(connection, filtered=filtered))
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
    return f"{counted(len(entries), 'table')}, {chosen} selected"
