"""Whether clients can reach the warehouse's own port: from facts to report. Pure; `network_service` gathers them."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass

from wharfinger.connections.model import Target
from wharfinger.core.checks import Check, CheckStatus, Report
from wharfinger.core.errors import Invalid
from wharfinger.core.verbs import call

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DATA_API = "or use the Data API, with sign-in iam or secret"


@dataclass(frozen=True, slots=True)
class Rule:
    """One inbound rule of a security group: `cidr` may reach the TCP ports from `first` to `last`."""

    group: str
    cidr: str
    first: int
    last: int

    def allows(self, network: Network, port: int) -> bool:
        """Whether all of `network` may reach `port`."""
        return self.first <= port <= self.last and _contains(ipaddress.ip_network(self.cidr), network)


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What was found out about the network of a warehouse's port.

    `address` is the network asked about: the given one (`given`), or this machine's own address towards the host.
    `rules` are the inbound rules of the target's security groups; `denied` says why they could not be read.
    `unreachable` says why the port did not answer this machine, empty when it did.
    """

    target: Target
    address: Network
    given: bool
    rules: tuple[Rule, ...] = ()
    denied: str = ""
    unreachable: str = ""

    @property
    def allowing(self) -> tuple[Rule, ...]:
        """The rules that let the address in."""
        return tuple(rule for rule in self.rules if rule.allows(self.address, self.target.port))


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """The checks, the facts they rest on, and the rule that was added, if one was."""

    facts: NetworkFacts
    report: Report
    added: Rule | None = None

    @property
    def address_is_allowed(self) -> bool:
        """Whether a rule lets the address in already."""
        return bool(self.facts.allowing)


def parse_network(text: str) -> Network:
    """The network that `203.0.113.7`, `203.0.113.0/24` or an IPv6 address or network names. Raises Invalid."""
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise _no_network(text, str(error)) from None


def _no_network(text: str, problem: str) -> Invalid:
    """The error for `text`, which is no network; for an address inside a network it names both."""
    why = problem.removeprefix(repr(text)).removeprefix(text).strip()
    next_step = "Write it as 203.0.113.7/32 or 203.0.113.0/24"
    with contextlib.suppress(ValueError):
        inside = ipaddress.ip_interface(text)
        next_step = f"Write {inside.network} for the whole network, or {inside.ip} for this address alone"
    return Invalid("Not an address or network", subject=text, why=why, next_step=next_step, fields=("allow_ip",))


def evaluate_network(connection: str, facts: NetworkFacts) -> Report:
    """The checks `endpoint`, `public`, `security-group` and `port` for the connection called `connection`.

    A target without an endpoint has the first check only.
    """
    target = facts.target
    if not target.host:
        detail = f"{target.kind} {target.name} has no endpoint; its status is {target.status or 'unknown'}"
        return Report((Check("endpoint", "failed", detail, "Resume it, or wait until it is available"),))
    endpoint = Check("endpoint", "passed", f"{target.host}:{target.port}")
    return Report((endpoint, _public(target), _security_group(connection, facts), _port(facts)))


def _public(target: Target) -> Check:
    public = target.publicly_accessible
    if public is None:
        return Check("public", "skipped", "AWS does not say whether it is publicly accessible")
    if public:
        return Check("public", "passed", "publicly accessible: its security groups decide which addresses get in")
    command = (
        f"aws redshift modify-cluster --cluster-identifier {target.name}"
        if target.kind == "cluster"
        else f"aws redshift-serverless update-workgroup --workgroup-name {target.name}"
    )
    step = f"To let clients outside its network in: {command} --publicly-accessible; {DATA_API}"
    return Check("public", "warned", "not publicly accessible: reachable from inside its network only", step)


def _security_group(connection: str, facts: NetworkFacts) -> Check:
    port = facts.target.port
    if facts.denied:
        step = "Allow ec2:DescribeSecurityGroups, or look at the security groups in the AWS console"
        return Check("security-group", "skipped", facts.denied, step)
    if not facts.target.security_groups:
        return Check("security-group", "skipped", "AWS names no security group for it")
    if allowing := facts.allowing:
        return Check("security-group", "passed", f"{allowing[0].group} lets {allowing[0].cidr} in on port {port}")
    who, step, allow_ip = str(facts.address), "Add a rule for this address", str(facts.address)
    if not facts.given and facts.address.is_private:
        who += " (this machine's own address; the warehouse may see another address of your network)"
        step, allow_ip = "Find out which address the warehouse sees, then add a rule for it", ""
    # A port that answers without such a rule is reached in another way, for instance through a tunnel.
    status: CheckStatus = "failed" if facts.given or facts.unreachable else "warned"
    detail = f"no rule of {', '.join(facts.target.security_groups)} lets {who} in on port {port}"
    verb = call("connection:network", connection=connection, allow_ip=allow_ip)
    return Check("security-group", status, detail, step, call=verb)


def _port(facts: NetworkFacts) -> Check:
    where = f"{facts.target.host}:{facts.target.port}"
    if not facts.unreachable:
        return Check("port", "passed", f"{where} answers this machine")
    # When another address was given, it is no failure that this machine cannot connect.
    status: CheckStatus = "warned" if facts.given else "failed"
    step = f"Check the results above, the route and the firewalls in between; {DATA_API}"
    return Check("port", status, f"{where} does not answer this machine: {facts.unreachable}", step)


def _contains(outer: Network, inner: Network) -> bool:
    if isinstance(outer, ipaddress.IPv4Network) and isinstance(inner, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, ipaddress.IPv6Network) and isinstance(inner, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False
