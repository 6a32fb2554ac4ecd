"""The decisions about background work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.jobs.names import CONNECTION, member, table

from wharfinger.core.errors import Failed, Refused, Unavailable, WharfingerError
from wharfinger.jobs.model import (
    DESCRIBE_TOGETHER,
    Draft,
    Progress,
    Unit,
    UnitStatus,
    after_error,
    describe_drafts,
    died_too_often,
    joinable,
    own_fault,
    parts,
    seconds_left,
    submission,
    within,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def unit(*names: str, status: UnitStatus = "queued", ended_at: datetime | None = None, planned: int = 0) -> Unit:
    members = tuple(member(name) for name in names)
    return Unit("u1", CONNECTION, "profile", members, {"level": "basic"}, status, planned, ended_at=ended_at)


def test_the_same_work_has_the_same_identity_in_any_order() -> None:
    one = Draft("profile", (member("a"), member("b")), {"level": "full", "x": "y"})
    two = Draft("profile", (member("b"), member("a")), {"x": "y", "level": "full"}, planned=7, after="z")
    assert one.id(CONNECTION) == two.id(CONNECTION)


@pytest.mark.parametrize(
    "other",
    [
        Draft("describe", (member("a"),), {"level": "basic"}),
        Draft("profile", (member("a"), member("b")), {"level": "basic"}),
        Draft("profile", (member("a", "another signature"),), {"level": "basic"}),
        Draft("profile", (member("a"),), {"level": "full"}),
    ],
)
def test_other_work_has_another_identity(other: Draft) -> None:
    draft = Draft("profile", (member("a"),), {"level": "basic"})
    assert draft.id(CONNECTION) != other.id(CONNECTION)
    assert draft.id(CONNECTION) != draft.id("another connection")


def test_an_unknown_unit_is_made() -> None:
    assert submission(None, NOW) == "make"


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_unit_under_way_is_joined(status: UnitStatus) -> None:
    assert submission(unit("a", status=status), NOW) == "attach"


@pytest.mark.parametrize("status", ["completed", "failed", "split"])
def test_a_unit_that_ended_is_done_anew_only_when_it_ended_before_the_run_began(status: UnitStatus) -> None:
    before, after = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    assert submission(unit("a", status=status, ended_at=before), NOW) == "again"
    assert submission(unit("a", status=status, ended_at=after), NOW) == "attach"


def test_tables_join_a_unit_only_with_the_same_signature() -> None:
    assert joinable([unit("a", "b")], [member("a"), member("b", "changed"), member("c")]) == {table("a"): "u1"}


def test_each_description_follows_the_unit_that_profiles_its_table() -> None:
    names = [f"t{number:03}" for number in range(DESCRIBE_TOGETHER + 1)]
    drafts = describe_drafts(
        [member("a"), *(member(name) for name in names), member("b")], {table("a"): "p", table("b"): "p"}
    )
    assert [(draft.after, len(draft.members)) for draft in drafts] == [("p", 2), ("", DESCRIBE_TOGETHER), ("", 1)]


@pytest.mark.parametrize(
    ("error", "names", "tries", "affordable", "decision"),
    [
        (Unavailable("x"), "a", 1, True, "retry"),
        (Unavailable("x"), "ab", 4, True, "retry"),
        (Unavailable("x"), "a", 5, True, "fail"),
        (Unavailable("x"), "a", 1, False, "fail"),
        (Failed("x"), "ab", 1, True, "split"),
        (Failed("x"), "ab", 1, False, "fail"),
        (Failed("x"), "a", 1, True, "fail"),
        (Refused("x"), "ab", 1, True, "fail"),
    ],
)
def test_what_follows_an_error(error: WharfingerError, names: str, tries: int, affordable: bool, decision: str) -> None:
    assert after_error(unit(*names), error, tries, affordable) == decision


def test_the_parts_of_a_unit_are_its_tables_alone_and_share_its_cost() -> None:
    drafts = parts(unit("a", "b", "c", planned=2))
    assert [(draft.members, draft.planned, draft.options) for draft in drafts] == [
        ((member(name),), 1, {"level": "basic"}) for name in "abc"
    ]


def test_a_fault_of_ours_names_its_place_and_not_its_text() -> None:
    try:
        int("alice@example.com")
    except ValueError as error:
        document = own_fault(error).record()
    assert "alice" not in str(document)
    assert "ValueError at" in document["why"]
    assert __name__ in document["why"]


def test_a_unit_that_kills_its_workers_says_how_many() -> None:
    assert "3 workers" in died_too_often(replace(unit("a"), claims=4)).why


def test_a_ceiling_holds_spent_and_promised_together() -> None:
    assert within(None, 1000, 1000)
    assert within(10, 4, 6)
    assert not within(10, 5, 6)


def test_time_left_is_guessed_from_what_is_done() -> None:
    progress = Progress({"profile": 1, "describe": 0}, {"profile": 2, "describe": 2}, 0, 0, 0, 3)
    assert seconds_left(progress, 10) == 30
    assert seconds_left(replace(progress, done={"profile": 0, "describe": 0}), 10) is None
    assert not progress.ended
