"""The demo's summary: what was found, the cost, and the cost of one statement per table and metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wharfinger.cli.demo_stage import Stage
from wharfinger.documents.demo import DemoDocument

if TYPE_CHECKING:
    from wharfinger.profiling.model import ColumnProfile, TableProfile


def summary(stage: Stage, *, seconds: float) -> DemoDocument:
    """Figures of the whole demo. Statements and API calls are the sandbox's own count."""
    stage.heading("Summary")
    profiles = _profiles(stage)
    calls = stage.calls()
    columns = [column for profile in profiles for column in profile.columns]
    one_by_one = len(profiles) + sum(_metrics(column) for column in columns)
    return {
        "tables profiled": len(profiles),
        "columns profiled": len(columns),
        "facts kept": one_by_one,
        "SQL statements, all of the demo": len(calls["statements"]),
        "AWS API calls, all of the demo": sum(calls["operations"].values()),
        "statements at one a table and metric": one_by_one,
        "API calls at one a table and metric": 3 * one_by_one,  # execute, describe, fetch
        "seconds": round(seconds, 1),
    }


def _profiles(stage: Stage) -> list[TableProfile]:
    app = stage.opened()
    admin, profiles = app.connections.get("admin"), app.profiles
    found = (profiles.get(admin, table) for table in profiles.known(admin))
    return [one for one in found if one is not None]


def _metrics(column: ColumnProfile) -> int:
    return 1 + (column.min is not None) + (column.max is not None) + bool(column.samples)
