"""Whether the warehouse's own port can be reached: its firewall's rules, and whether they let an address in. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any, Literal

from wharfinger.connections.checks import CheckStatus
from wharfinger.connections.model import Target
from wharfinger.core.errors import Invalid

CheckId = Literal["endpoint", "public", "security-group", "port"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rule:
    """One inbound rule of a security group: `cidr` may reach the ports from `first` to `last` over TCP."""

    group: str
    cidr: str
    first: int
    last: int

    def lets_in(self, network: Network, port: int) -> bool:
        """Whether all of `network` may reach `port`."""
        mine = ipaddress.ip_network(self.cidr)
        return self.first <= port <= self.last and _contains(mine, network)

    def document(self) -> dict[str, Any]:
        """The rule as JSON."""
        return {"group": self.group, "cidr": self.cidr, "from_port": self.first, "to_port": self.last}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out. `denied` says why the rules could not be read, `unreachable` why the port did not answer.

    `address` is who is asked about: a network that was named, or this machine's own address on its way there.
    """

    target: Target
    address: Network
    named: bool
    rules: tuple[Rule, ...] = ()
    denied: str = ""
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding, with the next step where there is one."""

    id: CheckId
    status: CheckStatus
    detail: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """The findings in order, and the rule that was added, if one was."""

    seen: Seen
    checks: tuple[Check, ...]
    added: Rule | None = field(default=None)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return all(check.status != "failed" for check in self.checks)

    def lets_in(self) -> bool:
        """Whether a rule lets the address in already."""
        return bool(_fitting(self.seen))

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        target = self.seen.target
        return {
            "ok": self.ok,
            "endpoint": {"host": target.host, "port": target.port} if target.host else None,
            "address": str(self.seen.address),
            "checks": [
                {"id": one.id, "status": one.status, "detail": one.detail, "next_step": one.next_step or None}
                for one in self.checks
            ],
            "rules": [rule.document() for rule in self.seen.rules],
            "added": self.added.document() if self.added else None,
        }


def parse_network(text: str) -> Network:
    """A network from `203.0.113.7`, `203.0.113.0/24` or their like in IPv6. Raises Invalid."""
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise Invalid(
            "Not an address or network",
            subject=text,
            why=str(error),
            next_step="Write it as 203.0.113.7/32 or 203.0.113.0/24",
        ) from None


def judge(name: str, seen: Seen, added: Rule | None = None) -> NetworkReport:
    """The findings for the connection `name`."""
    if not seen.target.host:
        why = f"{seen.target.kind} {seen.target.name} has no endpoint; its status is {seen.target.status or 'unknown'}"
        return NetworkReport(seen, (Check("endpoint", "failed", why, "Resume it, or wait until it is available"),))
    endpoint = Check("endpoint", "passed", f"{seen.target.host}:{seen.target.port}")
    return NetworkReport(seen, (endpoint, _public(seen), _security_group(name, seen), _port(seen)), added)


def _public(seen: Seen) -> Check:
    public = seen.target.publicly_accessible
    if public is None:
        return Check("public", "skipped", "AWS does not tell whether it is publicly accessible")
    if public:
        return Check("public", "passed", "publicly accessible: who its security groups let in may come from anywhere")
    command = (
        f"aws redshift modify-cluster --cluster-identifier {seen.target.name}"
        if seen.target.kind == "cluster"
        else f"aws redshift-serverless update-workgroup --workgroup-name {seen.target.name}"
    )
    step = f"For clients outside: {command} --publicly-accessible. Or use the Data API: --sign-in iam or secret"
    return Check("public", "warned", "not publicly accessible: reachable from inside its network only", step)


def _security_group(name: str, seen: Seen) -> Check:
    port = seen.target.port
    if seen.denied:
        return Check(
            "security-group", "skipped", seen.denied, "Allow ec2:DescribeSecurityGroups, or look in the console"
        )
    if not seen.target.security_groups:
        return Check("security-group", "skipped", "AWS names no security group of it")
    groups = ", ".join(seen.target.security_groups)
    if fitting := _fitting(seen):
        return Check("security-group", "passed", f"{fitting[0].group} lets {fitting[0].cidr} in on port {port}")
    who = str(seen.address)
    step = f"wharfinger connection network {name} --allow-ip {seen.address}"
    if not seen.named and seen.address.is_private:
        who += " (this machine's own address; the warehouse may see another one of your network)"
        step = f"Find out the address you are seen with, then: wharfinger connection network {name} --allow-ip ADDRESS"
    # What answers all the same is reached some other way, by a tunnel for instance.
    status: CheckStatus = "failed" if seen.named or seen.unreachable else "warned"
    return Check("security-group", status, f"no rule of {groups} lets {who} in on port {port}", step)


def _port(seen: Seen) -> Check:
    where = f"{seen.target.host}:{seen.target.port}"
    if not seen.unreachable:
        return Check("port", "passed", f"{where} answers this machine")
    # Somebody else's address is asked about: that this machine is not let in is no failure.
    status: CheckStatus = "warned" if seen.named else "failed"
    step = "Look at the checks above, the route and the firewalls between; or use the Data API: --sign-in iam or secret"
    return Check("port", status, f"{where} does not answer this machine: {seen.unreachable}", step)


def _fitting(seen: Seen) -> list[Rule]:
    return [rule for rule in seen.rules if rule.lets_in(seen.address, seen.target.port)]


def _contains(outer: Network, inner: Network) -> bool:
    if isinstance(outer, ipaddress.IPv4Network) and isinstance(inner, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, ipaddress.IPv6Network) and isinstance(inner, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False
