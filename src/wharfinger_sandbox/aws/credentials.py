"""Temporary database credentials: the permissions for each kind, and their issue (redshift-facts §1.11, §2)."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.constraints import constraint_error
from wharfinger_sandbox.aws.protocol import Protocol
from wharfinger_sandbox.aws.warehouse import Warehouse
from wharfinger_sandbox.users import TemporaryCredentials, Users

SHORTEST, LONGEST = 900, 3600


def seconds_of(value: Any, protocol: Protocol) -> int:
    """The value of DurationSeconds, 900 for None. Raises ApiError outside 900-3600."""
    seconds = SHORTEST if value is None else int(value)
    if SHORTEST <= seconds <= LONGEST:
        return seconds
    bound = f"greater than or equal to {SHORTEST}" if seconds < SHORTEST else f"less than or equal to {LONGEST}"
    raise constraint_error(protocol, seconds, "durationSeconds", f"have value {bound}")


class CredentialsService:
    """The three credentials calls, used by the control planes and by the Data API's sign-in."""

    def __init__(self, warehouse: Warehouse, users: Users) -> None:
        self._warehouse = warehouse
        self._users = users

    def require_named(
        self,
        caller: Caller,
        cluster: str,
        user: str,
        database: str | None,
        *,
        autocreate: bool = False,
        groups: tuple[str, ...] = (),
        seconds: int = SHORTEST,
    ) -> None:
        """Check the permissions of GetClusterCredentials for the user, the database and the groups. Raises ApiError."""
        arns, region = self._warehouse, caller.region
        context = {"redshift:DbUser": user, "redshift:DurationSeconds": str(seconds)}
        if database is not None:
            context["redshift:DbName"] = database
        wanted = [("redshift:GetClusterCredentials", arns.dbuser_arn(cluster, user, region))]
        if database is not None:
            wanted.append(("redshift:GetClusterCredentials", arns.dbname_arn(cluster, database, region)))
        if autocreate:
            wanted.append(("redshift:CreateClusterUser", arns.dbuser_arn(cluster, user, region)))
        wanted += [("redshift:JoinGroup", arns.dbgroup_arn(cluster, group, region)) for group in groups]
        for action, resource in wanted:
            caller.require(action, resource, context, protocol="query")

    def require_with_iam(self, caller: Caller, cluster: str, database: str | None, *, seconds: int = SHORTEST) -> None:
        """Check the permission of GetClusterCredentialsWithIAM; `database` None means any. Raises ApiError."""
        context = {"redshift:DurationSeconds": str(seconds)}
        if database is not None:
            context["redshift:DbName"] = database
        resource = self._warehouse.dbname_arn(cluster, database or "*", caller.region)
        caller.require("redshift:GetClusterCredentialsWithIAM", resource, context, protocol="query")

    def require_serverless(self, caller: Caller) -> None:
        """Check the permission of GetCredentials on the workgroup, with its tags as condition keys. Raises ApiError."""
        resource = self._warehouse.workgroup_arn
        tags = self._warehouse.tags.get(resource, {})
        caller.require(
            "redshift-serverless:GetCredentials",
            resource,
            {f"aws:ResourceTag/{key}": value for key, value in tags.items()},
        )

    async def issue_named(
        self, user: str, *, seconds: int, autocreate: bool, groups: tuple[str, ...], database: str | None
    ) -> TemporaryCredentials:
        """Issue a password for `user`. Whether the user exists is checked at login (redshift-facts §2)."""
        return await self._users.issue(user, seconds=seconds, autocreate=autocreate, groups=groups, database=database)

    async def issue_for_identity(self, caller: Caller, *, seconds: int, database: str | None) -> TemporaryCredentials:
        """Issue a password for the identity's own `IAM:` or `IAMR:` user."""
        return await self._users.issue(caller.database_user, seconds=seconds, is_identity=True, database=database)
