"""Security groups of EC2, and the network as this machine sees it."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from typing import Any

from wharfinger.adapters.aws.calls import AwsCalls, Backoff
from wharfinger.adapters.aws.clients import AwsPool, AwsSource
from wharfinger.adapters.aws.discovery import place_of
from wharfinger.adapters.aws.limiter import Limiter
from wharfinger.connections.model import Connection, Secrets
from wharfinger.connections.network_checks import Rule
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Usage

SERVICE = "ec2"
CONNECT_SECONDS = 5
LAST_PORT = 65535


class SecurityGroups:
    """Reads and changes security groups. Implements `connections.network_service.Firewalls`."""

    def __init__(self, pool: AwsPool | None = None, backoff: Backoff | None = None) -> None:
        self._pool = pool or AwsPool()
        self._limiter = Limiter()
        self._backoff = backoff or Backoff()

    def rules(self, connection: Connection, secrets: Secrets, groups: Sequence[str]) -> Iterator[Rule]:
        """The inbound TCP rules that name addresses; rules that name other security groups let no address in."""
        answer = self._calls(connection, secrets)(SERVICE, "DescribeSecurityGroups", GroupIds=list(groups))
        for group in answer["SecurityGroups"]:
            for permission in group.get("IpPermissions", []):
                yield from _rules(group["GroupId"], permission)

    def add(self, connection: Connection, secrets: Secrets, rule: Rule, description: str) -> None:
        """Add one inbound rule; an equal one that exists already is no error."""
        member, key = ("Ipv6Ranges", "CidrIpv6") if ":" in rule.cidr else ("IpRanges", "CidrIp")
        permission = {
            "IpProtocol": "tcp",
            "FromPort": rule.first,
            "ToPort": rule.last,
            member: [{key: rule.cidr, "Description": description}],
        }
        try:
            self._calls(connection, secrets)(
                SERVICE, "AuthorizeSecurityGroupIngress", GroupId=rule.group, IpPermissions=[permission]
            )
        except WharfingerError as error:
            if "InvalidPermission.Duplicate" not in error.why:
                raise

    def _calls(self, connection: Connection, secrets: Secrets) -> AwsCalls:
        aws = self._pool.of(AwsSource.of(connection, secrets))
        return AwsCalls(aws, self._limiter, Usage(), place_of(connection), self._backoff)


class ThisMachine:
    """Implements `connections.network_service.LocalNetwork`."""

    def address(self, host: str, port: int) -> str:
        """The address that this machine would connect from; `0.0.0.0` when there is no route."""
        try:
            (family, kind, *_, where), *_ = socket.getaddrinfo(host, port or 1, type=socket.SOCK_DGRAM)
            with socket.socket(family, kind) as probe:
                probe.connect(where)  # sends nothing: a datagram socket only picks its route
                return str(probe.getsockname()[0])
        except OSError:
            return "0.0.0.0"  # noqa: S104 - means no address, nothing listens on it

    def unreachable(self, host: str, port: int) -> str:
        """Why `host` does not answer at `port` within five seconds; empty when it does."""
        try:
            with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
                return ""
        except TimeoutError:
            return f"no answer within {CONNECT_SECONDS} seconds"
        except OSError as error:
            return error.strerror or str(error)


def _rules(group: str, permission: dict[str, Any]) -> Iterator[Rule]:
    protocol = permission.get("IpProtocol")
    if protocol not in ("tcp", "6", "-1"):
        return
    first, last = permission.get("FromPort", 0), permission.get("ToPort", LAST_PORT)
    if protocol == "-1" or first is None or first < 0:
        first, last = 0, LAST_PORT
    for one in permission.get("IpRanges", []):
        yield Rule(group, one["CidrIp"], first, last)
    for one in permission.get("Ipv6Ranges", []):
        yield Rule(group, one["CidrIpv6"], first, last)
