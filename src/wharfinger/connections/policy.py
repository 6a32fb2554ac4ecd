"""The least IAM policy a connection needs. Pure: what is known in, the policy document out.

Actions by way to sign in: redshift-facts §1.11. GetStatementResultV2 is authorised by GetStatementResult, and following
a statement cannot be limited to a warehouse, only to its own user (the condition key statement-owner-iam-userid).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from wharfinger.connections.model import Connection

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """What the ARNs are made of. `target_arn` is empty when nobody could say (a workgroup's ARN holds an id)."""

    partition: str
    account: str
    target_arn: str = ""


def least_policy(connection: Connection, place: Place, databases: Collection[str], *, discovery: bool) -> Document:
    """The policy document. `databases` beside the connection's own are those it shall sign in to as well.

    `discovery` adds what `connection discover` and the check `target` want to know; nothing else needs it.
    """
    names = sorted({connection.database, *databases})
    statements: list[Document] = []
    if connection.sign_in != "password":
        statements += _statements(connection, place)
        statements.append(_sign_in(connection, place, names))
    elif not connection.host:
        statements.append(_lookup(connection, place))
    if discovery:
        statements.append(_discovery())
    return {"Version": "2012-10-17", "Statement": statements}


def partition_of(region: str) -> str:
    """The ARN partition of a region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _statements(connection: Connection, place: Place) -> list[Document]:
    run = ["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"]
    follow = ["redshift-data:DescribeStatement", "redshift-data:GetStatementResult", "redshift-data:CancelStatement"]
    own = {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}}
    return [
        _allow("RunStatements", run, [_target_arn(connection, place)]),
        {**_allow("FollowOwnStatements", follow, ["*"]), "Condition": own},
    ]


def _sign_in(connection: Connection, place: Place, databases: list[str]) -> Document:
    dbnames = [_redshift(connection, place, f"dbname:{connection.target}/{name}") for name in databases]
    if connection.sign_in == "secret":
        return _allow("ReadTheSecret", ["secretsmanager:GetSecretValue"], [connection.secret_arn])
    if connection.sign_in == "db-user":
        user = _redshift(connection, place, f"dbuser:{connection.target}/{connection.db_user}")
        return _allow("SignInAsUser", ["redshift:GetClusterCredentials"], [user, *dbnames])
    if connection.target_kind == "workgroup":
        return _allow("SignIn", ["redshift-serverless:GetCredentials"], [_target_arn(connection, place)])
    return _allow("SignIn", ["redshift:GetClusterCredentialsWithIAM"], dbnames)


def _lookup(connection: Connection, place: Place) -> Document:
    if connection.target_kind == "workgroup":
        return _allow("FindTheHost", ["redshift-serverless:GetWorkgroup"], [_target_arn(connection, place)])
    return _allow("FindTheHost", ["redshift:DescribeClusters"], [_target_arn(connection, place)])


def _discovery() -> Document:
    actions = ["redshift:DescribeClusters", "redshift-serverless:ListWorkgroups", "redshift-serverless:GetWorkgroup"]
    return _allow("OptionalDiscovery", actions, ["*"])


def _target_arn(connection: Connection, place: Place) -> str:
    if connection.target_kind == "cluster":
        return _redshift(connection, place, f"cluster:{connection.target}")
    workgroups = f"arn:{place.partition}:redshift-serverless:{connection.region}:{place.account}:workgroup/*"
    return place.target_arn or workgroups


def _redshift(connection: Connection, place: Place, resource: str) -> str:
    return f"arn:{place.partition}:redshift:{connection.region}:{place.account}:{resource}"


def _allow(sid: str, actions: list[str], resources: list[str]) -> Document:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
