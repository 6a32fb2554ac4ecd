"""`apply` runs the steps of the newest plan, and the audit log says what happened."""

# ruff: noqa: ARG002 - the signatures are those of the ports

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from tests.unit.access.scripted import KnownPasswords, ScriptedConnections
from tests.unit.access.test_applier import ADMIN, Keeper
from tests.unit.scripted_sql import Answer

from wharfinger.access.granting.service import GrantsService
from wharfinger.access.model import State
from wharfinger.access.planning.plan import Plan, digest
from wharfinger.access.planning.step import Step
from wharfinger.access.service import AccessService
from wharfinger.connections.model import Connection
from wharfinger.core.acting import LOCAL, Actor, Acts
from wharfinger.core.errors import Conflict, Invalid, NotFound, Refused
from wharfinger.core.events import Event, Outcome
from wharfinger.core.session import EndUnknown, Row
from wharfinger.core.verbs import call

SPEC = """
version: 1
users: {alice: {credentials: password}}
groups: {team: {members: [alice]}}
grants: [{to: group team, on: schema marketing.web, privileges: [usage]}]
"""
ROWS: dict[str, Sequence[Row]] = {
    "usename = current_user": [("awsuser", True)],
    "useconfig from pg_user": [("awsuser", 100, True, None), ("bo", 101, False, None), ("IAM:carol", 102, False, None)],
    "svv_redshift_databases": [("dev", "local", 100), ("marketing", "local", 100)],
    "svv_all_schemas where database_name = 'marketing'": [("web", "local", 100)],
}


@dataclass
class Log:
    """An audit log in memory."""

    events: list[Event] = field(default_factory=list)

    def begin(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events) - 1

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        self.events[number] = replace(self.events[number], outcome=outcome, detail=detail)

    def last(self) -> tuple[str, Outcome, str]:
        event = self.events[-1]
        return event.action, event.outcome, event.detail


@dataclass
class Plans:
    """Plans in memory."""

    rows: dict[str, Plan] = field(default_factory=dict)

    def add(self, connection: Connection, plan: Plan) -> None:
        self.rows[plan.id] = plan

    def get(self, connection: Connection, id: str) -> Plan:
        return self.rows[id]

    def all(self, connection: Connection) -> Iterator[Plan]:
        return reversed(list(self.rows.values()))

    def was_applied(self, plan: Plan, applied: int, at: datetime) -> None:
        self.rows[plan.id] = replace(self.rows[plan.id], applied=applied, applied_at=at)

    def applied(self, connection: Connection) -> Iterator[Plan]:
        yield from (plan for plan in self.all(connection) if plan.applied_at)


@dataclass
class Place:
    """The service on scripted connections."""

    connections: ScriptedConnections = field(default_factory=lambda: ScriptedConnections(dict(ROWS)))
    log: Log = field(default_factory=Log)
    plans: Plans = field(default_factory=Plans)
    passwords: KnownPasswords = field(default_factory=KnownPasswords)
    keeper: Keeper = field(default_factory=Keeper)
    actor: Actor = LOCAL

    @property
    def access(self) -> AccessService:
        return AccessService(self.connections, self.plans, self.passwords, Acts(self.actor, self.log), nullcontext)

    def change(self, words: str, answer: Answer) -> None:
        """From now on a statement that contains `words` gets `answer`."""
        self.connections.script = {words: answer, **self.connections.script}

    def plan(self) -> Plan:
        return self.access.plan(ADMIN, SPEC, "access.yml")

    def applied(self) -> list[str]:
        """The statements sent that change something."""
        return [sql for _, sql in self.connections.log if not sql.lstrip().startswith("select")]


def test_a_plan_is_applied_and_recorded() -> None:
    place = Place()
    plan = place.plan()
    applied = place.access.apply(ADMIN, plan, place.keeper)

    assert [(step.database, step.sql) for step in plan.steps] == [
        ("dev", "create user \"alice\" password '***'"),
        ("dev", 'create group "team"'),
        ("dev", 'alter group "team" add user "alice"'),
        ("marketing", 'grant usage on schema "web" to group "team"'),
    ]
    assert (applied.applied, applied.of) == (4, 4)
    assert place.applied()[1:] == [step.sql for step in plan.steps[1:]]
    assert place.log.last() == ("access:apply", "done", f"plan {plan.id}: 4 of 4 steps; dev applied, marketing applied")


def test_the_digest_covers_the_sql_of_each_step() -> None:
    place = Place()
    one = place.plan()
    place.change("svv_all_schemas where database_name = 'marketing'", [("web", "external", 100)])
    assert place.plan().digest == one.digest  # what the plan does not depend on
    other = place.access.plan(ADMIN, SPEC.replace("[usage]", "[usage, create]"), "access.yml")
    assert other.digest != one.digest


