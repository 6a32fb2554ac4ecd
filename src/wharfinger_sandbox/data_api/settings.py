"""What the Data API needs of the AWS front, and its settings."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.statements.settings import Settings
from wharfinger_sandbox.users import Login

__all__ = ["Settings", "SignIn"]


class SignIn(Protocol):
    """The AWS front's answer to who logs in where, from a request's authentication members."""

    def resource(self, caller: Caller, body: dict[str, Any]) -> str:
        """The ARN of the cluster or workgroup that `body` names in the region of the caller's request, `*` without one.

        Raises ApiError ValidationException `Redshift endpoint doesn't exist in this region.`
        """
        ...

    async def __call__(self, caller: Caller, body: dict[str, Any]) -> Login:
        """The database user of this request; makes an `IAM:` user that is not there yet.

        Raises ApiError for a refused credentials call or a missing secret, LoginRefused when the database says no.
        """
        ...

    def connection_slot(self, login: Login) -> AbstractAsyncContextManager[None]:
        """Holds one connection of `login` against its limit; raises LoginRefused."""
        ...
