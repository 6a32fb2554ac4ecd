"""A connection: how to sign in to one warehouse. Frozen values; `parsing` makes them, `validation` checks them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wharfinger.core.secret import Secret

TargetKind = Literal["cluster", "workgroup"]
SignIn = Literal["iam", "db-user", "secret", "password"]
TARGET_KINDS: tuple[TargetKind, ...] = ("cluster", "workgroup")

IdentityKind = Literal["default", "profile", "keys"]

_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+-[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class Identity:
    """An AWS identity: the default credential chain, a named profile or access keys, optionally with a role to assume.

    The secret access key and session token of `keys` are in `Secrets`.
    """

    kind: IdentityKind = "default"
    profile: str = ""
    access_key_id: str = ""
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything about a connection except its secrets.

    `db_user` belongs to sign-in `db-user`, `secret_arn` to `secret`, and `host`, `port` and `user` to `password`
    (an empty host is looked up with DescribeClusters or GetWorkgroup). `tested_at` is the time of the last passed test,
    None when the connection was saved untested. `id` is empty until the connection is saved and never changes after
    that: it names the data key. `account_id` is the AWS account found by the last passed test, or empty.
    """

    name: str
    target_kind: TargetKind
    target: str
    region: str
    database: str
    sign_in: SignIn = "iam"
    db_user: str = ""
    secret_arn: str = ""
    host: str = ""
    port: int = 5439
    user: str = ""
    identity: Identity = field(default_factory=Identity)
    endpoint_url: str = ""
    tested_at: datetime | None = None
    id: str = ""
    account_id: str = ""

    @property
    def needs_aws(self) -> bool:
        """Whether signing in takes an AWS identity: everything but a password with a given host does."""
        return self.sign_in != "password" or not self.host


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a connection; each prints as dots."""

    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The response of sts:GetCallerIdentity: the account, and the ARN of the user or role session."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.arn.split(":")[1]

    def database_user(self) -> str | None:
        """The database user this identity becomes: `IAM:user` or `IAMR:role` (redshift-facts §2); None for others."""
        kind, _, path = self.arn.split(":", 5)[5].partition("/")
        if kind == "user":
            return "IAM:" + path.rsplit("/", 1)[-1]
        if kind == "assumed-role":
            return "IAMR:" + path.split("/", 1)[0]
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster or workgroup as the AWS control plane describes it.

    `status` is AWS's word (`available`, `AVAILABLE`, `paused`, …). `host` is empty and `port` 0 without an endpoint.
    `security_groups` are the ids of its VPC security groups. `publicly_accessible` is None where AWS does not say.
    """

    kind: TargetKind
    name: str
    status: str = ""
    host: str = ""
    port: int = 0
    arn: str = ""
    database: str = ""
    publicly_accessible: bool | None = None
    security_groups: tuple[str, ...] = ()

    @property
    def is_available(self) -> bool:
        """Whether it accepts logins now."""
        return self.status.lower() in ("available", "modifying", "")


@dataclass(frozen=True, slots=True)
class DeniedList:
    """A list that the identity may not read, and the IAM action that is missing."""

    kind: TargetKind
    action: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """The clusters and workgroups of a region that the identity may see, and the lists it may not read.

    `account_id` is the AWS account that was asked, empty when it is not known. `near_region` is set when nothing was
    found in a region that is not known here: the known region that was probably meant.
    """

    targets: tuple[Target, ...]
    denied: tuple[DeniedList, ...] = ()
    account_id: str = ""
    near_region: str = ""

    @property
    def listed(self) -> tuple[TargetKind, ...]:
        """The kinds whose list was read."""
        denied = {one.kind for one in self.denied}
        return tuple(kind for kind in TARGET_KINDS if kind not in denied)


@dataclass(frozen=True, slots=True)
class DefaultRegion:
    """The region to use where none is given, empty when there is none; `looked` are the places asked, in order."""

    region: str = ""
    looked: tuple[str, ...] = ()


def check_region(region: str) -> str | None:
    """Why `region` cannot be a region, or None when it has the form of one."""
    return None if _REGION.match(region) else "a region looks like eu-central-1"
