"""Database users as the front door sees them: temporary passwords, and the check of every password.

Passwords from GetClusterCredentials, GetClusterCredentialsWithIAM and GetCredentials live in memory only and end by
themselves; passwords of CREATE USER are kept by the catalog as their digest and checked here. Nothing in this module
logs or prints a password.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from wharfinger_sandbox.engine import Engine

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Login:
    """One successful sign-in: the user's name, the engine role its statements run as, and its rights in short.

    `groups` are the groups joined for this session only (DbGroups of GetClusterCredentials).
    """

    user: str
    role: str
    superuser: bool
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class TemporaryCredentials:
    """What a credentials call hands out; `user` is exactly what to log in with (`IAM:alice`, `IAMA:alice`)."""

    user: str
    password: str = field(repr=False)
    expires_at: datetime


class LoginRefused(Exception):
    """A login the database refused; `text` starts with `FATAL: `, `sqlstate` is Redshift's."""

    def __init__(self, text: str, sqlstate: str = "28000") -> None:
        super().__init__(text)
        self.text = text
        self.sqlstate = sqlstate


class Users:
    """Issues temporary passwords and checks every login."""

    def __init__(self, engine: Engine, *, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._clock = clock

    async def issue(
        self, user: str, *, seconds: int, autocreate: bool = False, groups: tuple[str, ...] = (), literal: bool = False
    ) -> TemporaryCredentials:
        """A password for `user` that logs in for `seconds` (900-3600).

        `literal`: `user` is an identity's own `IAM:`/`IAMR:` name, made at first login; otherwise the named user, made
        only with `autocreate`. `groups` join for the session only.
        """
        raise NotImplementedError

    async def check(self, user: str, password: str, *, database: str, tls: bool) -> Login:
        """The login of `user` by password, or LoginRefused."""
        raise NotImplementedError

    async def enter(self, user: str, *, literal: bool = False) -> Login:
        """The login of `user` by credentials the Data API just made for itself, or LoginRefused."""
        async with self._engine.admin() as connection:
            row = await (await connection.execute("select 1 from pg_roles where rolname = %s", [user])).fetchone()
            if row is None and literal:
                await connection.execute(sql.SQL("create role {} login").format(sql.Identifier(user)))
            elif row is None:
                raise LoginRefused(f'FATAL: password authentication failed for user "{user}"')
        return Login(user, user, user == "IAM:admin")
