"""Temporary database credentials: which permissions each kind needs, and what is issued (redshift-facts §1.11, §2)."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.constraints import constraint_error
from wharfinger_sandbox.aws.protocol import Protocol
from wharfinger_sandbox.aws.warehouse import Warehouse
from wharfinger_sandbox.users import TemporaryCredentials, Users

SHORTEST, LONGEST = 900, 3600


def seconds_of(value: Any, protocol: Protocol) -> int:
    """DurationSeconds, 900 unless given. Raises ApiError outside 900-3600."""
    seconds = SHORTEST if value is None else int(value)
    if SHORTEST <= seconds <= LONGEST:
        return seconds
    bound = f"greater than or equal to {SHORTEST}" if seconds < SHORTEST else f"less than or equal to {LONGEST}"
    raise constraint_error(protocol, seconds, "durationSeconds", f"have value {bound}")


class CredentialsService:
    """The rules of the three credentials calls, for the control planes and for the Data API's inner calls alike."""

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
        """GetClusterCredentials: the user, the database, and CreateClusterUser and JoinGroup where asked for."""
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
        """GetClusterCredentialsWithIAM: the database, or any without one."""
        context = {"redshift:DurationSeconds": str(seconds)}
        if database is not None:
            context["redshift:DbName"] = database
        resource = self._warehouse.dbname_arn(cluster, database or "*", caller.region)
        caller.require("redshift:GetClusterCredentialsWithIAM", resource, context, protocol="query")

    def require_serverless(self, caller: Caller) -> None:
        """GetCredentials on the workgroup, its tags among the keys."""
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
        """A password for the named user; whether the user exists is found out at login."""
        return await self._users.issue(user, seconds=seconds, autocreate=autocreate, groups=groups, database=database)

    async def issue_for_identity(self, caller: Caller, *, seconds: int, database: str | None) -> TemporaryCredentials:
        """A password for the identity's own `IAM:` or `IAMR:` user."""
        return await self._users.issue(caller.database_user, seconds=seconds, is_identity=True, database=database)
