"""Database logins in Secrets Manager, for the Data API (redshift-facts §1.11)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from moto.secretsmanager.models import FakeSecret, secretsmanager_backends

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.policies import Context

NOT_FOUND = "Secrets Manager can't find the specified secret."


@dataclass(frozen=True)
class DatabaseLogin:
    """The user and password in a secret."""

    user: str
    password: str = field(repr=False)


class Secrets:
    """Finds secrets in moto's Secrets Manager and reads database logins from them."""

    def __init__(self, account: str) -> None:
        self._account = account

    def find(self, name: str, region: str) -> FakeSecret | None:
        """The secret with that name or ARN, None when there is none."""
        found = secretsmanager_backends[self._account][region].secrets.get(name)
        return found if isinstance(found, FakeSecret) else None

    def arn_of(self, name: str, region: str) -> str:
        """The secret's ARN; for a missing secret the ARN that policies are evaluated with."""
        secret = self.find(name, region)
        if secret is not None:
            return str(secret.arn)
        return name if name.startswith("arn:") else f"arn:aws:secretsmanager:{region}:{self._account}:secret:{name}"

    def keys_of(self, name: str, region: str) -> Context:
        """The condition keys of the secret: its id and its tags."""
        secret = self.find(name, region)
        keys = {"secretsmanager:SecretId": name}
        for tag in (secret.tags or []) if secret is not None else []:
            keys[f"secretsmanager:ResourceTag/{tag.get('Key', '')}"] = tag.get("Value", "")
            keys[f"aws:ResourceTag/{tag.get('Key', '')}"] = tag.get("Value", "")
        return keys

    async def database_login(self, caller: Caller, name: str, cluster: str | None) -> DatabaseLogin:
        """The login in the secret `name`, read with the caller's permissions.

        Raises ApiError for a missing secret or permission, a wrong format, or a secret of another `cluster`.
        """
        region = caller.region
        context = self.keys_of(name, region)
        caller.require("secretsmanager:GetSecretValue", self.arn_of(name, region), context)
        secret = self.find(name, region)
        if secret is None or secret.is_deleted():
            raise ApiError("ResourceNotFoundException", NOT_FOUND)
        if secret.kms_key_id:
            caller.require("kms:Decrypt", _key_arn(secret.kms_key_id, region, self._account))
        return _login(_current_text(secret), cluster)


def _current_text(secret: FakeSecret) -> str | None:
    for version in secret.versions.values():
        if "AWSCURRENT" in version.get("version_stages", ()):
            text = version.get("secret_string")
            return None if text is None else str(text)
    return None


def _login(text: str | None, cluster: str | None) -> DatabaseLogin:
    try:
        content: Any = json.loads(text or "")
    except ValueError:
        content = None
    if not isinstance(content, dict) or not content.get("username") or not content.get("password"):
        raise validation("The secret must be a JSON object with username and password.")
    named = content.get("dbClusterIdentifier")
    if named is not None and cluster is not None and named != cluster:
        raise validation("The dbClusterIdentifier in the secret does not match the ClusterIdentifier of the request.")
    return DatabaseLogin(str(content["username"]), str(content["password"]))


def _key_arn(key: str, region: str, account: str) -> str:
    return key if key.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"
