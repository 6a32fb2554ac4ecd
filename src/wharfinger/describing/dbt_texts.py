"""Matches the relations of a dbt project with tables of the warehouse, and takes their descriptions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wharfinger.catalog.model import Entry, Table
from wharfinger.core.names import TableName
from wharfinger.dbt.manifests.manifest import Relation
from wharfinger.describing.model import LONGEST_TEXT, Texts


@dataclass(frozen=True, slots=True)
class Matches:
    """The relations of each matched table, the weaker first, and the names of relations without a table."""

    tables: Mapping[TableName, tuple[Relation, ...]]
    unmatched: tuple[TableName, ...]


def match(relations: Sequence[Relation], entries: Iterable[Entry], default_database: str) -> Matches:
    """Match relations with tables by database, schema and name: exactly, else without case if that fits one table only.

    A relation without a database belongs to `default_database`. Tables that are gone are never matched.
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
    """The descriptions of a table and its columns; those of a later, stronger relation replace those of an earlier."""
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
