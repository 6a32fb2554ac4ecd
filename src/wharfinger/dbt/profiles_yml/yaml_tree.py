"""YAML as a tree of positions in its own text, so that one part can be changed and every other byte kept.

Built from PyYAML's events: unlike its nodes, they give the position of an alias and the end of a block's content.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from wharfinger.core.errors import Invalid

MERGE = "<<"
"""The key that merges other mappings into this one."""

MOST_VALUES = 1_000_000
"""The most values of a file with its aliases written out: each is rendered, by dbt too."""


@dataclass(slots=True)
class Node:
    """One value: `text[start:end]` is its content, `column` the position in its line where it begins.

    `flow` is true for braces and brackets. `pairs` are a mapping's keys and values in their order.
    """

    kind: Literal["scalar", "alias", "sequence", "mapping"]
    start: int
    end: int
    column: int
    flow: bool = False
    anchored: bool = False
    pairs: list[tuple[Node, Node]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is no value, as in `key:`."""
        return self.kind == "scalar" and self.start == self.end


class Tree:
    """A YAML document with its text. `root` is None when the text holds only comments."""

    def __init__(self, text: str) -> None:
        """Raises Invalid, with the line, when `text` is not one YAML document. The error quotes no value."""
        self.text = text
        self.data: Any = load(text)
        self._events: Iterator[Any] = iter(list(yaml.parse(text, Loader=yaml.SafeLoader)))
        self.root = self._document()

    def find(self, mapping: Node, key: str) -> tuple[Node, Node] | None:
        """The nodes of `key` and its value. Of several pairs the last, which is the one that PyYAML uses."""
        for name, value in reversed(mapping.pairs):
            if self.key_of(name) == key:
                return name, value
        return None

    def key_of(self, key: Node) -> Any:
        """The key as a value: mostly text, but `1:` is a number and `yes:` is true."""
        return MERGE if self.text[key.start : key.end] == MERGE else self.value_of(key)

    def value_of(self, node: Node) -> Any:
        """The value of a scalar or of a list in brackets; None for anything that cannot be read by itself."""
        if node.kind == "scalar" or (node.kind == "sequence" and node.flow):
            with contextlib.suppress(yaml.YAMLError, ValueError):
                return yaml.safe_load(self.text[node.start : node.end])
        return None

    def line(self, position: int) -> int:
        """The number of the line at `position`, from 1."""
        return self.text.count("\n", 0, position) + 1

    def mappings(self) -> Iterator[tuple[Node, tuple[Any, ...]]]:
        """Every mapping that is reached through keys only (not list items), with the path of keys."""
        waiting: list[tuple[Node, tuple[Any, ...]]] = [(self.root, ())] if self.root is not None else []
        while waiting:
            node, path = waiting.pop(0)
            if node.kind == "mapping":
                yield node, path
                waiting += [(value, (*path, self.key_of(key))) for key, value in node.pairs]

    def _document(self) -> Node | None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                root = self._node(next(self._events))
                return None if root.is_empty else root
        return None

    def _node(self, event: Any) -> Node:
        start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
        if isinstance(event, yaml.AliasEvent):
            return Node("alias", start, end, column)
        if isinstance(event, yaml.ScalarEvent):
            if event.style in ("|", ">"):
                end = start + len(self.text[start:end].rstrip())  # the event ends after the blank lines that follow
            return Node("scalar", start, end, column, anchored=event.anchor is not None)
        node = Node(
            "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence",
            start,
            end,
            column,
            flow=bool(event.flow_style),
            anchored=event.anchor is not None,
        )
        self._fill(node)
        return node

    def _fill(self, node: Node) -> None:
        children: list[Node] = []
        for event in self._events:
            end = event.end_mark.index
            if isinstance(event, yaml.CollectionEndEvent):
                # A block has no closing mark: it ends where its last member ends.
                node.end = end if node.flow else children[-1].end
                break
            children.append(self._node(event))
        if node.kind == "mapping":
            node.pairs = list(zip(children[::2], children[1::2], strict=True))
            if not node.flow:
                node.column = children[0].column


def load(text: str) -> Any:
    """`text` as dbt loads it. Raises Invalid, with the line, when it is not one YAML document."""
    try:
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        problem = error.problem or error.context or "it cannot be read"
        if "unhashable" in problem:
            problem += "; Jinja needs quotes around it: \"{{ env_var('NAME') }}\""
        raise _broken(f"{where}{problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else type(error).__name__
        raise _broken(f"it cannot be read: {why}") from None
    if _expanded(value, {}) > MOST_VALUES:
        raise _broken(f"its aliases expand to more than {MOST_VALUES:,} values, or to one that contains itself")
    return value


def _expanded(value: Any, known: dict[int, int]) -> int:
    """How many values `value` holds with every alias written out, and MOST_VALUES + 1 for one that contains itself.

    `known` has the count of each collection by its id: a collection with many aliases is counted once.
    """
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = MOST_VALUES + 1  # stays only while its own members are counted
        members = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_expanded(one, known) for one in members)
    return known[id(value)]


def _broken(why: str) -> Invalid:
    return Invalid(
        "profiles.yml is not valid YAML",
        why=why,
        next_step="Correct the file (dbt cannot read it either), then try again; it was not changed",
    )
