"""What a worker does with one unit of background work."""

from __future__ import annotations

from collections.abc import Mapping

from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.jobs.model import Unit
from wharfinger.jobs.ports import Affordable
from wharfinger.processing.ports import Connections, Descriptions, Profiles
from wharfinger.profiling.model import Level


class UnitWork:
    """Performs one unit of background work, in the worker."""

    def __init__(self, connections: Connections, profiles: Profiles, descriptions: Descriptions) -> None:
        self._connections = connections
        self._profiles = profiles
        self._descriptions = descriptions

    def __call__(self, unit: Unit, usage: Usage, affordable: Affordable) -> Mapping[TableName, WharfingerError]:
        """Do the unit's work and keep its effect; the errors of the tables that failed. Raises as `jobs.ports` says."""
        connection = self._connections.by_id(unit.connection)
        if unit.kind == "profile":
            level: Level = "full" if unit.options.get("level") == "full" else "basic"
            return self._profiles.profile_unit(connection, unit.tables, level, usage, affordable)
        return self._descriptions.describe(connection, unit.tables)
