"""The kinds of background work that processing has, and what performs a unit of each."""

from __future__ import annotations

from collections.abc import Mapping

from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import Unit
from wharfinger.jobs.ports import Doing
from wharfinger.processing.ports import Connections, Descriptions, Profiles
from wharfinger.profiling.model import Level

Errors = Mapping[TableName, WharfingerError]


def kinds_of_work(connections: Connections, profiles: Profiles, descriptions: Descriptions) -> Kinds:
    """`profile` and `describe`, with their handlers."""

    def profile(unit: Unit, doing: Doing) -> Errors:
        """Measure the unit's tables and store their profiles; the errors of the tables that failed."""
        level: Level = "full" if unit.options.get("level") == "full" else "basic"
        connection = connections.by_id(unit.connection)
        return profiles.profile_unit(connection, unit.tables, level, doing.usage, doing.affordable, doing.writing)

    def describe(unit: Unit, doing: Doing) -> Errors:
        """Write the descriptions of the unit's tables and store them; the errors of the tables that failed."""
        return descriptions.describe(connections.by_id(unit.connection), unit.tables, doing.writing)

    kinds = Kinds()
    kinds.register("profile", profile)
    kinds.register("describe", describe)
    return kinds
