"""Refuses YAML that would take too long to read, or that says more than its text shows. Pure.

The events of a document are counted as they are read, before anything is built from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
)
from ruamel.yaml.parser import RoundTripParser

MOST_DEPTH = 20
"""How deep lists and mappings may be nested; a spec needs four levels."""

MOST_NODES = 1_000_000
"""How many nodes a document may have once each alias is replaced by what it stands for."""


class TooMuch(Exception):
    """The document is refused: why, and the line."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun: its anchor, its nodes and the levels inside so far."""

    anchor: str | None
    nodes: int = 1
    levels: int = 0


@dataclass(slots=True)
class _Measure:
    """The sizes of what has been read, and of what each anchor stands for."""

    within: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    nodes: int = 0

    def take(self, event: Event) -> None:
        """Count one event. Raises TooMuch."""
        if isinstance(event, CollectionEndEvent):
            self._end(self.within.pop(), event)
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, NodeEvent):
            self._node(event)

    def _node(self, event: NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise TooMuch(f"it has the tag {tag}; a spec has texts, lists and mappings without tags", _line(event))
        if isinstance(event, CollectionStartEvent):
            if len(self.within) >= MOST_DEPTH:
                raise TooMuch("it is nested too deeply", _line(event))
            if event.anchor:
                self.anchors.pop(event.anchor, None)
            self.within.append(_Open(event.anchor))
            return
        if event.anchor:
            self.anchors[event.anchor] = (1, 0)
        self._add(1, 0, event)

    def _alias(self, event: AliasEvent) -> None:
        if any(one.anchor == event.anchor for one in self.within):
            raise TooMuch(f"*{event.anchor} stands for what contains it", _line(event))
        nodes, levels = self.anchors.get(str(event.anchor), (1, 0))  # an unknown one is the parser's to refuse
        if len(self.within) + levels > MOST_DEPTH:
            raise TooMuch("it is nested too deeply", _line(event))
        self._add(nodes, levels, event)

    def _end(self, one: _Open, event: Event) -> None:
        if one.anchor:
            self.anchors[one.anchor] = (one.nodes, one.levels + 1)
        self._add(one.nodes, one.levels + 1, event)

    def _add(self, nodes: int, levels: int, event: Event) -> None:
        if self.within:
            self.within[-1].nodes += nodes
            self.within[-1].levels = max(self.within[-1].levels, levels)
            nodes = self.within[-1].nodes
        if nodes > MOST_NODES:
            raise TooMuch("its aliases stand for too much", _line(event))


class BoundedParser(RoundTripParser):
    """Raises TooMuch for a document that is nested too deeply, stands for too much, or has tags."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self._measure = _Measure()

    def get_event(self) -> Any:
        """The next event, which is counted once, when it is taken."""
        event = super().get_event()
        self._measure.take(event)
        return event


def bounded_yaml() -> YAML:
    """A reader of YAML within these bounds, which keeps the lines of what it reads."""
    yaml = YAML(typ="rt")
    yaml.Parser = BoundedParser
    return yaml


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1
