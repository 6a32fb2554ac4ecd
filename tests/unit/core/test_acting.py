from __future__ import annotations

from dataclasses import replace

import pytest

from wharfinger.core.acting import LOCAL, Actor, Acts, may
from wharfinger.core.errors import Failed, Refused
from wharfinger.core.events import Event, Outcome
from wharfinger.core.session import EndUnknown
from wharfinger.core.verbs import ROLES, VERBS, Role


class Log:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def begin(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events) - 1

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        self.events[number] = replace(self.events[number], outcome=outcome, detail=detail)


def test_an_act_is_recorded_before_it_begins_and_again_when_it_has_ended() -> None:
    log = Log()
    with Acts(LOCAL, log).act("tables:refresh", "shop") as act:
        assert [event.outcome for event in log.events] == ["begun"]
        act.detail = "7 tables"
    (event,) = log.events
    assert (event.actor, event.action, event.subject, event.outcome, event.detail) == (
        "local", "tables:refresh", "shop", "done", "7 tables",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Failed("no"), "failed"),
        (ValueError("a bug"), "failed"),
        (EndUnknown.of("step 1", "the line was cut"), "unknown"),
        (KeyboardInterrupt(), "unknown"),
        (SystemExit(1), "unknown"),
    ],
)
def test_the_outcome_is_recorded_whatever_ends_the_act(error: BaseException, outcome: Outcome) -> None:
    log = Log()
    with pytest.raises(type(error)), Acts(LOCAL, log).act("access:apply", "admin"):
        raise error
    assert [event.outcome for event in log.events] == [outcome]


def test_an_outcome_that_the_act_sets_itself_is_kept() -> None:
    log = Log()

    def interrupted() -> None:
        with Acts(LOCAL, log).act("access:apply", "admin") as act:
            act.outcome, act.detail = "failed", "1 of 2 databases"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(event.outcome, event.detail) for event in log.events] == [("failed", "1 of 2 databases")]


def test_who_may_not_is_refused_with_the_reason_and_nothing_is_recorded() -> None:
    log = Log()
    with pytest.raises(Refused) as caught, Acts(Actor("ann@example.com", "member"), log).act("access:apply", "admin"):
        pytest.fail("the block must not run")
    assert "needs the role administrator" in caught.value.why
    assert "ann@example.com has the role member" in caught.value.why
    assert log.events == []


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_user_of_the_command_line_may_do_everything(verb: str) -> None:
    answer = may(LOCAL, verb, "shop")
    assert answer.allowed
    assert answer.reason


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_roles_below_it_may(role: Role) -> None:
    actor = Actor("somebody", role)
    for verb, least in VERBS.items():
        assert may(actor, verb, "").allowed == (ROLES.index(role) >= ROLES.index(least))


def test_a_verb_that_is_not_listed_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        may(LOCAL, "tables:burn", "shop")