@pytest.mark.parametrize("change", [{"sql": "b"}, {"database": "b"}, {"destructive": True}, {"password_for": "b"}])
def test_two_plans_that_differ_in_one_step_have_different_digests(change: dict[str, Any]) -> None:
    step = Step("dev", "a", "why")
    assert digest(State(), [step]) == digest(State(), [replace(step)])
    assert digest(State(), [step]) != digest(State(), [replace(step, **change)])
    assert digest(State(), [step]) != digest(State(groups=frozenset({"g"})), [step])


@pytest.mark.parametrize("field", ["sql", "database", "why", "password_for"])
def test_steps_altered_in_the_store_are_a_conflict_and_never_run(field: str) -> None:
    place = Place()
    plan = place.plan()
    hostile = replace(plan.steps[1], **{field: "grant role superuser to mallory"})
    altered = replace(plan, steps=(plan.steps[0], hostile, *plan.steps[2:]))
    with pytest.raises(Conflict, match="altered"):
        place.access.apply(ADMIN, altered, place.keeper)

    assert place.applied() == []
    assert place.log.last() == ("access:apply", "failed", f"plan {plan.id}: 0 of 4 steps")


def test_a_plan_with_a_step_less_or_more_is_altered_too() -> None:
    place = Place()
    plan = place.plan()
    for steps in (plan.steps[1:], (*plan.steps, plan.steps[0])):
        with pytest.raises(Conflict):
            place.access.apply(ADMIN, replace(plan, steps=steps), place.keeper)
    assert place.applied() == []


def test_a_request_altered_in_the_store_is_a_conflict() -> None:
    place = Place()
    plan = place.plan()
    altered = replace(plan, request=replace(plan.request, text=SPEC.replace("[usage]", "[create]")))
    with pytest.raises(Conflict):
        place.access.apply(ADMIN, altered, place.keeper)
    assert place.applied() == []


def test_a_warehouse_that_has_changed_is_a_conflict_that_recommends_a_new_plan() -> None:
    place = Place()
    plan = place.plan()
    place.change("from pg_group", [("team", "{}")])
    with pytest.raises(Conflict, match="out of date") as refusal:
        place.access.apply(ADMIN, plan, place.keeper)

    assert refusal.value.call is not None
    assert refusal.value.call.verb == "access:plan"
    assert dict(refusal.value.call.arguments)["spec"] == plan.request.source
    assert place.applied() == []


def test_a_plan_to_remove_a_user_is_recommended_again_with_its_new_owner() -> None:
    place = Place()
    plan = place.access.remove(ADMIN, "bo", "awsuser")
    with pytest.raises(Conflict) as refusal:
        place.access.apply(ADMIN, replace(plan, digest="another"), place.keeper)

    assert refusal.value.call == call("access:remove", connection="admin", database_user="bo", new_owner="awsuser")


