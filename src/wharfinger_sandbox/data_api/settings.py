"""The Data API's settings, and the sign-in it needs from the AWS side."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.settings import Settings

__all__ = ["Settings", "SignIn"]


class SignIn(Protocol):
    """Finds the database user of a request from its authentication members (redshift-facts §1.11)."""

    def resource(self, caller: Caller, body: dict[str, Any]) -> str:
        """The ARN of the cluster or workgroup that `body` names in the caller's region, `*` when it names none.

        Raises ApiError ValidationException `Redshift endpoint doesn't exist in this region.`
        """
        ...

    async def __call__(self, caller: Caller, body: dict[str, Any]) -> Login:
        """The login of the request's database user; creates a missing `IAM:` user.

        Raises ApiError for a refused credentials call or a missing secret, LoginRefused when the database refuses.
        """
        ...

    def connection_slot(self, login: Login) -> AbstractAsyncContextManager[None]:
        """Take one connection of the CONNECTION LIMIT for the length of the block. Raises LoginRefused."""
        ...
