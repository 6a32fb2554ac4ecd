"""Looks at the way to the warehouse's own port, and opens its security group to one address on request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from wharfinger.connections.model import Connection, Secrets, Target
from wharfinger.connections.network_checks import Network, NetworkReport, Rule, Seen, judge, parse_network
from wharfinger.connections.ports import Connections, ControlPlane
from wharfinger.core.acting import Acts
from wharfinger.core.errors import Conflict, Refused

DESCRIPTION = "wharfinger connection network"


class Firewalls(Protocol):
    """The security groups of AWS."""

    def rules(self, connection: Connection, secrets: Secrets, groups: Sequence[str]) -> Iterable[Rule]:
        """The inbound TCP rules of `groups`. Raises Refused when the identity may not look."""

    def add(self, connection: Connection, secrets: Secrets, rule: Rule, description: str) -> None:
        """Add one inbound rule; one that is there already is no error. Raises Refused."""


class Line(Protocol):
    """The network as this machine sees it."""

    def address(self, host: str, port: int) -> str:
        """This machine's own address on its way to `host`; `0.0.0.0` when there is no way. Sends nothing."""

    def refusal(self, host: str, port: int) -> str:
        """Why `host` does not answer at `port`; empty when it does."""


class Networking:
    """The verbs of `connection network`."""

    def __init__(
        self,
        store: Connections,
        control_plane: Callable[[], ControlPlane],
        firewalls: Callable[[], Firewalls],
        line: Callable[[], Line],
        acts: Acts,
    ) -> None:
        self._store = store
        self._control_plane = control_plane
        self._firewalls = firewalls
        self._line = line
        self._acts = acts

    def look(self, connection: Connection, address: str = "") -> NetworkReport:
        """Whether the warehouse's port lets `address` in, or this machine when none is named.

        Raises NotFound, Invalid for an address that is none, Refused when the identity may not ask for the target.
        """
        named = parse_network(address) if address else None
        secrets, target = self._target(connection)
        return judge(connection.name, self._seen(connection, secrets, target, named))

    def allow(self, connection: Connection, address: str) -> NetworkReport:
        """Add the one rule that lets `address` in on the warehouse's port, and look again.

        Nothing is added when a rule lets it in already. Raises Conflict when there is no group or port to add it to.
        """
        named = parse_network(address)
        secrets, target = self._target(connection)
        before = judge(connection.name, self._seen(connection, secrets, target, named))
        if before.seen.denied:
            raise Refused(
                "The security groups may not be looked at",
                subject=connection.name,
                why=before.seen.denied,
                next_step="Allow ec2:DescribeSecurityGroups to this identity, or add the rule in the console",
            )
        if before.lets_in():
            return before
        if not target.security_groups or not target.host:
            raise Conflict(
                "There is no security group to add a rule to",
                subject=f"{target.kind} {target.name}",
                why="AWS names none, or the warehouse has no endpoint now",
                next_step="Look at its network settings in the console",
            )
        rule = Rule(target.security_groups[0], str(named), target.port, target.port)
        detail = f"{rule.group} lets {rule.cidr} in on port {rule.first}"
        with self._acts.act("connection:network", connection.name, detail):
            self._firewalls().add(connection, secrets, rule, DESCRIPTION)
        return replace(judge(connection.name, self._seen(connection, secrets, target, named)), added=rule)

    def _target(self, connection: Connection) -> tuple[Secrets, Target]:
        secrets = self._store.secrets(connection)
        return secrets, self._control_plane().describe_target(connection, secrets)

    def _seen(self, connection: Connection, secrets: Secrets, target: Target, named: Network | None) -> Seen:
        rules: tuple[Rule, ...] = ()
        denied = ""
        try:
            if target.security_groups:
                rules = tuple(self._firewalls().rules(connection, secrets, target.security_groups))
        except Refused as error:
            denied = f"{error.what}: {error.why}"
        host, port = target.host, target.port
        return Seen(
            target=target,
            address=named or parse_network(self._line().address(host, port)),
            named=named is not None,
            rules=rules,
            denied=denied,
            unreachable=self._line().refusal(host, port) if host else "",
        )
