"""The AWS account of every sandbox: names, identities and their policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import AWSManagedPolicy

from wharfinger_sandbox.aws.identities import Identities

ACCOUNT = "123456789012"
REGION = "us-east-1"
CLUSTER = "demo-cluster"
WORKGROUP = "demo-workgroup"
NAMESPACE = "demo-namespace"
DATABASE = "dev"
ADMIN_USER = "awsuser"
ROLE = "analytics-role"

DATA_API_ACTIONS = (
    "BatchExecuteStatement", "ExecuteStatement", "CancelStatement", "ListStatements", "GetStatementResult",
    "DescribeStatement", "ListDatabases", "ListSchemas", "ListTables", "DescribeTable",
)  # fmt: skip

# AmazonRedshiftDataFullAccess, version 5 (redshift-facts §1.11); no ListSessions.
DATA_FULL_ACCESS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "DataAPIPermissions",
            "Effect": "Allow",
            "Action": [f"redshift-data:{action}" for action in DATA_API_ACTIONS],
            "Resource": "*",
        },
        {
            "Sid": "SecretsManagerPermissions",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": "arn:aws:secretsmanager:*:*:secret:*",
            "Condition": {"StringLike": {"secretsmanager:ResourceTag/RedshiftDataFullAccess": "*"}},
        },
        {
            "Sid": "GetCredentialsForAPIUser",
            "Effect": "Allow",
            "Action": "redshift:GetClusterCredentials",
            "Resource": ["arn:aws:redshift:*:*:dbname:*/*", "arn:aws:redshift:*:*:dbuser:*/redshift_data_api_user"],
        },
        {
            "Sid": "GetCredentialsWithFederatedIAMCredentials",
            "Effect": "Allow",
            "Action": "redshift:GetClusterCredentialsWithIAM",
            "Resource": ["arn:aws:redshift:*:*:dbname:*/*"],
        },
        {
            "Sid": "GetCredentialsForServerless",
            "Effect": "Allow",
            "Action": "redshift-serverless:GetCredentials",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:ResourceTag/RedshiftDataFullAccess": "*"}},
        },
        {
            "Sid": "DenyCreateAPIUser",
            "Effect": "Deny",
            "Action": "redshift:CreateClusterUser",
            "Resource": ["arn:aws:redshift:*:*:dbuser:*/redshift_data_api_user"],
        },
        {
            "Sid": "ServiceLinkedRole",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "arn:aws:iam::*:role/aws-service-role/redshift-data.amazonaws.com/AWSServiceRoleForRedshift",
            "Condition": {"StringLike": {"iam:AWSServiceName": "redshift-data.amazonaws.com"}},
        },
    ],
}


@dataclass(frozen=True)
class Identity:
    """One identity of the ready file."""

    name: str
    arn: str
    access_key_id: str
    secret_access_key: str = field(repr=False)

    def document(self) -> dict[str, str]:
        """Its entry in the ready file (contract, Sandbox)."""
        return {
            "name": self.name,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "arn": self.arn,
        }


def create_identities(identities: Identities) -> list[Identity]:
    """Create the users `admin`, `analyst` and `nobody` and the role `analytics-role`; returns the users' keys."""
    iam = identities.iam
    full_access = AWSManagedPolicy(  # type: ignore[abstract]
        "AmazonRedshiftDataFullAccess",
        account_id=identities.account,
        region=REGION,
        default_version_id="v5",
        path="/",
        document=json.dumps(DATA_FULL_ACCESS),
    )
    iam.managed_policies[full_access.arn] = full_access
    users = [_user(identities, name) for name in ("admin", "analyst", "nobody")]
    trust = _trust(user.arn for user in users if user.name != "nobody")
    role = iam.create_role(ROLE, trust, "/", None, "Reads the warehouse", [], "3600")
    for holder in (iam.users["analyst"], role):
        full_access.attach_to(holder)
        holder.put_policy("workgroup-credentials", _allow("redshift-serverless:GetCredentials"))
    iam.put_user_policy("admin", "everything", _allow("*"))
    return users


def _user(identities: Identities, name: str) -> Identity:
    user = identities.iam.create_user(REGION, name)
    user.id = "AIDA" + user.id[:17].upper()
    key = identities.iam.create_access_key(name)
    return Identity(name, user.arn, key.access_key_id, key.secret_access_key)


def _allow(action: str, resource: str = "*") -> str:
    return _document({"Effect": "Allow", "Action": action, "Resource": resource})


def _trust(arns: Iterable[str]) -> str:
    """A trust policy that names its principals by ARN, so that they need no sts:AssumeRole permission."""
    principal = {"AWS": list(arns)}
    return _document({"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"]})


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
