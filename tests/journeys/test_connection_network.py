"""`connection network`: the way to the warehouse's own port, and the one rule that opens it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journeys.places import Place, closed_port


@pytest.fixture(params=["cluster", "workgroup"])
def shop(request: pytest.FixtureRequest, place: Place) -> Place:
    """A connection of the administrator, through each kind of target."""
    place.become("admin")
    assert getattr(place, request.param)("--untested").code == 0
    return place


def look(place: Place, *arguments: str) -> tuple[int, dict[str, Any]]:
    answer = place.cli("connection", "network", "shop", "--json", *arguments)
    return answer.code, dict(answer.document)


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {check["id"]: check["status"] for check in document["checks"]}


def rules(place: Place, group: str) -> list[str]:
    (found,) = place.aws("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [one["CidrIp"] for rule in found["IpPermissions"] for one in rule["IpRanges"]]


def test_this_machine_reaches_the_sandbox_though_no_rule_lets_it_in(shop: Place) -> None:
    code, document = look(shop)
    wire = shop.sandbox.ready["wire"]
    assert code == 0
    assert document["endpoint"] == {"host": wire["host"], "port": wire["port"]}
    assert document["address"] == "127.0.0.1/32"
    assert statuses(document) == {
        "endpoint": "passed", "public": "warned", "security-group": "warned", "port": "passed",
    }  # fmt: skip


def test_an_address_is_let_in_by_one_rule_on_request_and_only_once(shop: Place) -> None:
    kind = shop.cli("connection", "show", "shop", "--json").document["target"]["kind"]
    address = "198.51.100.7/32" if kind == "cluster" else "198.51.100.8/32"
    asked = shop.cli("connection", "network", "shop", "--allow-ip", address, "--json")
    assert (asked.code, asked.error["kind"]) == (2, "invalid")
    assert "--yes" in asked.error["next_step"]

    code, document = look(shop, "--allow-ip", address, "--yes")
    assert code == 0
    added = document["added"]
    port = shop.sandbox.ready["wire"]["port"]
    assert added == {"group": added["group"], "cidr": address, "from_port": port, "to_port": port}
    assert statuses(document)["security-group"] == "passed"
    assert rules(shop, added["group"]).count(address) == 1

    code, document = look(shop, "--allow-ip", address, "--yes")
    assert (code, document["added"]) == (0, None)
    assert rules(shop, added["group"]).count(address) == 1
    assert look(shop, "--allow-ip", address)[0] == 0
    group = shop.aws("ec2").describe_security_groups(GroupIds=[added["group"]])["SecurityGroups"][0]
    (described,) = [one for rule in group["IpPermissions"] for one in rule["IpRanges"] if one["CidrIp"] == address]
    assert described["Description"] == "Added by Wharfinger"


def test_who_may_not_look_at_the_rules_is_told_so_and_adds_none(shop: Place) -> None:
    target = {"Effect": "Allow", "Action": ["redshift:Describe*", "redshift-serverless:Get*"], "Resource": "*"}
    shop.user_with(target)
    code, document = look(shop)
    assert code == 0
    assert statuses(document)["security-group"] == "skipped"
    assert "DescribeSecurityGroups" in str(document["checks"])
    answer = shop.cli("connection", "network", "shop", "--allow-ip", "198.51.100.9", "--yes", "--json")
    assert (answer.code, answer.error["kind"]) == (3, "refused")


def test_what_is_no_address_is_invalid_and_who_may_not_ask_is_refused(place: Place) -> None:
    place.become("nobody")
    assert place.cluster("--untested").code == 0
    assert place.cli("connection", "network", "shop", "--allow-ip", "here", "--json").code == 2
    answer = place.cli("connection", "network", "shop", "--json")
    assert (answer.code, answer.error["kind"]) == (3, "refused")


def test_a_port_that_does_not_answer_says_why() -> None:
    from wharfinger.adapters.aws.firewalls import ThisMachine

    with closed_port() as port:
        assert "refused" in ThisMachine().unreachable("127.0.0.1", port).lower()
    assert ThisMachine().address("no-such-host.invalid", 5439) == "0.0.0.0"  # noqa: S104
    assert ThisMachine().address("127.0.0.1", 5439) == "127.0.0.1"
    assert ThisMachine().unreachable("no-such-host.invalid", 5439)
