"""Which table of the warehouse each relation of a dbt project is, and what the project says of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wharfinger.catalog.model import Entry, Table
from wharfinger.core.names import TableName
from wharfinger.dbt.manifests.manifest import Relation
from wharfinger.describing.model import LONGEST_TEXT, Texts


@dataclass(frozen=True, slots=True)
class Matches:
    """The relations of each table that has some, the weaker first, and those that no table has."""

    tables: Mapping[TableName, tuple[Relation, ...]]
    unmatched: tuple[TableName, ...]


def match(relations: Sequence[Relation], entries: Iterable[Entry], default_database: str) -> Matches:
    """Match relations by database, schema and name: exactly, or without case where only one table fits then.

    A relation without a database is one of `default_database`. Tables that are gone match nothing.
    """
    folded: dict[TableName, list[TableName]] = {}
    for entry in entries:
        if entry.state != "gone":
            folded.setdefault(_folded(entry.name), []).append(entry.name)
    found: dict[TableName, tuple[Relation, ...]] = {}
    unmatched = []
    for relation in relations:
        wanted = TableName(relation.database or default_database, relation.schema, relation.name)
        candidates = folded.get(_folded(wanted), [])
        name = wanted if wanted in candidates else candidates[0] if len(candidates) == 1 else None
        if name is None:
            unmatched.append(wanted)
        else:
            found[name] = (*found.get(name, ()), relation)
    return Matches(found, tuple(sorted(set(unmatched))))


def texts_of(table: Table, relations: Iterable[Relation]) -> Texts:
    """What the relations say of a table and of the columns it has; a stronger relation's words replace a weaker's."""
    exact = {column.name for column in table.columns}
    close: dict[str, list[str]] = {}
    for column in table.columns:
        close.setdefault(column.name.casefold(), []).append(column.name)
    text, columns = "", dict[str, str]()
    for relation in relations:
        text = relation.description[:LONGEST_TEXT] or text
        for name, words in relation.columns.items():
            candidates = [name] if name in exact else close.get(name.casefold(), [])
            if len(candidates) == 1:
                columns[candidates[0]] = words[:LONGEST_TEXT]
    return Texts(text, columns)


def _folded(name: TableName) -> TableName:
    return TableName(name.database.casefold(), name.schema.casefold(), name.name.casefold())
