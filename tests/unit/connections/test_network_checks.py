from __future__ import annotations

import pytest
from tests.unit.neutral_words import NeutralWords

from wharfinger.connections.model import Target
from wharfinger.connections.network_checks import NetworkFacts, NetworkReport, Rule, evaluate_network, parse_network
from wharfinger.core.errors import Invalid
from wharfinger.core.verbs import call
from wharfinger.documents.connections import network_document

TARGET = Target(
    "cluster", "demo", "available", "demo.example", 5439, publicly_accessible=True, security_groups=("sg-1",)
)
OFFICE = parse_network("203.0.113.7")


def statuses(facts: NetworkFacts) -> dict[str, str]:
    return {check.id: check.status for check in evaluate_network("shop", facts).checks}


@pytest.mark.parametrize(
    ("rule", "address", "port", "answer"),
    [
        (Rule("g", "203.0.113.0/24", 5439, 5439), "203.0.113.7", 5439, True),
        (Rule("g", "203.0.113.0/24", 5439, 5439), "203.0.112.7", 5439, False),
        (Rule("g", "203.0.113.0/24", 5439, 5439), "203.0.112.0/23", 5439, False),
        (Rule("g", "0.0.0.0/0", 0, 65535), "203.0.113.7", 5439, True),
        (Rule("g", "203.0.113.7/32", 5000, 5438), "203.0.113.7", 5439, False),
        (Rule("g", "::/0", 5439, 5439), "203.0.113.7", 5439, False),
        (Rule("g", "2001:db8::/32", 5439, 5439), "2001:db8::1", 5439, True),
    ],
)
def test_a_rule_lets_in_whole_networks_on_its_ports(rule: Rule, address: str, port: int, answer: bool) -> None:
    assert rule.allows(parse_network(address), port) is answer


@pytest.mark.parametrize("text", ["", "here", "203.0.113.7/33", "203.0.113.7/24", "300.1.1.1"])
def test_what_is_no_network_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        parse_network(text)


def test_an_address_inside_a_network_is_told_both_spellings_of_it() -> None:
    with pytest.raises(Invalid) as raised:
        parse_network("203.0.113.7/24")

    assert (raised.value.subject, raised.value.why) == ("203.0.113.7/24", "has host bits set")
    assert raised.value.next_step == "Write 203.0.113.0/24 for the whole network, or 203.0.113.7 for this address alone"


def test_a_text_of_any_length_is_not_repeated_in_the_reason() -> None:
    with pytest.raises(Invalid) as raised:
        parse_network("1" * 10_000)

    assert len(raised.value.why) < 100


def test_all_is_well_when_a_rule_fits_and_the_port_answers() -> None:
    facts = NetworkFacts(TARGET, OFFICE, given=False, rules=(Rule("sg-1", "203.0.113.7/32", 5439, 5439),))
    found = NetworkReport(facts, evaluate_network("shop", facts))
    assert statuses(facts) == dict.fromkeys(("endpoint", "public", "security-group", "port"), "passed")
    assert found.report.ok
    assert found.address_is_allowed
    document = network_document(found, NeutralWords())
    assert document["ok"] is True
    assert document["endpoint"] == {"host": "demo.example", "port": 5439}
    assert document["address"] == "203.0.113.7/32"
    assert document["rules"] == [{"group": "sg-1", "cidr": "203.0.113.7/32", "from_port": 5439, "to_port": 5439}]
    assert document["added"] is None


def test_an_address_that_no_rule_lets_in_gets_the_verb_that_adds_it() -> None:
    facts = NetworkFacts(TARGET, OFFICE, given=True, unreachable="no answer")
    report = evaluate_network("shop", facts)
    (check,) = [one for one in report.checks if one.id == "security-group"]
    assert check.status == "failed"
    assert check.call == call("connection:network", connection="shop", allow_ip="203.0.113.7/32")
    assert statuses(facts)["port"] == "warned"
    assert not report.ok


def test_a_private_address_of_ones_own_is_not_offered_to_a_firewall() -> None:
    facts = NetworkFacts(TARGET, parse_network("10.1.2.3"), given=False, unreachable="no answer within 5 seconds")
    (check,) = [one for one in evaluate_network("shop", facts).checks if one.id == "security-group"]
    assert check.status == "failed"
    assert check.call == call("connection:network", connection="shop", allow_ip="")
    assert statuses(facts)["port"] == "failed"


def test_what_answers_all_the_same_is_no_failure() -> None:
    facts = NetworkFacts(TARGET, parse_network("127.0.0.1"), given=False)
    assert statuses(facts)["security-group"] == "warned"
    assert evaluate_network("shop", facts).ok


@pytest.mark.parametrize(("kind", "words"), [("cluster", "modify-cluster"), ("workgroup", "update-workgroup")])
def test_a_warehouse_that_is_not_public_says_how_to_make_it_so(kind: str, words: str) -> None:
    target = Target(kind, "demo", "available", "h", 5439, publicly_accessible=False)  # type: ignore[arg-type]
    checks = {check.id: check for check in evaluate_network("shop", NetworkFacts(target, OFFICE, given=False)).checks}
    assert checks["public"].status == "warned"
    assert words in checks["public"].next_step
    assert checks["security-group"].status == "skipped"


def test_rules_that_may_not_be_read_are_skipped_with_the_action() -> None:
    facts = NetworkFacts(TARGET, OFFICE, given=False, denied="not authorized to perform: ec2:DescribeSecurityGroups")
    assert statuses(facts)["security-group"] == "skipped"
    assert evaluate_network("shop", facts).ok


def test_a_paused_warehouse_has_no_endpoint_to_look_at() -> None:
    target = Target("cluster", "demo", "paused")
    report = evaluate_network("shop", NetworkFacts(target, OFFICE, given=False))
    assert [(check.id, check.status) for check in report.checks] == [("endpoint", "failed")]
    assert "paused" in report.checks[0].detail
    assert not report.ok
