"""Which tables are due for profiling, and why. Pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wharfinger.catalog.model import Kind, Table
from wharfinger.catalog.signals import MAX_AGE, differs, too_old
from wharfinger.profiling.model import Level, TableProfile

SCANNED_ON_REQUEST: tuple[Kind, ...] = ("view", "late_binding_view", "external")
"""The kinds of tables that are profiled only on request, because a scan of them can be expensive."""


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """How to profile. `force`: unchanged tables too. `max_age`: when a profile is too old, for tables without a change
    signal. `scan_views`: views and external tables too."""

    level: Level = "basic"
    force: bool = False
    max_age: timedelta = MAX_AGE
    scan_views: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a table is due for profiling, with the reason for people."""

    table: Table
    due: bool
    reason: str


def due(table: Table, known: TableProfile | None, options: ProfileOptions, now: datetime) -> Verdict:
    """Whether `table` is due for profiling at `now`; `known` is its last profile."""
    if table.state == "gone":
        return Verdict(table, False, "it no longer exists")
    if table.signature is None:
        return Verdict(table, False, "its columns have not been read yet")
    if table.kind in SCANNED_ON_REQUEST and not options.scan_views:
        return Verdict(table, False, f"{table.kind.replace('_', ' ')}: scanned only on request")
    if options.force:
        return Verdict(table, True, "forced")
    if known is None:
        return Verdict(table, True, "never profiled")
    if options.level == "full" and known.level == "basic":
        return Verdict(table, True, "profiled without distinct counts")
    if differs(known.signature, table.signature):
        return Verdict(table, True, "changed")
    if table.signature.signal.name == "age" and too_old(known.profiled_at, now, options.max_age):
        return Verdict(table, True, "its profile has reached the maximum age")
    return Verdict(table, False, f"unchanged according to {table.signature.signal.name}")
