"""Who a Data API request logs in as: the inner credentials calls of the service, with their refusals."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.credentials import CredentialsService
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.secrets import Secrets
from wharfinger_sandbox.aws.warehouse import Warehouse
from wharfinger_sandbox.users import HIDDEN_DATABASES, Login, Users, hidden_database


class SignIn:
    """The combinations of redshift-facts §1.11: cluster or workgroup, with a secret, a named user or the identity."""

    def __init__(self, warehouse: Warehouse, grants: CredentialsService, users: Users, secrets: Secrets) -> None:
        self._warehouse = warehouse
        self._grants = grants
        self._users = users
        self._secrets = secrets

    def resource(self, caller: Caller, body: dict[str, Any]) -> str:
        """The ARN of the cluster or workgroup that `body` names in the caller's region, `*` without one.

        Raises ApiError ValidationException `Redshift endpoint doesn't exist in this region.`
        """
        return self._warehouse.target_arn(body, caller.region)

    async def __call__(self, caller: Caller, body: dict[str, Any]) -> Login:
        """The database user of this request; makes an `IAM:` user that is not there yet.

        Raises ApiError (ValidationException) for an unknown target, a refused credentials call or a missing secret,
        LoginRefused when the database says no.
        """
        self.resource(caller, body)
        if body.get("Database") in HIDDEN_DATABASES:
            raise hidden_database(body["Database"])
        try:
            if body.get("SecretArn") is not None:
                return await self._by_secret(caller, body)
            if body.get("ClusterIdentifier") is not None:
                return await self._on_cluster(caller, body)
            return await self._on_workgroup(caller, body)
        except ApiError as error:
            # The service passes on what its inner call said, as a ValidationException (redshift-facts §1.11).
            raise validation(error.message) from None

    def connection_slot(self, login: Login) -> AbstractAsyncContextManager[None]:
        """Holds one connection of `login` against its limit, those on the wire counted too; raises LoginRefused."""
        return self._users.connection_slot(login)

    async def _by_secret(self, caller: Caller, body: dict[str, Any]) -> Login:
        secret = await self._secrets.database_login(caller, body["SecretArn"], body.get("ClusterIdentifier"))
        return await self._users.check(secret.user, secret.password, database=body.get("Database", ""), tls=True)

    async def _on_cluster(self, caller: Caller, body: dict[str, Any]) -> Login:
        cluster, database, user = body["ClusterIdentifier"], body.get("Database"), body.get("DbUser")
        if user is None:
            self._grants.require_with_iam(caller, cluster, database)
            return await self._users.login_without_password(caller.database_user, is_identity=True)
        self._grants.require_named(caller, cluster, user, database)
        return await self._users.login_without_password(user)

    async def _on_workgroup(self, caller: Caller, body: dict[str, Any]) -> Login:
        if body.get("DbUser") is not None:
            # The service's own words for this are not known (redshift-facts §1.11: no DbUser choice on serverless).
            raise validation(
                "DbUser is not supported with WorkgroupName: temporary credentials are the identity's own."
            )
        self._grants.require_serverless(caller)
        return await self._users.login_without_password(caller.database_user, is_identity=True)
