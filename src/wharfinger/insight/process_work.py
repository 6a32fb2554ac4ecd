"""What a worker does with one unit of background work."""

from __future__ import annotations

from collections.abc import Mapping

from wharfinger.core.errors import NotFound, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.insight.process_ports import Connections, Descriptions, Profiles
from wharfinger.insight.profile_model import Level
from wharfinger.jobs.model import Unit
from wharfinger.jobs.ports import Affordable


class UnitWork:
    """Performs one unit of background work, in the worker."""

    def __init__(self, connections: Connections, profiles: Profiles, descriptions: Descriptions) -> None:
        self._connections = connections
        self._profiles = profiles
        self._descriptions = descriptions

    def __call__(self, unit: Unit, usage: Usage, affordable: Affordable) -> Mapping[TableName, WharfingerError]:
        """Do the unit's work and keep its effect; the errors of the tables that failed. Raises as `jobs.ports` says."""
        connection = self._name(unit.connection)
        if unit.kind == "profile":
            level: Level = "full" if unit.options.get("level") == "full" else "basic"
            return self._profiles.profile_unit(connection, unit.tables, level, usage, affordable)
        return self._descriptions.describe(connection, unit.tables)

    def _name(self, connection_id: str) -> str:
        for one in self._connections.all():
            if one.id == connection_id:
                return one.name
        raise NotFound(
            "The connection is gone",
            why="it was removed after the work was planned",
            next_step="See `wharfinger connection list`",
        )
