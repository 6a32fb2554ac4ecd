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


class ByPeopleDocument(TypedDict):
    """What people wrote and decided: texts about tables and columns, choices about personal data of columns."""

    texts: int
    choices: int


class SelectionDocument(TypedDict):
    """The result of selecting or deselecting.

    `selected` counts the tables that are selected now, `matched` those that the patterns matched, `changed` those of
    them that were not selected before (or were, when deselecting). `by_people` counts what people wrote and decided
    about them: kept or, with `forget`, deleted by deselecting; brought back or deleted by selecting.
    """

    selected: int
    matched: int
    changed: int
    by_people: ByPeopleDocument


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
    by_people = selection.by_people
    return {
        "selected": selection.selected,
        "matched": selection.matched,
        "changed": selection.changed,
        "by_people": {"texts": by_people.texts, "choices": by_people.choices},
    }
