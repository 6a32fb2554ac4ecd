"""The verbs of connections, with AWS and the warehouse from a script."""

# ruff: noqa: ARG002 - the signatures are those of the ports

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.connections.scripted import ScriptedControlPlane, ScriptedOpener

from wharfinger.connections.model import Caller, Connection, DefaultRegion, Discovery, Identity, Secrets, Target
from wharfinger.connections.policy import Policy
from wharfinger.connections.service import ConnectionService
from wharfinger.core.acting import LOCAL, Actor, Acts
from wharfinger.core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from wharfinger.core.events import Event, Outcome

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = Connection("shop", "workgroup", "demo", "us-gov-west-1", "dev")
ARN = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0e1f"


class Kept:
    """Connections in memory, and what was done to them."""

    def __init__(self, *connections: Connection) -> None:
        self.connections = {one.name: one for one in connections}
        self.events: list[Event] = []

    def begin(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events) - 1

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        self.events[number] = replace(self.events[number], outcome=outcome, detail=detail)

    def get(self, name: str) -> Connection:
        if name not in self.connections:
            raise NotFound("There is no such connection", subject=name)
        return self.connections[name]

    def secrets(self, connection: Connection) -> Secrets:
        return Secrets()

    def all(self) -> list[Connection]:
        return list(self.connections.values())

    def add(self, connection: Connection, secrets: Secrets) -> Connection:
        self.connections[connection.name] = connection
        return connection

    def mark_tested(self, connection: Connection, at: datetime, account_id: str) -> Connection:
        tested = replace(connection, tested_at=at, account_id=account_id)
        self.connections[connection.name] = tested
        return tested

    def rename(self, connection: Connection, new_name: str) -> Connection:
        self.connections[new_name] = replace(self.connections.pop(connection.name), name=new_name)
        return self.connections[new_name]

    def remove(self, connection: Connection) -> None:
        del self.connections[connection.name]


def service(kept: Kept, control_plane: ScriptedControlPlane, opener: ScriptedOpener | None = None) -> ConnectionService:
    opened = opener or ScriptedOpener()
    return ConnectionService(kept, lambda: opened, lambda: control_plane, Acts(LOCAL, kept), now=lambda: NOW)


def resources(policy: Policy) -> set[str]:
    return {one for permission in policy.permissions for one in permission.resources}


def test_a_policy_names_what_aws_says_of_identity_and_target() -> None:
    control_plane = ScriptedControlPlane(target=Target("workgroup", "demo", arn=ARN))
    assert resources(service(Kept(SHOP), control_plane).policy(SHOP)) == {ARN, "*"}


def test_a_policy_names_all_workgroups_when_the_own_one_may_not_be_asked_for() -> None:
    caller = Caller("123456789012", "arn:aws-us-gov:iam::123456789012:user/analyst")
    control_plane = ScriptedControlPlane(caller=caller, target=Refused("No right"))
    every = "arn:aws-us-gov:redshift-serverless:us-gov-west-1:123456789012:workgroup/*"
    assert resources(service(Kept(SHOP), control_plane).policy(SHOP)) == {every, "*"}


def test_the_account_of_the_last_test_stands_in_for_sts_and_without_either_there_is_no_policy() -> None:
    silent = ScriptedControlPlane(caller=Unavailable("STS does not answer"))
    tested = replace(SHOP, account_id="210987654321")
    every = "arn:aws-us-gov:redshift-serverless:us-gov-west-1:210987654321:workgroup/*"

    assert resources(service(Kept(tested), silent).policy(tested)) == {every, "*"}
    with pytest.raises(Unavailable, match="STS"):
        service(Kept(SHOP), silent).policy(SHOP)


def test_what_a_test_learns_is_kept_when_it_passes_and_not_when_it_fails() -> None:
    shop = replace(SHOP, region="us-east-1")
    kept = Kept(shop)
    answers = {
        "current_user": [("IAM:analyst",)],
        "current_database": [("dev",)],
        "count(*)": [(7,)],
        "select 1": [(1,)],
    }
    control_plane = ScriptedControlPlane(target=Target("workgroup", "demo", "AVAILABLE"))

    assert service(kept, control_plane, ScriptedOpener(dict(answers))).test(kept.get("shop")).ok
    assert (kept.get("shop").tested_at, kept.get("shop").account_id) == (NOW, "123456789012")

    kept.connections["shop"] = shop
    assert not service(kept, control_plane, ScriptedOpener(refuses=Refused("No login"))).test(kept.get("shop")).ok
    assert kept.get("shop").tested_at is None
    assert [(event.action, event.detail) for event in kept.events] == [
        ("connection:test", "passed"), ("connection:test", "failed"),
    ]  # fmt: skip


