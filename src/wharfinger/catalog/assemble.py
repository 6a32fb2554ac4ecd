"""Builds the selected tables from what was read of their database. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from wharfinger.catalog.keys import keys_from
from wharfinger.catalog.model import Signature, Size, State, Table, columns_digest
from wharfinger.catalog.reader import Facts, Key, Relation
from wharfinger.catalog.signals import choose, differs
from wharfinger.core.names import TableName


def assemble(
    database: str, relations: Iterable[Relation], facts: Facts, before: Mapping[Key, Table], *, now: datetime
) -> list[Table]:
    """The selected tables that exist now, each with its new signature and the state that follows from it.

    `before` holds the selected tables as they were stored, `relations` and `facts` what was read at `now`.
    """
    return [_table(database, relation, facts, before, now) for relation in relations if relation.key in before]


def _table(database: str, relation: Relation, facts: Facts, before: Mapping[Key, Table], now: datetime) -> Table:
    key, known = relation.key, before[relation.key]
    columns = tuple(sorted(facts.columns.get(key, ()), key=lambda column: column.ordinal))
    previous = known.signature.signal if known.signature else None
    signal = choose(key, relation.kind, facts.readings, now=now, previous=previous, looked_at=known.read_at)
    signature = Signature(columns_digest(columns), signal)
    info = (facts.readings.info or {}).get(key)
    constraints = facts.constraints.get(key, ())
    return Table(
        TableName(database, *key),
        relation.kind,
        _state(known, signature),
        owner=relation.owner,
        comment=relation.comment,
        columns=columns,
        keys=keys_from(constraints, is_selected=lambda one: (one.schema, one.name) in before),
        size=_size(relation, facts),
        dist_style=info.dist_style if info else "",
        sort_key=info.sort_key if info else "",
        signature=signature,
        processed=known.processed,
        read_at=now,
    )


def _state(known: Table, signature: Signature) -> State:
    if differs(known.processed, signature):
        return "changed"
    return "new" if known.state == "new" and known.processed is None else "ok"


def _size(relation: Relation, facts: Facts) -> Size:
    info = facts.readings.info
    if info is None or relation.kind not in ("table", "materialized_view"):
        return Size(estimated_rows=relation.estimated_rows)
    mine = info.get(relation.key)
    if mine is None:
        return Size(rows=0, megabytes=0, estimated_rows=relation.estimated_rows)
    rows = mine.visible_rows if mine.visible_rows is not None else mine.rows
    return Size(rows, mine.megabytes, relation.estimated_rows)
