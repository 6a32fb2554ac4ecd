"""The decisions about background work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.jobs.names import CONNECTION, member, table

from wharfinger.core.errors import Failed, Refused, Unavailable, WharfingerError
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import (
    MAX_STARTS,
    Draft,
    Progress,
    Unit,
    alone,
    joinable,
    own_fault,
    placing,
    seconds_left,
    uncovered,
    unit_of,
    within,
    worker_died,
    worth_trying_alone,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def unit(*names: str, ended_at: datetime | None = None, planned: int = 0) -> Unit:
    members = tuple(member(name) for name in names)
    return Unit("u1", CONNECTION, "profile", members, {"level": "basic"}, planned, 4, ended_at=ended_at)


def test_the_same_work_has_the_same_identity_in_any_order() -> None:
    one = Draft("profile", (member("a"), member("b")), {"level": "full", "x": "y"})
    two = Draft("profile", (member("b"), member("a")), {"x": "y", "level": "full"}, planned=7)
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


def test_the_id_of_an_attempt_is_the_units_digest_and_its_number() -> None:
    assert unit("a").work == "u1-4"
    assert unit_of("u1-4") == ("u1", 4)


@pytest.mark.parametrize(
    ("under_way", "in_queue", "ended", "decision"),
    [
        (True, True, None, "join"),
        (True, False, None, "join"),  # it waits for a unit that is under way
        (False, True, None, "again"),  # cancelled
        (False, False, None, "resume"),  # stored by a process that was killed before it could enqueue it
        (False, True, NOW + timedelta(seconds=1), "join"),
        (False, True, NOW - timedelta(seconds=1), "again"),
        (False, False, NOW - timedelta(seconds=1), "again"),
    ],
)
def test_what_a_run_does_with_a_unit_that_is_known(
    under_way: bool, in_queue: bool, ended: datetime | None, decision: str
) -> None:
    assert placing(unit("a", ended_at=ended), under_way, in_queue, NOW) == decision


def test_tables_join_a_unit_only_with_the_same_signature() -> None:
    known = unit("a", "b")
    assert joinable([known], [member("a"), member("b", "changed"), member("c")]) == {table("a"): known}
    assert uncovered([member("a"), member("c")], [table("a")]) == [member("c")]


@pytest.mark.parametrize(
    ("error", "names", "tried"),
    [
        (Failed("x"), "ab", True),
        (Failed("x"), "a", False),
        (Refused("x"), "ab", False),
        (Unavailable("x"), "ab", False),
    ],
)
def test_tables_are_tried_alone_where_one_may_be_at_fault(error: WharfingerError, names: str, tried: bool) -> None:
    assert worth_trying_alone(unit(*names), error) is tried


def test_a_table_alone_has_its_share_of_the_cost_and_the_attempt_of_its_unit() -> None:
    whole = unit("a", "b", "c", planned=2)
    assert alone(whole, member("b")) == replace(whole, members=(member("b"),), planned=1)


def test_a_kind_has_one_handler() -> None:
    kinds = Kinds({"profile": lambda *_: {}})
    with pytest.raises(ValueError, match="profile"):
        kinds.register("profile", lambda *_: {})
    kinds.register("persona", lambda one, *_: {one.tables[0]: Failed("x")})
    assert list(kinds.perform(replace(unit("a"), kind="persona"), None)) == [table("a")]  # type: ignore[arg-type]


def test_a_fault_of_ours_names_its_place_and_not_its_text() -> None:
    try:
        int("alice@example.com")
    except ValueError as error:
        document = own_fault(error).record()
    assert "alice" not in str(document)
    assert "ValueError at" in document["why"]
    assert __name__ in document["why"]


def test_a_unit_whose_workers_died_says_how_many() -> None:
    assert f"{MAX_STARTS} workers" in worker_died().why


def test_a_ceiling_holds_spent_and_promised_together() -> None:
    assert within(None, 1000, 1000)
    assert within(10, 4, 6)
    assert not within(10, 5, 6)


def test_time_left_is_guessed_from_what_is_done() -> None:
    progress = Progress({"profile": 1, "describe": 0}, {"profile": 2, "describe": 2}, 0, 0, 0, ended=False)
    assert seconds_left(progress, 10) == 30
    assert seconds_left(replace(progress, done={}), 10) is None
