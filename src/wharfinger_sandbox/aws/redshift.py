"""The control plane of provisioned Redshift: the cluster, its tags and temporary credentials."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from wharfinger_sandbox.aws.call import Call, dispatch
from wharfinger_sandbox.aws.credentials import CredentialsService, seconds_of
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.warehouse import Warehouse

NODE_TYPE = "ra3.xlplus"


class Redshift:
    """The service redshift 2012-12-01. Operations that are not implemented are refused by name."""

    def __init__(self, warehouse: Warehouse, credentials: CredentialsService) -> None:
        self._warehouse = warehouse
        self._credentials_service = credentials
        self._operations: dict[str, Callable[[Call], Awaitable[dict[str, Any]]]] = {
            "DescribeClusters": self._describe_clusters,
            "GetClusterCredentials": self._credentials,
            "GetClusterCredentialsWithIAM": self._credentials_with_iam,
            "DescribeCustomDomainAssociations": self._custom_domains,
            "DescribeTags": self._describe_tags,
            "CreateTags": self._create_tags,
            "DeleteTags": self._delete_tags,
        }

    async def __call__(self, call: Call) -> dict[str, Any]:
        """Run one operation (a Handler)."""
        return await dispatch(self._operations, call)

    async def _describe_clusters(self, call: Call) -> dict[str, Any]:
        wanted = call.members.get("ClusterIdentifier")
        call.require("redshift:DescribeClusters", self._warehouse.cluster_arn_of(wanted or "*", call.caller.region))
        if wanted is not None and not self._warehouse.has_cluster(wanted, call.caller.region):
            raise no_cluster(wanted)
        if call.members.get("Marker") is not None:
            raise ApiError("InvalidParameterValue", "Invalid marker")
        if call.caller.region != self._warehouse.region or not self._tags_match(call.members):
            return {"Clusters": []}
        return {"Clusters": [self._cluster()]}

    def _cluster(self) -> dict[str, Any]:
        warehouse = self._warehouse
        return {
            "ClusterIdentifier": warehouse.cluster,
            "NodeType": NODE_TYPE,
            "ClusterStatus": "available",
            "ClusterAvailabilityStatus": "Available",
            "MasterUsername": warehouse.admin_user,
            "DBName": warehouse.database,
            "Endpoint": {"Address": warehouse.host, "Port": warehouse.port},
            "ClusterCreateTime": warehouse.created_at,
            "AvailabilityZone": f"{warehouse.region}a",
            "ClusterVersion": "1.0",
            "AllowVersionUpgrade": True,
            "NumberOfNodes": 1,
            "PubliclyAccessible": False,
            "Encrypted": False,
            "Tags": [{"Key": key, "Value": value} for key, value in self._tags().items()],
            "ClusterNamespaceArn": warehouse.cluster_namespace_arn,
            "VpcSecurityGroups": [{"VpcSecurityGroupId": warehouse.security_group, "Status": "active"}],
        }

    async def _credentials(self, call: Call) -> dict[str, Any]:
        members = call.members
        cluster, user = self._cluster_of(call), members["DbUser"]
        groups = tuple(members.get("DbGroups", ()))
        autocreate = bool(members.get("AutoCreate"))
        seconds = seconds_of(members.get("DurationSeconds"), call.protocol)
        self._credentials_service.require_named(
            call.caller, cluster, user, members.get("DbName"), autocreate=autocreate, groups=groups, seconds=seconds
        )
        self._must_exist(cluster, call.caller.region)
        _check_names(user, groups)
        issued = await self._credentials_service.issue_named(
            user, seconds=seconds, autocreate=autocreate, groups=groups, database=members.get("DbName")
        )
        return {"DbUser": issued.user, "DbPassword": issued.password, "Expiration": issued.expires_at}

    async def _credentials_with_iam(self, call: Call) -> dict[str, Any]:
        cluster = self._cluster_of(call)
        seconds = seconds_of(call.members.get("DurationSeconds"), call.protocol)
        self._credentials_service.require_with_iam(call.caller, cluster, call.members.get("DbName"), seconds=seconds)
        self._must_exist(cluster, call.caller.region)
        database = call.members.get("DbName")
        issued = await self._credentials_service.issue_for_identity(call.caller, seconds=seconds, database=database)
        return {
            "DbUser": issued.user,
            "DbPassword": issued.password,
            "Expiration": issued.expires_at,
            "NextRefreshTime": issued.expires_at,
        }

    async def _custom_domains(self, call: Call) -> dict[str, Any]:
        call.require("redshift:DescribeCustomDomainAssociations")
        raise no_domain()

    async def _describe_tags(self, call: Call) -> dict[str, Any]:
        call.require("redshift:DescribeTags", call.members.get("ResourceName", "*"))
        named = call.members.get("ResourceName")
        if named not in (None, self._warehouse.cluster_arn):
            raise ApiError("ResourceNotFoundFault", f"Resource {named} not found.", status=404)
        resource = {"ResourceName": self._warehouse.cluster_arn, "ResourceType": "Cluster"}
        return {"TaggedResources": [{**resource, "Tag": {"Key": k, "Value": v}} for k, v in self._tags().items()]}

    async def _create_tags(self, call: Call) -> dict[str, Any]:
        tags = self._tagged(call, "redshift:CreateTags")
        tags.update({tag.get("Key", ""): tag.get("Value", "") for tag in call.members["Tags"]})
        return {}

    async def _delete_tags(self, call: Call) -> dict[str, Any]:
        tags = self._tagged(call, "redshift:DeleteTags")
        for key in call.members["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _tagged(self, call: Call, action: str) -> dict[str, str]:
        named = call.members["ResourceName"]
        call.require(action, named)
        if named != self._warehouse.cluster_arn:
            raise ApiError("ResourceNotFoundFault", f"Resource {named} not found.", status=404)
        return self._tags()

    def _tags(self) -> dict[str, str]:
        return self._warehouse.tags.setdefault(self._warehouse.cluster_arn, {})

    def _tags_match(self, members: dict[str, Any]) -> bool:
        keys, values = members.get("TagKeys"), members.get("TagValues")
        tags = self._tags()
        return (not keys or any(key in tags for key in keys)) and (
            not values or any(value in tags.values() for value in values)
        )

    def _cluster_of(self, call: Call) -> str:
        cluster = call.members.get("ClusterIdentifier")
        if cluster is not None:
            return str(cluster)
        if call.members.get("CustomDomainName") is not None:
            raise no_domain()
        text = "Either ClusterIdentifier or CustomDomainName must be provided."
        raise ApiError("InvalidParameterCombination", text)

    def _must_exist(self, cluster: str, region: str) -> None:
        if not self._warehouse.has_cluster(cluster, region):
            raise no_cluster(cluster)


def no_cluster(identifier: str) -> ApiError:
    """ClusterNotFound, HTTP 404 (redshift-facts §7.14)."""
    return ApiError("ClusterNotFound", f"Cluster {identifier} not found.", status=404)


def no_domain() -> ApiError:
    """The error for every custom domain name; redshift_connector needs it for its fallback (redshift-facts §2)."""
    return ApiError("CustomDomainAssociationNotFoundFault", "Custom domain association not found.", status=404)


_USER = re.compile(r"[A-Za-z][A-Za-z0-9_+.@\-]{0,63}")
_GROUP = re.compile(r"[a-z][a-z0-9_+.@\-]{0,63}")


def _check_names(user: str, groups: tuple[str, ...]) -> None:
    if not _USER.fullmatch(user) or user.lower() == "public":
        raise ApiError("InvalidParameterValue", f"The parameter DbUser is not valid: {user}")
    for group in groups:
        if not _GROUP.fullmatch(group):
            raise ApiError("InvalidParameterValue", f"The parameter DbGroups is not valid: {group}")