def test_a_taken_name_is_told_before_anything_is_asked() -> None:
    control_plane = ScriptedControlPlane()
    with pytest.raises(Conflict, match="of that name already"):
        service(Kept(SHOP), control_plane).add(SHOP, Secrets())
    assert control_plane.asked == []


def test_renaming_is_recorded_under_the_old_name_and_says_the_new_one() -> None:
    kept = Kept(SHOP)
    renamed = service(kept, ScriptedControlPlane()).rename(SHOP, "shop-2")

    assert renamed == replace(SHOP, name="shop-2")
    assert [(one.action, one.subject, one.detail, one.outcome) for one in kept.events] == [
        ("connection:rename", "shop", "to shop-2", "done")
    ]


def test_a_new_name_that_cannot_be_one_is_invalid_and_changes_nothing() -> None:
    kept = Kept(SHOP)
    with pytest.raises(Invalid) as caught:
        service(kept, ScriptedControlPlane()).rename(SHOP, "my shop")

    assert caught.value.fields == ("new_name",)
    assert kept.events == []
    assert list(kept.connections) == ["shop"]


def member(kept: Kept) -> ConnectionService:
    acts = Acts(Actor("ann@example.org", "member"), kept)
    return ConnectionService(kept, ScriptedOpener, ScriptedControlPlane, acts)


@pytest.mark.parametrize(
    "verb",
    [
        lambda service: service.discover("us-east-1", Identity(), Secrets()),
        lambda service: service.add(SHOP, Secrets()),
        lambda service: service.test(SHOP),
        lambda service: service.rename(SHOP, "other"),
        lambda service: service.remove(SHOP),
        lambda service: service.policy(SHOP),
    ],
)
def test_a_member_may_only_look(verb: Callable[[ConnectionService], object]) -> None:
    kept = Kept(SHOP)
    assert member(kept).all() == [SHOP]
    assert member(kept).show("shop") == SHOP
    with pytest.raises(Refused, match="may not"):
        verb(member(kept))
    assert kept.events == []
    assert list(kept.connections) == ["shop"]


def test_the_region_is_the_given_one_else_the_default_of_the_profile() -> None:
    control_plane = ScriptedControlPlane(default=DefaultRegion("eu-west-1"))
    asked = service(Kept(), control_plane)

    assert asked.region("us-east-1", "work") == "us-east-1"
    assert control_plane.asked == []
    assert asked.region("", "work") == "eu-west-1"
    assert control_plane.asked == ["default_region work"]


def test_without_a_region_the_error_says_where_it_was_looked_for() -> None:
    control_plane = ScriptedControlPlane(default=DefaultRegion("", ("AWS_REGION", "the profile work in a file")))
    with pytest.raises(Invalid, match="You must specify a region") as caught:
        service(Kept(), control_plane).region("")

    assert caught.value.why == "no region is given; looked for one in AWS_REGION, then the profile work in a file"
    assert caught.value.fields == ("region",)


@pytest.mark.parametrize(("region", "trouble"), [("us-esat-1", "it has no address"), ("useast1", "")])
def test_a_region_that_cannot_exist_is_not_discovered(region: str, trouble: str) -> None:
    control_plane = ScriptedControlPlane(trouble=trouble)
    with pytest.raises(Invalid, match="There is no such AWS region") as caught:
        service(Kept(), control_plane).discover(region, Identity(), Secrets())

    assert caught.value.next_step == "Did you mean us-east-1?"
    assert control_plane.asked == []


def test_nothing_found_in_an_unknown_region_names_the_near_one() -> None:
    control_plane = ScriptedControlPlane(found=Discovery((), account_id="123456789012"))
    asked = service(Kept(), control_plane)

    assert asked.discover("us-esat-1", Identity(), Secrets(), "http://127.0.0.1:1").near_region == "us-east-1"
    assert asked.discover("us-east-1", Identity(), Secrets()).near_region == ""
