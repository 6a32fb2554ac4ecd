"""Declared keys from the texts of their constraints. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wharfinger.catalog.model import ForeignKey, Keys
from wharfinger.core.names import TableName

_IDENTIFIER = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s",()]+))\s*')


@dataclass(frozen=True, slots=True)
class Constraint:
    """One row of pg_constraint: `kind` is p (primary), u (unique) or f (foreign); only f has a `target`."""

    kind: str
    definition: str
    target: TableName | None = None


def keys_from(constraints: Iterable[Constraint], *, is_selected: Callable[[TableName], bool]) -> Keys:
    """The keys of one table.

    Of a table that is not selected only the name may be stored, so the columns of such a target are left out.
    """
    primary: tuple[str, ...] = ()
    unique: list[tuple[str, ...]] = []
    foreign: list[ForeignKey] = []
    for constraint in constraints:
        columns, target_columns = columns_of(constraint.definition)
        if constraint.kind == "p":
            primary = columns
        elif constraint.kind == "u":
            unique.append(columns)
        elif constraint.target is not None:
            known = target_columns if is_selected(constraint.target) else ()
            foreign.append(ForeignKey(columns, constraint.target, known))
    return Keys(primary, tuple(sorted(unique)), tuple(sorted(foreign, key=lambda key: (key.columns, key.target))))


def columns_of(definition: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a constraint, and the columns it refers to.

    `FOREIGN KEY (a, "b c") REFERENCES s."t(1)"(x, y)` → (("a", "b c"), ("x", "y")). Any other form gives ((), ()).
    """
    lists = list(_lists(definition))
    own = lists[0] if lists else ()
    return own, lists[1] if len(lists) > 1 else ()


def _lists(definition: str) -> Iterator[tuple[str, ...]]:
    """Each list of identifiers in parentheses; parentheses inside quoted names are skipped."""
    position = 0
    while position < len(definition):
        if definition[position] == '"':
            position = _after_quoted(definition, position)
        elif definition[position] == "(":
            names, position = _list(definition, position + 1)
            yield names
        else:
            position += 1


def _list(definition: str, position: int) -> tuple[tuple[str, ...], int]:
    names: list[str] = []
    while match := _IDENTIFIER.match(definition, position):
        quoted, plain = match.groups()
        names.append(plain if quoted is None else quoted.replace('""', '"'))
        position = match.end()
        if definition[position : position + 1] != ",":
            break
        position += 1
    return tuple(names), position + 1


def _after_quoted(definition: str, position: int) -> int:
    match = _IDENTIFIER.match(definition, position)
    return match.end() if match is not None else position + 1
