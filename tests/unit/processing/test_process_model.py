"""What of a request is due, and how both jobs of a table stand after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wharfinger.catalog.model import Column, Signal, Signature, Table
from wharfinger.core.errors import Invalid
from wharfinger.core.names import TableName
from wharfinger.jobs.model import JobState, Member, Status
from wharfinger.processing.model import (
    DESCRIBE_TOGETHER,
    NOTHING,
    Request,
    describe_drafts,
    divided,
    evidence_signature,
    outcome,
    text_due,
)
from wharfinger.profiling.model import TableProfile

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B = TableName("dev", "s", "a"), TableName("other", "s", "b")
SOURCES = "rules and no manifest"
ORDERS = Table(A, "table", columns=(Column("id", "bigint", 1),))
WRITTEN = JobState("completed", signature=evidence_signature(ORDERS, SOURCES), at=NOW)


def measured(at: datetime) -> TableProfile:
    return TableProfile(A, 1, (), "basic", Signature("c", Signal("age")), at)


@pytest.mark.parametrize(
    ("state", "profile", "expected"),
    [
        (None, None, True),
        (WRITTEN, None, False),
        (WRITTEN, measured(NOW - timedelta(seconds=1)), False),
        (WRITTEN, measured(NOW + timedelta(seconds=1)), True),
        (JobState("failed", signature=WRITTEN.signature, at=NOW), None, True),
        (JobState("completed", signature="of other evidence", at=NOW), None, True),
    ],
)
def test_a_text_is_due_that_was_never_written_or_knows_less_than_there_is(
    state: JobState | None, profile: TableProfile | None, expected: bool
) -> None:
    assert text_due(ORDERS, SOURCES, state, profile) is expected


def test_evidence_changes_with_columns_comments_and_sources() -> None:
    commented = Table(A, "table", columns=(Column("id", "bigint", 1, comment="Its id"),))
    signatures = {evidence_signature(ORDERS, SOURCES), evidence_signature(ORDERS, "a model")}

    assert len(signatures | {evidence_signature(commented, SOURCES)}) == 3


@pytest.mark.parametrize(
    ("status", "undone"),
    [("completed", False), ("skipped", False), ("queued", True), ("running", True), ("failed", True)],
)
def test_what_an_earlier_run_left_undone_is_told_from_the_rest(status: Status, undone: bool) -> None:
    tables = [ORDERS, Table(B, "table")]
    found, others = divided(tables, {(A, "profile"): JobState(status)}, "profile")

    assert [table.name for table in found] == ([A] if undone else [])
    assert [table.name for table in others] == ([B] if undone else [A, B])


def test_tables_of_a_database_that_could_not_be_read_are_undone_whatever_came_before() -> None:
    found, _ = divided([ORDERS, Table(B, "table")], {(B, "profile"): JobState("completed")}, "profile", {"other"})
    assert [table.name for table in found] == [B]


def test_what_was_not_asked_for_is_skipped_and_what_the_ceiling_left_is_queued() -> None:
    done = JobState("completed")
    stand = outcome([A, B], {A: {"profile": done}}, [B])

    assert stand == {
        A: {"profile": done, "describe": NOTHING},
        B: {"profile": JobState("queued"), "describe": NOTHING},
    }


def test_a_request_is_parsed_from_plain_values() -> None:
    request = Request.parse(patterns=["a.*"], only="describe", level="full", max_age="12h", max_statements=3)

    assert request == Request(("a.*",), ("describe",), "full", max_age=timedelta(hours=12), ceiling=3)
    assert Request.parse() == Request()


@pytest.mark.parametrize(
    ("field", "value"),
    [("only", "both"), ("level", "some"), ("max_age", "soon"), ("max_statements", 0), ("max_statements", 10**23)],
)
def test_a_wrong_value_names_its_field(field: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        Request.parse(**{field: value})  # type: ignore[arg-type]

    assert caught.value.fields == (field,)
    assert caught.value.next_step


def test_descriptions_are_written_in_groups() -> None:
    members = [Member(TableName("dev", "s", f"t{number:03}"), "s1") for number in range(DESCRIBE_TOGETHER + 1)]

    assert [len(draft.members) for draft in describe_drafts(members)] == [DESCRIBE_TOGETHER, 1]
