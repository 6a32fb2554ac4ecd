"""The verb `connection:network`: checks whether the warehouse's port can be reached, and opens it to one address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from wharfinger.connections.model import Connection, Secrets, Target
from wharfinger.connections.network_checks import (
    Network,
    NetworkFacts,
    NetworkReport,
    Rule,
    evaluate_network,
    parse_network,
)
from wharfinger.connections.ports import Connections, ControlPlane
from wharfinger.core.acting import Acts
from wharfinger.core.errors import Conflict, Refused

DESCRIPTION = "Added by Wharfinger"
"""The description of an added rule in AWS."""


class Firewalls(Protocol):
    """The security groups of AWS."""

    def rules(self, connection: Connection, secrets: Secrets, groups: Sequence[str]) -> Iterable[Rule]:
        """The inbound TCP rules of the security groups `groups` (ids). Raises Refused when they may not be read."""

    def add(self, connection: Connection, secrets: Secrets, rule: Rule, description: str) -> None:
        """Add one inbound rule; an equal one that exists already is no error. Raises Refused."""


class LocalNetwork(Protocol):
    """The network as this machine sees it."""

    def address(self, host: str, port: int) -> str:
        """This machine's own address towards `host`; `0.0.0.0` when there is no route. Sends nothing."""

    def unreachable(self, host: str, port: int) -> str:
        """Why `host` does not answer at `port`; empty when it does."""


class NetworkService:
    """The verbs of a connection's network."""

    def __init__(
        self,
        store: Connections,
        control_plane: Callable[[], ControlPlane],
        firewalls: Callable[[], Firewalls],
        local_network: Callable[[], LocalNetwork],
        acts: Acts,
    ) -> None:
        self._store = store
        self._control_plane = control_plane
        self._firewalls = firewalls
        self._local_network = local_network
        self._acts = acts

    def check(self, connection: Connection, address: str = "") -> NetworkReport:
        """Whether the warehouse's port lets `address` in, or this machine when no address is given.

        Raises NotFound, Invalid for a malformed address, Refused when the identity may not describe the target.
        """
        self._acts.require("connection:network", connection.name)
        network = parse_network(address) if address else None
        secrets, target = self._target(connection)
        return _report(connection, self._facts(connection, secrets, target, network))

    def allow(self, connection: Connection, address: str) -> NetworkReport:
        """Add the one rule that lets `address` in on the warehouse's port, and check again.

        Nothing is added when a rule lets it in already. Raises what `check` raises, Refused when the rules may not be
        read or changed, Conflict when there is no security group or no port to add a rule for.
        """
        self._acts.require("connection:network", connection.name)
        network = parse_network(address)
        secrets, target = self._target(connection)
        before = _report(connection, self._facts(connection, secrets, target, network))
        if before.facts.denied:
            raise Refused(
                "The security groups cannot be read",
                subject=connection.name,
                why=before.facts.denied,
                next_step="Allow ec2:DescribeSecurityGroups to this identity, or add the rule in the AWS console",
            )
        if before.address_is_allowed:
            return before
        if not target.security_groups or not target.host:
            raise Conflict(
                "There is no security group to add a rule to",
                subject=f"{target.kind} {target.name}",
                why="AWS names none, or the warehouse has no endpoint now",
                next_step="Look at its network settings in the AWS console",
            )
        rule = Rule(target.security_groups[0], str(network), target.port, target.port)
        detail = f"{rule.group} lets {rule.cidr} in on port {rule.first}"
        with self._acts.act("connection:network", connection.name, detail):
            self._firewalls().add(connection, secrets, rule, DESCRIPTION)
        return _report(connection, self._facts(connection, secrets, target, network), rule)

    def _target(self, connection: Connection) -> tuple[Secrets, Target]:
        secrets = self._store.secrets(connection)
        return secrets, self._control_plane().describe_target(connection, secrets)

    def _facts(self, connection: Connection, secrets: Secrets, target: Target, network: Network | None) -> NetworkFacts:
        rules: tuple[Rule, ...] = ()
        denied = ""
        try:
            if target.security_groups:
                rules = tuple(self._firewalls().rules(connection, secrets, target.security_groups))
        except Refused as error:
            denied = f"{error.what}: {error.why}"
        host, port = target.host, target.port
        return NetworkFacts(
            target=target,
            address=network or parse_network(self._local_network().address(host, port)),
            given=network is not None,
            rules=rules,
            denied=denied,
            unreachable=self._local_network().unreachable(host, port) if host else "",
        )


def _report(connection: Connection, facts: NetworkFacts, added: Rule | None = None) -> NetworkReport:
    return NetworkReport(facts, evaluate_network(connection.name, facts), added)
