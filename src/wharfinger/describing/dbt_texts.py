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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text of dbt belongs: a table, or with `column` the column that dbt names."""

    table: TableName
    column: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The texts that a table took, and what became of the others.

    `unmatched` are texts of columns that the table does not have, `replaced` those in whose place another text of dbt
    stands, and `shortened` those of which only the beginning is kept.
    """

    texts: Texts
    unmatched: tuple[Place, ...] = ()
    replaced: tuple[Place, ...] = ()
    shortened: tuple[Place, ...] = ()


def texts_of(table: Table, relations: Iterable[Relation]) -> Taken:
    """The descriptions of a table and its columns; those of a later, stronger relation replace those of an earlier.

    A column matches exactly, else without case if that fits one column only. One in double quotes matches exactly or,
    as Redshift folds quoted names too by default (redshift-facts §4.1.8), in lower case.
    """
    text, columns = "", dict[str, tuple[Place, str]]()
    unmatched, replaced, shortened = list[Place](), list[Place](), list[Place]()
    names = [column.name for column in table.columns]
    for relation in relations:
        if relation.description:
            replaced += [Place(table.name)] if text else []
            shortened += [Place(table.name)] if len(relation.description) > LONGEST_TEXT else []
            text = relation.description[:LONGEST_TEXT]
        found = [(name, _column(names, name, relation)) for name in relation.columns]
        # Those that match exactly come last: of two texts for one column theirs stays.
        for name, column in sorted(found, key=lambda one: one[1] == _plain(one[0])):
            place, words = Place(table.name, name), relation.columns[name]
            if column is None:
                unmatched.append(place)
                continue
            replaced += [columns[column][0]] if column in columns else []
            shortened += [place] if len(words) > LONGEST_TEXT else []
            columns[column] = place, words[:LONGEST_TEXT]
    texts = Texts(text, {column: words for column, (_, words) in columns.items()})
    return Taken(texts, tuple(unmatched), tuple(replaced), tuple(shortened))


def _column(names: Sequence[str], written: str, relation: Relation) -> str | None:
    """The column that dbt means by a name as it is written; None when there is none, or more than one."""
    name = _plain(written)
    if name in names:
        return name
    if name != written or written in relation.quoted:
        return name.lower() if name.lower() in names else None
    close = [one for one in names if one.casefold() == name.casefold()]
    return close[0] if len(close) == 1 else None


def _plain(written: str) -> str:
    """A column's name without the double quotes in which a project may write it."""
    in_quotes = len(written) > 2 and written[0] == written[-1] == '"'
    return written[1:-1].replace('""', '"') if in_quotes else written


def _folded(name: TableName) -> TableName:
    return TableName(name.database.casefold(), name.schema.casefold(), name.name.casefold())
