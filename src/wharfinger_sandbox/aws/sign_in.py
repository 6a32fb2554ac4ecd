"""The database login of a Data API request, through the same credentials calls that the service makes."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.credentials import CredentialsService
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.secrets import Secrets
from wharfinger_sandbox.aws.warehouse import Warehouse
from wharfinger_sandbox.logins import HIDDEN_DATABASES, Login, hidden_database
from wharfinger_sandbox.users import Users


class SignIn:
    """The authentication choices of redshift-facts §1.11: a secret, a named user or the caller's own identity."""

    def __init__(self, warehouse: Warehouse, credentials: CredentialsService, users: Users, secrets: Secrets) -> None:
        self._warehouse = warehouse
        self._credentials_service = credentials
        self._users = users
        self._secrets = secrets

    def resource(self, caller: Caller, body: dict[str, Any]) -> str:
        """The ARN of the cluster or workgroup that `body` names in the caller's region, `*` when it names none.

        Raises ApiError ValidationException `Redshift endpoint doesn't exist in this region.`
        """
        return self._warehouse.target_arn(body, caller.region)

    async def __call__(self, caller: Caller, body: dict[str, Any]) -> Login:
        """The login of the request's database user; creates a missing `IAM:` user.

        Raises ApiError ValidationException for an unknown target, a refused credentials call or a missing secret,
        LoginRefused when the database refuses.
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
            # The service returns the message of the refused call as a ValidationException (redshift-facts §1.11).
            raise validation(error.message) from None

    def connection_slot(self, login: Login) -> AbstractAsyncContextManager[None]:
        """Take one connection of the CONNECTION LIMIT, shared with the wire port, for the length of the block.

        Raises LoginRefused.
        """
        return self._users.connection_slot(login)

    async def _by_secret(self, caller: Caller, body: dict[str, Any]) -> Login:
        secret = await self._secrets.database_login(caller, body["SecretArn"], body.get("ClusterIdentifier"))
        return await self._users.check(secret.user, secret.password, database=body.get("Database", ""), tls=True)

    async def _on_cluster(self, caller: Caller, body: dict[str, Any]) -> Login:
        cluster, database, user = body["ClusterIdentifier"], body.get("Database"), body.get("DbUser")
        if user is None:
            self._credentials_service.require_with_iam(caller, cluster, database)
            return await self._users.login_without_password(caller.database_user, is_identity=True)
        self._credentials_service.require_named(caller, cluster, user, database)
        return await self._users.login_without_password(user)

    async def _on_workgroup(self, caller: Caller, body: dict[str, Any]) -> Login:
        if body.get("DbUser") is not None:
            # Serverless has no choice of DbUser (redshift-facts §1.11); the service's text is unverified.
            raise validation(
                "DbUser is not supported with WorkgroupName: temporary credentials are the identity's own."
            )
        self._credentials_service.require_serverless(caller)
        return await self._users.login_without_password(caller.database_user, is_identity=True)
