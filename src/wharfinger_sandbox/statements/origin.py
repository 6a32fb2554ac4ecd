"""Who sent a Data API request, to which target, and as which database user it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wharfinger_sandbox.logins import Login, LoginRefused


@dataclass(slots=True)
class Origin:
    """The sender and the target of a request; the lists filter by them and the responses repeat them.

    `owner` is the IAM user or role that may see the statement (`Caller.owner`), `owner_session` the `aws:userid` of
    one IAM session, `principal` the ARN. `target` holds the ClusterIdentifier or WorkgroupName member as given.
    """

    owner: str
    owner_session: str
    principal: str
    target: dict[str, str]
    database: str
    secret_arn: str | None
    login: Login | LoginRefused

    def document(self) -> dict[str, Any]:
        """The target, database and user members that every response about the statement repeats."""
        members: dict[str, Any] = {**self.target, "Database": self.database}
        if self.secret_arn is not None:
            members["SecretArn"] = self.secret_arn
        elif self.db_user:
            members["DbUser"] = self.db_user
        return members

    @property
    def db_user(self) -> str:
        """The database user, "" when the login was refused."""
        return getattr(self.login, "user", "")
