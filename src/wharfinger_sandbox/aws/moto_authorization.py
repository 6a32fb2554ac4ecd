"""Permissions for the operations of the services that moto implements."""

from __future__ import annotations

import re
from typing import Any

from wharfinger_sandbox.aws import policies
from wharfinger_sandbox.aws.call import Call
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.kms import KmsKeys
from wharfinger_sandbox.aws.policies import Context
from wharfinger_sandbox.aws.secrets import Secrets

# Operations that moto would accept, though the sandbox does not apply what they set.
UNSUPPORTED_OPERATIONS = {
    "secretsmanager": ("PutResourcePolicy", "BatchGetSecretValue", "RotateSecret", "ReplicateSecretToRegions"),
    "kms": ("PutKeyPolicy", "CreateGrant", "ReplicateKey"),
    "iam": ("PutUserPermissionsBoundary", "PutRolePermissionsBoundary", "CreateSAMLProvider"),
}

_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
# The characters are those of CreateSecret's reference, the text is unverified.
_INVALID_NAME = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@"
)


class MotoAuthorization:
    """Authorises calls to the services that moto implements."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._secrets = Secrets(account)
        self._keys = KmsKeys(account)

    def require(self, call: Call) -> None:
        """Check that the caller may make `call` and that the sandbox supports it. Raises ApiError."""
        if call.operation in UNSUPPORTED_OPERATIONS.get(call.service, ()) or "PermissionsBoundary" in call.members:
            raise call.unsupported()
        resource, context = self._resource(call)
        call.caller.require(f"{call.service}:{call.operation}", resource, context, protocol=call.protocol)
        for member in ("PolicyDocument", "AssumeRolePolicyDocument"):
            if member in call.members:
                _check_policy(call.members[member])
        if call.operation == "CreateSecret" and not _SECRET_NAME.fullmatch(call.members["Name"]):
            raise validation(_INVALID_NAME)

    def _resource(self, call: Call) -> tuple[str, Context]:
        members, region = call.members, call.caller.region
        if call.service == "secretsmanager":
            name = members.get("SecretId") or members.get("Name")
            if name is None:
                return "*", {}
            return self._secrets.arn_of(name, region), {**self._secrets.keys_of(name, region), **_request_tags(members)}
        if call.service == "kms":
            return self._keys.arn_of(members, region), {}
        if call.service == "iam":
            return self._identity_arn(call), {}
        return "*", {}

    def _identity_arn(self, call: Call) -> str:
        members = call.members
        if "PolicyArn" in members and "UserName" not in members and "RoleName" not in members:
            return str(members["PolicyArn"])
        for member, kind in (
            ("UserName", "user"),
            ("RoleName", "role"),
            ("GroupName", "group"),
            ("PolicyName", "policy"),
        ):
            if member in members:
                return f"arn:aws:iam::{self._account}:{kind}{members.get('Path', '/')}{members[member]}"
        if call.operation in ("GetUser", "ListAccessKeys", "CreateAccessKey"):
            return call.caller.arn
        return "*"


def _check_policy(document: str) -> None:
    """Refuse a policy that the sandbox cannot evaluate. Raises ApiError MalformedPolicyDocument."""
    try:
        policies.parse(document)
    except policies.MalformedPolicy as error:
        raise ApiError("MalformedPolicyDocument", str(error)) from None


def _request_tags(members: dict[str, Any]) -> dict[str, str]:
    return {f"aws:RequestTag/{tag.get('Key', '')}": tag.get("Value", "") for tag in members.get("Tags", ())}
