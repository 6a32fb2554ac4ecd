"""The identity that sent a request, and the decisions of its policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.policies import Context, Policy, Verdict, decide

DENIED_CODES = {"query": "AccessDenied", "ec2": "UnauthorizedOperation", "json": "AccessDeniedException"}


@dataclass(frozen=True)
class Caller:
    """The identity of one authenticated request.

    `name` is the name of the IAM user or role, `user_id` the value of `aws:userid` (`AIDA…` or `AROA…:session`),
    `region` the region the request was signed for, `tags` the principal and session tags.
    """

    arn: str
    account: str
    name: str
    user_id: str
    kind: Literal["user", "role"]
    region: str = "us-east-1"
    policies: tuple[Policy, ...] = field(default=(), repr=False)
    session_policies: tuple[Policy, ...] = field(default=(), repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The id of the IAM user or role. Callers with the same value see each other's statements.

        Source: redshift-facts §1.3.
        """
        return self.user_id.partition(":")[0]

    @property
    def database_user(self) -> str:
        """The database user this identity maps to, `IAM:<user>` or `IAMR:<role>` (redshift-facts §2)."""
        return f"{'IAM' if self.kind == 'user' else 'IAMR'}:{self.name}"

    def verdict(self, action: str, resource: str = "*", context: Context | None = None) -> Verdict:
        """The policies' decision on `action` on `resource`; `context` holds the request's condition keys."""
        full = {**self._own_keys(), **(context or {})}
        verdict = decide(self.policies, action, resource, full)
        if verdict is Verdict.ALLOWED and self.session_policies:
            session = decide(self.session_policies, action, resource, full)
            return Verdict.NO_SESSION_ALLOW if session is Verdict.NO_ALLOW else session
        return verdict

    def allows(self, action: str, resource: str = "*", context: Context | None = None) -> bool:
        """Whether the policies allow `action` on `resource`."""
        return self.verdict(action, resource, context) is Verdict.ALLOWED

    def refusal(self, action: str, resource: str = "*", context: Context | None = None) -> str | None:
        """AWS's message when the policies refuse `action` on `resource`, None when they allow it."""
        verdict = self.verdict(action, resource, context)
        if verdict is Verdict.ALLOWED:
            return None
        return (
            f"User: {self.arn} is not authorized to perform: {action} on resource: {resource} {verdict.reason(action)}"
        )

    def require(
        self, action: str, resource: str = "*", context: Context | None = None, *, protocol: str = "json"
    ) -> None:
        """Check that the policies allow `action` on `resource`. Raises the access-denied ApiError of `protocol`."""
        refusal = self.refusal(action, resource, context)
        if refusal:
            raise denied(refusal, protocol)

    def _own_keys(self) -> dict[str, str | list[str]]:
        keys: dict[str, str | list[str]] = {
            "aws:userid": self.user_id,
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": "User" if self.kind == "user" else "AssumedRole",
            **{f"aws:PrincipalTag/{key}": value for key, value in self.tags.items()},
        }
        if self.kind == "user":
            keys["aws:username"] = self.name
        return keys


def denied(message: str, protocol: str = "json") -> ApiError:
    """The access-denied error with `message`, with the code and HTTP status of `protocol`."""
    if protocol == "json":
        return ApiError(DENIED_CODES[protocol], message)
    return ApiError(DENIED_CODES[protocol], message, status=403)
