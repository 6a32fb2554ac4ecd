"""Steps are applied database by database, and the result is known however applying stops."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.unit.access.scripted import KnownPasswords, ScriptedConnections
from tests.unit.scripted_sql import Answer

from wharfinger.access.applying.applier import Applied, Applier
from wharfinger.access.applying.passwords import generate
from wharfinger.access.applying.recording import Recording
from wharfinger.access.password_record import PasswordRecord
from wharfinger.access.planning.plan import Plan, Request
from wharfinger.access.planning.step import PASSWORD, Step
from wharfinger.access.state.statements import USERS
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Failed, Refused, Unavailable
from wharfinger.core.secret import Secret
from wharfinger.core.session import EndUnknown, Usage

NOW = datetime(2026, 12, 1, tzinfo=UTC)
ADMIN = Connection("admin", "cluster", "demo", "us-east-1", "dev")
STEPS = (
    Step("dev", f'create user "alice" password {PASSWORD}', "", password_for="alice"),
    Step("dev", 'create group "team"', ""),
    Step("marketing", 'grant usage on schema "web" to group "team"', ""),
)


@dataclass
class Keeper:
    """Keeps passwords in memory; `refuses` is raised instead."""

    refuses: BaseException | None = None
    kept: dict[str, Secret] = field(default_factory=dict)

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.kept |= passwords

    def take_back(self, users: Collection[str]) -> None:
        for user in users:
            del self.kept[user]


def plan(*steps: Step, purpose: str = "spec") -> Plan:
    return Plan("p1", "admin", Request(purpose, ""), "", steps, (), datetime.now(UTC))  # type: ignore[arg-type]


def applier(connections: ScriptedConnections, keeper: Keeper, known: KnownPasswords | None = None) -> Applier:
    recording = partial(Recording, known or KnownPasswords(), ADMIN, lambda: NOW)
    return Applier(connections, ADMIN, Usage(), keeper, generate, recording)


def apply(connections: ScriptedConnections, keeper: Keeper, *steps: Step, applied: Applied | None = None) -> Applied:
    applied = applied or Applied(len(steps))
    applier(connections, keeper).apply(plan(*steps), applied)
    return applied


def test_every_step_is_applied_and_every_password_kept() -> None:
    connections, keeper = ScriptedConnections(), Keeper()
    applied = apply(connections, keeper, *STEPS)

    assert (applied.applied, applied.of, applied.users, applied.outcome) == (3, 3, ("alice",), "done")
    assert applied.words() == "3 of 3 steps; dev applied, marketing applied"
    assert [database for database, sql in connections.log if sql != USERS.sql] == ["dev", "dev", "marketing"]
    assert set(keeper.kept) == {"alice"}
    assert connections.still_open == 0


def test_a_user_is_removed_in_its_own_database_last() -> None:
    connections = ScriptedConnections()
    steps = (Step("dev", "drop user x", ""), Step("marketing", "revoke", ""))
    applied = Applied(2)
    applier(connections, Keeper()).apply(plan(*steps, purpose="leave"), applied)

    assert [database for database, _ in connections.log] == ["marketing", "dev"]


INTERRUPTIONS: dict[str, tuple[dict[str, Answer], dict[str, BaseException], str, str]] = {
    "Ctrl-C while the second database runs": (
        {'"web"': KeyboardInterrupt()}, {}, "unknown", "2 of 3 steps; dev applied, interrupted in marketing",
    ),
    "Ctrl-C before anything is sent to it": (
        {}, {"marketing": KeyboardInterrupt()}, "failed", "2 of 3 steps; dev applied, interrupted before marketing",
    ),
    "Ctrl-C while the first database runs": (
        {"create group": KeyboardInterrupt()}, {}, "unknown", "0 of 3 steps; interrupted in dev",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", INTERRUPTIONS)
def test_an_interruption_leaves_the_record_of_what_was_committed(case: str) -> None:
    script, closed, outcome, words = INTERRUPTIONS[case]
    connections, applied = ScriptedConnections(script, closed), Applied(3)
    with pytest.raises(KeyboardInterrupt):
        apply(connections, Keeper(), *STEPS, applied=applied)

    assert (applied.outcome, applied.words()) == (outcome, words)
    assert connections.still_open == 0


FAILURES: dict[str, tuple[dict[str, Answer], dict[str, BaseException], str, str]] = {
    "refused": (
        {'"web"': Refused("no")}, {}, "failed", "2 of 3 steps; dev applied, failed in marketing, which is unchanged",
    ),
    "unknown": (
        {'"web"': EndUnknown.of("step 3", "lost")}, {}, "unknown",
        "2 of 3 steps; dev applied, outcome in marketing unknown",
    ),
    "not entered": (
        {}, {"marketing": Unavailable("away")}, "failed",
        "2 of 3 steps; dev applied, failed before anything was sent to marketing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_an_error_in_the_second_database_is_answered_with_what_was_committed(case: str) -> None:
    script, closed, outcome, words = FAILURES[case]
    applied = apply(ScriptedConnections(script, closed), Keeper(), *STEPS)

    assert applied.error is not None
    assert (applied.applied, applied.outcome, applied.words()) == (2, outcome, words)
    assert applied.users == ("alice",)


@pytest.mark.parametrize(
    ("stop", "kept"),
    [
        (Failed("no"), False),
        (EndUnknown.of("step 1", "lost"), True),
        (KeyboardInterrupt(), True),
    ],
)
def test_passwords_are_taken_back_only_when_they_are_surely_not_set(stop: BaseException, kept: bool) -> None:
    keeper, applied = Keeper(), Applied(3)
    try:
        apply(ScriptedConnections({"create user": stop}), keeper, *STEPS, applied=applied)
    except KeyboardInterrupt:
        assert isinstance(stop, KeyboardInterrupt)
    assert ("alice" in keeper.kept) is kept
    assert applied.users == ()


def test_passwords_are_taken_back_when_the_database_is_never_entered() -> None:
    keeper = Keeper()
    with pytest.raises(KeyboardInterrupt):
        apply(ScriptedConnections({}, {"dev": KeyboardInterrupt()}), keeper, *STEPS)
    assert keeper.kept == {}


def test_without_a_place_for_passwords_nothing_is_sent() -> None:
    connections = ScriptedConnections()
    applied = apply(connections, Keeper(Refused("the disk is full")), *STEPS)

    assert isinstance(applied.error, Refused)
    assert (applied.applied, applied.outcome, connections.log) == (0, "failed", [])


OFF = Step("dev", 'alter user "bo" password disable', "", destructive=True, disables="bo")
BO: dict[str, Answer] = {"from pg_user": [("bo", 7, False, None)]}
EARLIER = PasswordRecord("bo", 7, "set", NOW - timedelta(days=1))


def after(script: dict[str, Answer], *steps: Step) -> dict[str, PasswordRecord]:
    """The records after applying `steps`, where EARLIER was known of bo before."""
    known = KnownPasswords({"bo": EARLIER})
    with suppress(KeyboardInterrupt):
        applier(ScriptedConnections(script), Keeper(), known).apply(plan(*steps), Applied(len(steps)))
    return known.rows


def test_a_password_that_was_disabled_is_recorded_with_the_users_id() -> None:
    assert after(BO, OFF) == {"bo": PasswordRecord("bo", 7, "disabled", NOW)}


def test_a_password_that_was_set_is_recorded_and_a_user_that_was_dropped_is_forgotten() -> None:
    new = Step("dev", f'alter user "bo" password {PASSWORD}', "", changes=True, password_for="bo")
    assert after(BO, new)["bo"].state == "set"
    assert after(BO, Step("dev", 'drop user "bo"', "", destructive=True, drops="bo")) == {}


def test_what_took_no_effect_changes_no_record() -> None:
    assert after({"password disable": Failed("no", next_step="x"), **BO}, OFF) == {"bo": EARLIER}
    assert after({"create user": Failed("no", next_step="x"), **BO}, STEPS[0]) == {"bo": EARLIER}


@pytest.mark.parametrize(
    "script",
    [
        {"password disable": KeyboardInterrupt()},
        {"password disable": EndUnknown.of("step 1", "lost")},
        {"from pg_user": Unavailable("gone", next_step="x")},
        {"from pg_user": []},
    ],
)
def test_what_is_not_known_for_certain_is_recorded_as_unknown(script: dict[str, Answer]) -> None:
    assert after({**BO, **script}, OFF)["bo"].state == "unknown"
