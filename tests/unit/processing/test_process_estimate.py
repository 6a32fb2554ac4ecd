"""An estimate foretells what the next run will do, what an earlier one left undone included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from wharfinger.catalog.model import Signal, Signature, Table
from wharfinger.connections.model import Connection
from wharfinger.core.acting import LOCAL, Acts
from wharfinger.core.names import TableName
from wharfinger.jobs.model import JobState
from wharfinger.processing.model import Request
from wharfinger.processing.service import ProcessService
from wharfinger.profiling.model import TableProfile
from wharfinger.profiling.service import ProfileService

SIGNED = Signature("c", Signal("svv_table_info", "1/2/3/4"))
TABLES = [Table(TableName("dev", "s", name), "table", signature=SIGNED) for name in ("done", "failed")]
PROFILES = {
    one.name: TableProfile(one.name, 10, (), "basic", SIGNED, datetime(2026, 1, 1, tzinfo=UTC)) for one in TABLES
}


@dataclass
class Known:
    """Stands for what the two services ask: one connection, two selected tables, both with a profile."""

    def selected(self, _connection: Connection, _patterns: Sequence[str] = ()) -> list[Table]:
        return TABLES

    def known(self, _id: str) -> dict[TableName, TableProfile]:
        return PROFILES

    def statuses(self, _id: str) -> dict[Any, JobState]:
        return {(TABLES[0].name, "profile"): JobState("completed"), (TABLES[1].name, "profile"): JobState("failed")}


SHOP = Connection("shop", "cluster", "demo", region="us-east-1", database="dev")


def processing() -> ProcessService:
    known = cast(Any, Known())
    return ProcessService(known, ProfileService(known, known, known), known, known, Acts(LOCAL, known))


def test_a_table_whose_last_run_failed_is_in_the_estimate() -> None:
    estimate = processing().estimate(SHOP, Request())

    assert (estimate.tables, estimate.statements, estimate.api_calls) == (1, 7, 10)
    assert processing().estimate(SHOP, Request(force=True)).tables == 2


def test_a_connection_with_a_password_takes_no_api_calls() -> None:
    estimate = processing().estimate(replace(SHOP, sign_in="password", host="h", user="u"), Request())

    assert (estimate.tables, estimate.statements, estimate.api_calls) == (1, 7, 0)
