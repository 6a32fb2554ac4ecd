"""What the Data API is told by whoever builds it, and what it needs of the AWS front."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.users import Login


@dataclass(frozen=True, slots=True)
class Settings:
    """Folder for results, and the service's limits (redshift-facts §1.10).

    Times are seconds, sizes bytes; `spool` is emptied at the start.
    """

    spool: Path
    statement_bytes: int = 100_000
    row_bytes: int = 64 * 1024
    result_bytes: int = 500 * 1024 * 1024
    page_bytes: int = 1024 * 1024
    active_statements: int = 500
    sessions: int = 500
    session_seconds: int = 24 * 3600
    retention_seconds: int = 24 * 3600
    token_seconds: int = 8 * 3600
    waiters_per_statement: int = 10


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
