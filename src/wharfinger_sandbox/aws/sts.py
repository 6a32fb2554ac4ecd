"""The Security Token Service: the caller's identity, and sessions of roles and users."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from wharfinger_sandbox.aws import policies
from wharfinger_sandbox.aws.call import Call, dispatch
from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.conditions import ConditionKeys
from wharfinger_sandbox.aws.constraints import constraint_error
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.identities import AccessKey, Identities
from wharfinger_sandbox.aws.policies import Verdict

_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


class Sts:
    """The service sts 2011-06-15: GetCallerIdentity, AssumeRole, GetSessionToken, GetAccessKeyInfo."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._operations: dict[str, Callable[[Call], Awaitable[dict[str, Any]]]] = {
            "GetCallerIdentity": self._caller_identity,
            "AssumeRole": self._assume_role,
            "GetSessionToken": self._session_token,
            "GetAccessKeyInfo": self._key_info,
        }

    async def __call__(self, call: Call) -> dict[str, Any]:
        """Run one operation (a Handler)."""
        return await dispatch(self._operations, call)

    async def _caller_identity(self, call: Call) -> dict[str, Any]:
        """GetCallerIdentity, which needs no permission."""
        return {"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}

    async def _assume_role(self, call: Call) -> dict[str, Any]:
        members = call.members
        name = members["RoleSessionName"]
        if not _SESSION_NAME.fullmatch(name):
            raise constraint_error("query", name, "roleSessionName", r"satisfy regular expression pattern: [\w+=,.@-]*")
        role = self._role(members["RoleArn"], call.caller)
        tags = {tag["Key"]: tag["Value"] for tag in members.get("Tags", ())}
        self._check_trust(role, call, tags)
        seconds = _role_seconds(members.get("DurationSeconds"), role, call.caller)
        policy = members.get("Policy")
        try:
            key = self._identities.assume_role(role, name, seconds=seconds, policy=policy, tags=tags)
        except policies.MalformedPolicy as error:
            raise ApiError("MalformedPolicyDocument", str(error)) from None
        session = key.caller(call.caller.region)
        return {
            "Credentials": _credentials(key),
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        }

    async def _session_token(self, call: Call) -> dict[str, Any]:
        if call.caller.kind != "user":
            raise ApiError("AccessDenied", "Cannot call GetSessionToken with session credentials", status=403)
        seconds = call.members.get("DurationSeconds", 43200)
        if not 900 <= seconds <= 129600:
            raise constraint_error("query", seconds, "durationSeconds", "have value between 900 and 129600")
        return {"Credentials": _credentials(self._identities.user_session(call.caller.name, seconds=seconds))}

    async def _key_info(self, call: Call) -> dict[str, Any]:
        if self._identities.key(call.members["AccessKeyId"]) is None:
            raise ApiError("AccessDenied", "The access key is not known to the sandbox", status=403)
        return {"Account": self._identities.account}

    def _role(self, arn: str, caller: Caller) -> Any:
        for role in self._identities.iam.roles.values():
            if role.arn == arn:
                return role
        # AWS returns the same error for a missing role and for one that the caller may not assume.
        raise _not_trusted(caller, "sts:AssumeRole", arn)

    def _check_trust(self, role: Any, call: Call, tags: dict[str, str]) -> None:
        needed = ["sts:AssumeRole", *(["sts:TagSession"] if tags else [])]
        for action in needed:
            if not _may_assume(role, call, action, tags):
                raise _not_trusted(call.caller, action, role.arn)


def _may_assume(role: Any, call: Call, action: str, tags: dict[str, str]) -> bool:
    """Whether the caller may perform `action` on `role`.

    The trust policy must allow it and, unless it names the caller by ARN, the caller's own policies as well.
    """
    caller = call.caller
    trust = policies.parse(role.assume_role_policy_document)
    context: dict[str, Any] = {
        "sts:RoleSessionName": call.members["RoleSessionName"],
        "aws:PrincipalArn": caller.arn,
        "aws:PrincipalAccount": caller.account,
        "aws:userid": caller.user_id,
        **{f"aws:PrincipalTag/{key}": value for key, value in caller.tags.items()},
        **{f"aws:RequestTag/{key}": value for key, value in tags.items()},
    }
    if "ExternalId" in call.members:
        context["sts:ExternalId"] = call.members["ExternalId"]
    keys = ConditionKeys(context)
    itself, account = _principals(caller)
    fitting = [one for one in trust.statements if one.applies_to_trust(action, keys)]
    if any(one.effect == "Deny" and one.names(*itself, *account) for one in fitting):
        return False
    own = caller.verdict(action, role.arn, context)
    if own is Verdict.DENIED:
        return False
    allows = [one for one in fitting if one.effect == "Allow"]
    if any(one.names(*itself) for one in allows) and not caller.session_policies:
        return True
    return own is Verdict.ALLOWED and any(one.names(*itself, *account) for one in allows)


def _principals(caller: Caller) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The principals in a trust policy that mean the caller itself, and those that mean its account."""
    account = (caller.account, f"arn:aws:iam::{caller.account}:root")
    if caller.kind == "user":
        return (caller.arn, "*"), account
    return (caller.arn, f"arn:aws:iam::{caller.account}:role/{caller.name}", "*"), account


def _role_seconds(value: int | None, role: Any, caller: Caller) -> int:
    longest = int(role.max_session_duration or 3600)
    seconds = 3600 if value is None else value
    if seconds < 900:
        raise constraint_error("query", seconds, "durationSeconds", "have value greater than or equal to 900")
    if caller.kind == "role" and seconds > 3600:
        raise ApiError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    if seconds > longest:
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise ApiError("ValidationError", text)
    return seconds


def _credentials(key: AccessKey) -> dict[str, Any]:
    return {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret,
        "SessionToken": key.token,
        "Expiration": key.expires_at,
    }


def _not_trusted(caller: Caller, action: str, arn: str) -> ApiError:
    text = f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn}"
    return ApiError("AccessDenied", text, status=403)
