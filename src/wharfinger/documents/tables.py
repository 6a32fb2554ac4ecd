"""The tree of tables: refreshing, listing, selecting and deselecting."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import TypedDict

from wharfinger.catalog.model import Entry, Kind, Refreshed, Selection, State
from wharfinger.documents.names import TableNameDocument, table_name_document


class RefreshedDocument(TypedDict):
    """The result of a refresh.

    `databases` and `tables` count what was read; `new`, `changed` and `gone` list tables as `database.schema.table`;
    `notes` say what could not be read, for people; `statements` counts the SQL texts sent.
    """

    databases: int
    tables: int
    new: list[str]
    changed: list[str]
    gone: list[str]
    notes: list[str]
    statements: int


class EntryDocument(TableNameDocument):
    """One table of the tree.

    `state` is `new` (first found by the last refresh), `changed` (since it was last processed), `gone` (no longer
    found) or `ok`.
    """

    kind: Kind
    selected: bool
    state: State


class TablesDocument(TypedDict):
    """The tree of tables, ordered by database, schema and name."""

    tables: list[EntryDocument]


class SelectionDocument(TypedDict):
    """The result of selecting or deselecting: tables selected now, and tables that the patterns matched."""

    selected: int
    matched: int


def refreshed_document(refreshed: Refreshed, statements: int) -> RefreshedDocument:
    """A refresh that sent `statements` statements."""
    return {
        "databases": refreshed.databases,
        "tables": refreshed.tables,
        "new": [str(name) for name in refreshed.new],
        "changed": [str(name) for name in refreshed.changed],
        "gone": [str(name) for name in refreshed.gone],
        "notes": list(refreshed.notes),
        "statements": statements,
    }


def entry_document(entry: Entry) -> EntryDocument:
    """One table of the tree."""
    return {
        **table_name_document(entry.name),
        "kind": entry.kind,
        "selected": entry.selected,
        "state": entry.state,
    }


def tables_document(entries: Iterable[Entry]) -> TablesDocument:
    """Tables in the order given."""
    return {"tables": [entry_document(entry) for entry in entries]}


def selection_document(selection: Selection) -> SelectionDocument:
    """A selection after a change."""
    return {"selected": selection.selected, "matched": selection.matched}
