"""The sandbox's warehouse in AWS's terms: a cluster and a workgroup for the same databases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wharfinger_sandbox.aws import account
from wharfinger_sandbox.aws.errors import validation

NO_ENDPOINT = "Redshift endpoint doesn't exist in this region."


@dataclass
class Warehouse:
    """Names, ARNs, tags and the address of the wire port. `tags` maps an ARN to its tags, which operations change."""

    host: str
    port: int
    account_id: str = account.ACCOUNT
    region: str = account.REGION
    cluster: str = account.CLUSTER
    workgroup: str = account.WORKGROUP
    namespace: str = account.NAMESPACE
    database: str = account.DATABASE
    admin_user: str = account.ADMIN_USER
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def cluster_arn(self) -> str:
        """The cluster's ARN."""
        return self.cluster_arn_of(self.cluster, self.region)

    @property
    def namespace_arn(self) -> str:
        """The ARN of the workgroup's namespace."""
        return f"arn:aws:redshift-serverless:{self.region}:{self.account_id}:namespace/{self._id(self.namespace)}"

    @property
    def cluster_namespace_arn(self) -> str:
        """The ARN of the cluster's namespace."""
        return f"arn:aws:redshift:{self.region}:{self.account_id}:namespace:{self._id(self.cluster)}"

    @property
    def workgroup_arn(self) -> str:
        """The workgroup's ARN."""
        return f"arn:aws:redshift-serverless:{self.region}:{self.account_id}:workgroup/{self._id(self.workgroup)}"

    @property
    def workgroup_id(self) -> str:
        """The workgroup's id."""
        return self._id(self.workgroup)

    @property
    def namespace_id(self) -> str:
        """The id of the workgroup's namespace."""
        return self._id(self.namespace)

    @property
    def security_group(self) -> str:
        """The id of the security group of the cluster and the workgroup."""
        return "sg-" + self._id("security-group").replace("-", "")[:17]

    def cluster_arn_of(self, identifier: str, region: str) -> str:
        """The ARN for a cluster name, whether the cluster exists or not."""
        return f"arn:aws:redshift:{region}:{self.account_id}:cluster:{identifier}"

    def dbuser_arn(self, cluster: str, user: str, region: str) -> str:
        """The ARN of a database user, as a resource in policies."""
        return f"arn:aws:redshift:{region}:{self.account_id}:dbuser:{cluster}/{user}"

    def dbname_arn(self, cluster: str, database: str, region: str) -> str:
        """The ARN of a database, as a resource in policies."""
        return f"arn:aws:redshift:{region}:{self.account_id}:dbname:{cluster}/{database}"

    def dbgroup_arn(self, cluster: str, group: str, region: str) -> str:
        """The ARN of a database group, as a resource in policies."""
        return f"arn:aws:redshift:{region}:{self.account_id}:dbgroup:{cluster}/{group}"

    def has_cluster(self, identifier: str, region: str) -> bool:
        """Whether the cluster `identifier` exists in `region`."""
        return region == self.region and identifier == self.cluster

    def has_workgroup(self, name: str, region: str) -> bool:
        """Whether the workgroup with that name or ARN exists in `region`."""
        return region == self.region and name in (self.workgroup, self.workgroup_arn)

    def target_arn(self, body: dict[str, Any], region: str) -> str:
        """The ARN of the cluster or workgroup that a Data API request names, `*` when it names none.

        Raises ApiError ValidationException for an unknown one (redshift-facts §7.12).
        """
        cluster, workgroup = body.get("ClusterIdentifier"), body.get("WorkgroupName")
        if cluster is not None:
            if not self.has_cluster(cluster, region):
                raise validation(NO_ENDPOINT)
            return self.cluster_arn
        if workgroup is not None:
            if not self.has_workgroup(workgroup, region):
                raise validation(NO_ENDPOINT)
            return self.workgroup_arn
        return "*"

    def _id(self, name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.account_id}/{self.region}/{name}"))
