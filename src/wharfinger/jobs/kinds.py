"""The kinds of work: what performs a unit of each."""

from __future__ import annotations

from collections.abc import Mapping

from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.jobs.model import Kind, Unit
from wharfinger.jobs.ports import Doing, Handler


class Kinds:
    """Handlers by the kind of work. The same ones serve in a worker and in a process that performs its own run."""

    def __init__(self, handlers: Mapping[Kind, Handler] | None = None) -> None:
        self._handlers: dict[Kind, Handler] = dict(handlers or {})

    def register(self, kind: Kind, handler: Handler) -> None:
        """Let `handler` perform units of a kind. Raises ValueError when the kind has one already."""
        if kind in self._handlers:
            raise ValueError(f"the kind {kind} has a handler already")
        self._handlers[kind] = handler

    def perform(self, unit: Unit, doing: Doing) -> Mapping[TableName, WharfingerError]:
        """Perform a unit with the handler of its kind. Raises KeyError for a kind without one, and what it raises."""
        return self._handlers[unit.kind](unit, doing)
