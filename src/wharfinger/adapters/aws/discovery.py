"""Reads the AWS control plane: the identity, and the clusters and workgroups of a region (redshift-facts §2)."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError

from wharfinger.adapters.aws.calls import AwsCalls, Backoff
from wharfinger.adapters.aws.clients import AwsPool, AwsSource
from wharfinger.adapters.aws.errors import Place, of_aws
from wharfinger.adapters.aws.limiter import Limiter
from wharfinger.adapters.aws.regions import default_region, known_regions, region_trouble
from wharfinger.connections.model import (
    Caller,
    Connection,
    DefaultRegion,
    DeniedList,
    Discovery,
    Identity,
    Secrets,
    Target,
)
from wharfinger.core.errors import NotFound, Refused, WharfingerError
from wharfinger.core.session import Usage


class ControlPlane:
    """Asks STS, Redshift and Redshift Serverless. Implements `connections.ports.ControlPlane`."""

    def __init__(self, pool: AwsPool | None = None, backoff: Backoff | None = None) -> None:
        self._pool = pool or AwsPool()
        self._limiter = Limiter()
        self._backoff = backoff or Backoff()

    def known_regions(self) -> frozenset[str]:
        """The regions with Redshift that the installed botocore knows; AWS is not asked."""
        return known_regions("redshift")

    def default_region(self, profile: str) -> DefaultRegion:
        """The region where none is given: of the environment, else of the profile."""
        try:
            return default_region(profile)
        except BotoCoreError as error:
            raise of_aws(error, Place(profile=profile)).error(f"profile {profile}" if profile else "") from None

    def region_trouble(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> str:
        """Why there can be no such region, empty where there is one or where this cannot be known."""
        return region_trouble(AwsSource(identity, secrets, region, endpoint_url))

    def caller_identity(self, connection: Connection, secrets: Secrets) -> Caller:
        """Account and ARN of the connection's identity, or of the role that it assumes."""
        answer = self._calls(AwsSource.of(connection, secrets), place_of(connection))("sts", "GetCallerIdentity")
        return Caller(account=answer["Account"], arn=answer["Arn"])

    def describe_target(self, connection: Connection, secrets: Secrets) -> Target:
        """The connection's cluster or workgroup."""
        calls = self._calls(AwsSource.of(connection, secrets), place_of(connection))
        if connection.target_kind == "workgroup":
            answer = calls("redshift-serverless", "GetWorkgroup", workgroupName=connection.target)
            return _workgroup(answer["workgroup"])
        answer = calls("redshift", "DescribeClusters", ClusterIdentifier=connection.target)
        return _cluster(answer["Clusters"][0])

    def endpoint(self, connection: Connection, secrets: Secrets) -> tuple[str, int]:
        """Host and port of the connection's target. Raises NotFound when it has none (paused, still being made)."""
        try:
            target = self.describe_target(connection, secrets)
        except Refused as error:
            if error.check == "target":
                error.next_step, error.fields = f"{error.next_step}; or give the host and its port", ("host", "port")
            raise
        if not target.host:
            raise NotFound(
                "The warehouse has no endpoint",
                subject=f"{target.kind} {target.name}",
                why=f"its status is {target.status}",
                next_step="Resume it or wait until it is available, or use a connection that names a host",
                check="target",
            )
        return target.host, target.port

    def list_targets(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> Discovery:
        """Every cluster and workgroup of `region`; denied lists are named with the missing action."""
        calls = self._calls(AwsSource(identity, secrets, region, endpoint_url), _place_of_region(region, identity))
        targets: list[Target] = []
        denied: list[DeniedList] = []
        try:
            targets += [_cluster(one) for one in _pages(calls, "redshift", "DescribeClusters", "Clusters", "Marker")]
        except Refused as error:
            denied.append(_denied(error, DeniedList("cluster", "redshift:DescribeClusters")))
        try:
            if region in known_regions("redshift-serverless") or region not in self.known_regions():
                found = _pages(calls, "redshift-serverless", "ListWorkgroups", "workgroups", "nextToken")
                targets += [_workgroup(one) for one in found]
        except Refused as error:
            denied.append(_denied(error, DeniedList("workgroup", "redshift-serverless:ListWorkgroups")))
        return Discovery(tuple(targets), tuple(denied), _account(targets) or self._account_of(calls))

    @staticmethod
    def _account_of(calls: AwsCalls) -> str:
        """The caller's account, empty when STS does not answer."""
        try:
            return str(calls("sts", "GetCallerIdentity")["Account"])
        except WharfingerError:
            return ""

    def _calls(self, source: AwsSource, place: Place) -> AwsCalls:
        return AwsCalls(self._pool.of(source), self._limiter, Usage(), place, self._backoff)


def place_of(connection: Connection) -> Place:
    """The target and region of `connection`, as errors name them."""
    return Place(
        target=f"{connection.target_kind} {connection.target}",
        region=connection.region,
        database=connection.database,
        host=f"{connection.host}:{connection.port}" if connection.host else "",
        user=connection.user or connection.db_user,
        sign_in=connection.sign_in,
        profile=connection.identity.profile,
    )


def _place_of_region(region: str, identity: Identity) -> Place:
    return Place(f"region {region}", region, profile=identity.profile)


def _account(targets: list[Target]) -> str:
    """The account that the ARNs of `targets` name; empty where none has an ARN."""
    return next((target.arn.split(":")[4] for target in targets if target.arn), "")


def _pages(calls: AwsCalls, service: str, operation: str, member: str, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    follow: dict[str, str] = {}
    while True:
        answer = calls(service, operation, **follow)
        found += answer.get(member, [])
        if not answer.get(token):
            return found
        follow = {token: answer[token]}


def _cluster(document: dict[str, Any]) -> Target:
    endpoint = document.get("Endpoint") or {}
    return Target(
        kind="cluster",
        name=document["ClusterIdentifier"],
        status=document.get("ClusterStatus", ""),
        host=endpoint.get("Address", ""),
        port=endpoint.get("Port", 0),
        arn=_cluster_arn(document),
        database=document.get("DBName", ""),
        publicly_accessible=document.get("PubliclyAccessible"),
        security_groups=tuple(one["VpcSecurityGroupId"] for one in document.get("VpcSecurityGroups", [])),
    )


def _cluster_arn(document: dict[str, Any]) -> str:
    """The cluster's ARN, made from the ARN of its namespace in DescribeClusters; empty without one.

    `arn:aws:redshift:<region>:<account>:namespace:<uuid>` becomes `…:cluster:<identifier>`.
    """
    parts = document.get("ClusterNamespaceArn", "").split(":")
    return ":".join([*parts[:5], "cluster", document["ClusterIdentifier"]]) if len(parts) > 5 else ""


def _workgroup(document: dict[str, Any]) -> Target:
    endpoint = document.get("endpoint") or {}
    return Target(
        kind="workgroup",
        name=document["workgroupName"],
        status=document.get("status", ""),
        host=endpoint.get("address", ""),
        port=endpoint.get("port", 0),
        arn=document.get("workgroupArn", ""),
        publicly_accessible=document.get("publiclyAccessible"),
        security_groups=tuple(document.get("securityGroupIds", [])),
    )


def _denied(error: Refused, list_: DeniedList) -> DeniedList:
    """`list_` when only this list is denied; raises `error` when AWS does not accept the identity."""
    if error.check == "identity":
        raise error
    return list_