def test_an_interruption_in_the_second_database_is_recorded_as_it_was() -> None:
    place = Place()
    plan = place.plan()
    place.change("grant usage", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        place.access.apply(ADMIN, plan, place.keeper)

    detail = f"plan {plan.id}: 3 of 4 steps; dev applied, interrupted in marketing"
    assert place.log.last() == ("access:apply", "unknown", detail)


def test_an_interruption_while_planning_again_changed_nothing() -> None:
    place = Place()
    plan = place.plan()
    place.change("from pg_group", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        place.access.apply(ADMIN, plan, place.keeper)

    assert place.log.last() == ("access:apply", "failed", f"plan {plan.id}: 0 of 4 steps")


def test_an_unknown_end_is_recorded_as_unknown() -> None:
    place = Place()
    plan = place.plan()
    place.change("create group", EndUnknown.of("step 2", "lost"))
    applied = place.access.apply(ADMIN, plan, place.keeper)

    assert isinstance(applied.error, EndUnknown)
    assert place.log.last() == ("access:apply", "unknown", f"plan {plan.id}: 0 of 4 steps; outcome in dev unknown")


@pytest.mark.parametrize(
    ("stop", "outcome"),
    [(EndUnknown.of("step 1", "lost"), "unknown"), (KeyboardInterrupt(), "unknown"), (Refused("no"), "failed")],
)
def test_a_rotation_that_does_not_end_well_is_recorded(stop: BaseException, outcome: Outcome) -> None:
    place = Place()
    place.change("alter user", stop)
    with pytest.raises(type(stop)):
        place.access.rotate(ADMIN, "BO", place.keeper)

    assert place.log.last() == ("access:rotate", outcome, "user bo")
    assert ("bo" in place.keeper.kept) is (outcome == "unknown")


@pytest.mark.parametrize(("user", "error"), [("nobody", NotFound), ("IAM:carol", Invalid), ("awsuser", Refused)])
def test_a_rotation_that_is_refused_sends_nothing(user: str, error: type[Exception]) -> None:
    place = Place()
    with pytest.raises(error):
        place.access.rotate(ADMIN, user, place.keeper)

    assert place.log.last() == ("access:rotate", "failed", f"user {user}")
    assert (place.applied(), place.keeper.kept) == ([], {})


def test_a_user_that_the_last_applied_spec_declares_with_iam_gets_no_password() -> None:
    place = Place()
    spec = "version: 1\nusers: {BO: {credentials: iam}}\n"
    plan = place.access.plan(ADMIN, spec, "access.yml")
    place.access.rotate(ADMIN, "bo", place.keeper)  # planned is not applied
    plan = place.access.plan(ADMIN, spec, "access.yml")
    place.access.apply(ADMIN, plan, place.keeper)
    place.access.apply(ADMIN, place.access.plan(ADMIN, "version: 1\n", "other.yml"), place.keeper)
    with pytest.raises(Refused, match="declared to sign in with IAM") as refusal:
        place.access.rotate(ADMIN, "bo", place.keeper)
    assert "access.yml, applied at" in refusal.value.why
    assert refusal.value.call == call("access:plan", connection="admin", spec="access.yml")

    place.access.apply(ADMIN, place.access.plan(ADMIN, spec.replace("iam", "password"), "access.yml"), place.keeper)
    assert place.access.rotate(ADMIN, "bo", place.keeper) == "bo"


def test_a_plan_that_was_applied_says_when() -> None:
    place = Place()
    plan = place.plan()
    place.access.apply(ADMIN, plan, place.keeper)
    place.change("from pg_group", [("team", "{}")])
    with pytest.raises(Conflict, match="was applied already") as refusal:
        place.access.apply(ADMIN, plan, place.keeper)
    assert "4 of its 4 steps took effect at" in refusal.value.why


def test_stored_plans_are_listed_and_a_verified_one_is_not_stored() -> None:
    place = Place()
    first = place.plan()
    second = place.access.remove(ADMIN, "bo")
    place.access.verify(ADMIN, SPEC, "access.yml")

    assert place.access.plans(ADMIN) == [second, first]
    assert second.request.title() == "remove bo"
    assert place.log.last() == ("access:remove", "done", f"plan {second.id} to remove user bo: 1 step")


def test_every_verb_is_refused_to_who_may_not_and_sends_nothing() -> None:
    plan = Place().plan()
    place = Place(actor=Actor("member@example.org", "member"))
    access, grants = place.access, GrantsService(place.connections, place.passwords, Acts(place.actor, place.log))
    for verb in (
        lambda: access.inspect(ADMIN),
        lambda: access.plan(ADMIN, SPEC, ""),
        lambda: access.verify(ADMIN, SPEC, ""),
        lambda: access.remove(ADMIN, "bo"),
        lambda: access.plans(ADMIN),
        lambda: access.get(ADMIN, plan.id),
        lambda: access.apply(ADMIN, plan, place.keeper),
        lambda: access.rotate(ADMIN, "bo", place.keeper),
        lambda: access.check(ADMIN, "bo"),
        lambda: grants.plan(ADMIN),
    ):
        with pytest.raises(Refused, match="role"):
            verb()
    assert (place.connections.log, place.log.events) == ([], [])


GRANTS: dict[str, tuple[dict[str, Answer], Outcome, str]] = {
    "all done": ({}, "done", "2 of 2 statements"),
    "one refused": ({"TABLE_INFO": Refused("no"), "svv_table_info": Refused("no")}, "failed", "1 of 2 statements"),
    "interrupted": ({"svv_table_info": KeyboardInterrupt()}, "unknown", "1 of 2 statements, interrupted"),
}


@pytest.mark.parametrize("case", GRANTS)
def test_grants_are_recorded_with_how_far_they_came(case: str) -> None:
    script, outcome, detail = GRANTS[case]
    place = Place()
    place.connections.script = {"current_user": [("reader",)], "usesuper": [], **place.connections.script}
    grants = GrantsService(place.connections, place.passwords, Acts(LOCAL, place.log))
    plan = grants.plan(replace(ADMIN, name="shop"))
    place.connections.script = {**script, **place.connections.script}
    try:
        grants.apply(replace(ADMIN, name="shop"), plan, ADMIN)
    except KeyboardInterrupt:
        assert case == "interrupted"

    assert place.log.last() == ("connection:grants", outcome, f"to reader via admin: {detail}")
