"""The least IAM policy that a connection needs. Pure.

The actions for each sign-in: redshift-facts §1.11. GetStatementResult authorises GetStatementResultV2 too. Reading the
state of a statement cannot be limited to a warehouse, only to its owner (condition key statement-owner-iam-userid).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from wharfinger.connections.model import Connection

Condition = Mapping[str, Mapping[str, str]]
"""Operator → condition key → value, as IAM writes it."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One statement of an IAM policy: `actions` are allowed on `resources` (ARNs or `*`) under `condition`."""

    id: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an identity is allowed; empty when the connection needs no AWS identity."""

    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of the ARNs.

    `target_arn` is empty when it is not known: a workgroup's ARN contains an id that AWS assigns.
    """

    partition: str
    account: str
    target_arn: str = ""


def least_policy(connection: Connection, place: Place, databases: Collection[str], *, discovery: bool) -> Policy:
    """The policy for signing in to the connection's database and to `databases`.

    `discovery` adds the actions that listing clusters and workgroups and the check `target` need; nothing else does.
    """
    names = sorted({connection.database, *databases})
    permissions: list[Permission] = []
    if connection.sign_in != "password":
        permissions += _statements(connection, place)
        permissions.append(_sign_in(connection, place, names))
    elif not connection.host:
        permissions.append(_lookup(connection, place))
    if discovery:
        permissions.append(_discovery())
    return Policy(tuple(permissions))


def partition_of(region: str) -> str:
    """The ARN partition of a region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _statements(connection: Connection, place: Place) -> list[Permission]:
    run = ("redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement")
    follow = ("redshift-data:DescribeStatement", "redshift-data:GetStatementResult", "redshift-data:CancelStatement")
    own = {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}}
    return [
        Permission("RunStatements", run, (_target_arn(connection, place),)),
        Permission("FollowOwnStatements", follow, ("*",), own),
    ]


def _sign_in(connection: Connection, place: Place, databases: list[str]) -> Permission:
    dbnames = [_redshift(connection, place, f"dbname:{connection.target}/{name}") for name in databases]
    if connection.sign_in == "secret":
        return Permission("ReadTheSecret", ("secretsmanager:GetSecretValue",), (connection.secret_arn,))
    if connection.sign_in == "db-user":
        user = _redshift(connection, place, f"dbuser:{connection.target}/{connection.db_user}")
        return Permission("SignInAsUser", ("redshift:GetClusterCredentials",), (user, *dbnames))
    if connection.target_kind == "workgroup":
        return Permission("SignIn", ("redshift-serverless:GetCredentials",), (_target_arn(connection, place),))
    return Permission("SignIn", ("redshift:GetClusterCredentialsWithIAM",), tuple(dbnames))


def _lookup(connection: Connection, place: Place) -> Permission:
    workgroup = connection.target_kind == "workgroup"
    action = "redshift-serverless:GetWorkgroup" if workgroup else "redshift:DescribeClusters"
    return Permission("FindTheHost", (action,), (_target_arn(connection, place),))


def _discovery() -> Permission:
    actions = ("redshift:DescribeClusters", "redshift-serverless:ListWorkgroups", "redshift-serverless:GetWorkgroup")
    return Permission("OptionalDiscovery", actions, ("*",))


def _target_arn(connection: Connection, place: Place) -> str:
    if connection.target_kind == "cluster":
        return _redshift(connection, place, f"cluster:{connection.target}")
    workgroups = f"arn:{place.partition}:redshift-serverless:{connection.region}:{place.account}:workgroup/*"
    return place.target_arn or workgroups


def _redshift(connection: Connection, place: Place, resource: str) -> str:
    return f"arn:{place.partition}:redshift:{connection.region}:{place.account}:{resource}"
