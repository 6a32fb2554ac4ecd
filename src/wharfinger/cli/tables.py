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
    catalog, entered = opened().catalog, saved(connection)
    entries = catalog.list_tables(entered, selected=selected, search=search)
    read = bool(entries) or next(catalog.entries(entered), None) is not None
    print_document(tables_document(entries), lambda screen: _show_tree(screen, entries, connection, read=read))


@app.command()
def select(
    connection: Conn,
    patterns: Patterns,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete what people wrote before a deselection, instead of restoring it.")
    ] = False,
) -> None:
    """Select tables to profile and describe.

    What people wrote about a table before it was deselected is there again.

    Example: wharfinger tables select shop 'raw_shop.*' analytics.orders
    """
    chosen = opened().catalog.select(saved(connection), patterns, Usage(), forget=forget)
    print_document(selection_document(chosen), lambda screen: _show_selected(screen, chosen, forget=forget))


@app.command()
def deselect(
    connection: Conn,
    patterns: Patterns,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget", help="Delete what people wrote, too, also of tables that were deselected or dropped before."
        ),
    ] = False,
) -> None:
    """Deselect tables and delete their profiles and descriptions.

    What people wrote is kept, sealed and shown nowhere; selecting the table again brings it back. --forget deletes it.

    Example: wharfinger tables deselect shop 'raw_stripe.*'
    """
    chosen = opened().catalog.deselect(saved(connection), patterns, forget=forget)
    print_document(selection_document(chosen), lambda screen: _show_deselected(screen, chosen, forget=forget))


def _show_selected(screen: Screen, chosen: Selection, *, forget: bool) -> None:
    if chosen.changed:
        screen.line(f"Selected {_of_matched(chosen)}; {_selected_now(chosen)}.")
    elif chosen.matched == 1:
        screen.line(f"Nothing to select: the matching table is selected already; {_selected_now(chosen)}.")
    else:
        screen.line(
            f"Nothing to select: all {chosen.matched} matching tables are selected already; {_selected_now(chosen)}."
        )
    if chosen.by_people:
        done = "was deleted" if forget else "is there again"
        screen.line(f"What people wrote about them {done}: {chosen.by_people}.")


def _show_deselected(screen: Screen, chosen: Selection, *, forget: bool) -> None:
    if chosen.changed:
        screen.line(f"Deselected {_of_matched(chosen)}; {_selected_now(chosen)}.")
    elif not chosen.by_people:
        screen.line(f"Nothing to deselect: {_none_of(chosen)} selected; {_selected_now(chosen)}.")
    if chosen.by_people and forget:
        screen.line(f"What people wrote about them was deleted: {chosen.by_people}.")
    elif chosen.by_people:
        screen.line(f"What people wrote about them is kept: {chosen.by_people}.")
        screen.line("It is encrypted, and shown nowhere until the tables are selected again. --forget deletes it.")


def _none_of(chosen: Selection) -> str:
    return "the matching table is not" if chosen.matched == 1 else f"none of the {chosen.matched} matching tables is"


def _of_matched(chosen: Selection) -> str:
    if chosen.changed == chosen.matched:
        return counted(chosen.changed, "table")
    return f"{chosen.changed} of {chosen.matched} matching tables"


def _selected_now(chosen: Selection) -> str:
    return f"{counted(chosen.selected, 'table')} {'is' if chosen.selected == 1 else 'are'} selected now"


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


def _nothing(connection: str, *, read: bool) -> str:
    if read:
        return f"No table matches. To show all tables: {WORDS.call(call('tables:list', connection=connection))}"
    refresh = WORDS.call(call("tables:refresh", connection=connection))
    return f"No tables to show. To read the warehouse's tables: {refresh}"


def _show_tree(screen: Screen, entries: Sequence[Entry], connection: str, *, read: bool) -> None:
    if not entries:
        screen.line(_nothing(connection, read=read))
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
