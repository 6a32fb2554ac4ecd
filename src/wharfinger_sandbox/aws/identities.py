"""Access keys of IAM users, and sessions of users and roles.

Users, roles and policies are stored in moto's IAM, so that a change through the IAM API takes effect at once. Sessions
(AssumeRole, GetSessionToken) are stored here.
"""

from __future__ import annotations

import functools
import secrets
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.iam.models import IAMBackend, iam_backends

from wharfinger_sandbox.aws import policies
from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.policies import Policy

_LETTERS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class AccessKey:
    """An access key. `caller` returns its identity for a region; temporary keys have `token` and `expires_at`."""

    access_key_id: str
    secret: str = field(repr=False)
    caller: Callable[[str], Caller] = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


class Identities:
    """The identities of `account`. `clock` returns the current time."""

    def __init__(self, account: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.account = account
        self._clock = clock
        self._sessions: dict[str, AccessKey] = {}

    @property
    def iam(self) -> IAMBackend:
        """moto's IAM backend with users, roles, groups and policies."""
        return iam_backends[self.account]["aws"]

    def key(self, access_key_id: str) -> AccessKey | None:
        """The active or expired key with that id, long-term or temporary; None when there is none."""
        session = self._sessions.get(access_key_id)
        if session:
            return session
        for user in self.iam.users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key_id and key.status == "Active":
                    return AccessKey(access_key_id, key.secret_access_key, functools.partial(self._user, user.name))
        return None

    def assume_role(
        self,
        role: Any,
        session_name: str,
        *,
        seconds: int,
        policy: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> AccessKey:
        """Create a temporary key for a session of `role` (moto's Role) that ends after `seconds`."""
        session_policies = (policies.parse(policy),) if policy else ()

        def caller(region: str) -> Caller:
            return Caller(
                arn=f"arn:aws:sts::{self.account}:assumed-role/{role.name}/{session_name}",
                account=self.account,
                name=role.name,
                user_id=f"{role.id}:{session_name}",
                kind="role",
                region=region,
                policies=_documents(role),
                session_policies=session_policies,
                tags={**_tags(role.tags), **(tags or {})},
            )

        return self._temporary(caller, seconds)

    def user_session(self, user_name: str, *, seconds: int) -> AccessKey:
        """Create a temporary key for the IAM user `user_name` (GetSessionToken)."""
        return self._temporary(functools.partial(self._user, user_name), seconds)

    def remove_expired(self, before: datetime) -> None:
        """Remove the sessions that ended before `before`."""
        self._sessions = {
            name: key for name, key in self._sessions.items() if key.expires_at is None or key.expires_at > before
        }

    def _user(self, name: str, region: str) -> Caller:
        user = self.iam.users[name]
        groups = self.iam.get_groups_for_user(name)
        return Caller(
            arn=user.arn,
            account=self.account,
            name=name,
            user_id=user.id,
            kind="user",
            region=region,
            policies=tuple(policy for holder in (user, *groups) for policy in _documents(holder)),
            tags=_tags(user.tags or []),
        )

    def _temporary(self, caller: Callable[[str], Caller], seconds: int) -> AccessKey:
        now = self._clock()
        # AWS reports an expired key as expired for some time before it reports it as unknown.
        self.remove_expired(now - timedelta(days=1))
        key = AccessKey(
            access_key_id="ASIA" + "".join(secrets.choice(_LETTERS) for _ in range(16)),
            secret=secrets.token_urlsafe(30),
            caller=caller,
            token=secrets.token_urlsafe(180),
            expires_at=(now + timedelta(seconds=seconds)).replace(microsecond=0),
        )
        self._sessions[key.access_key_id] = key
        return key


def _documents(holder: Any) -> tuple[Policy, ...]:
    """The inline and attached policies of a user, group or role of moto."""
    attached = (
        version.document
        for policy in holder.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    )
    return tuple(_parsed(document) for document in (*holder.policies.values(), *attached))


@functools.lru_cache(maxsize=512)
def _parsed(document: str) -> Policy:
    return policies.parse(document)


def _tags(pairs: Iterable[Any]) -> dict[str, str]:
    items = pairs.values() if isinstance(pairs, Mapping) else pairs
    return {pair["Key"]: pair["Value"] for pair in items}
