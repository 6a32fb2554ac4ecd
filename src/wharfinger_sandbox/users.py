"""Database users: temporary passwords, the check of every password, and connection limits.

Passwords from GetClusterCredentials, GetClusterCredentialsWithIAM and GetCredentials are held in memory until they
expire (redshift-facts §2). Those of CREATE USER are stored as a digest in the catalog. No password is logged.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from wharfinger_sandbox.dialect import engine_user
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.logins import Login, LoginRefused, tls_required, wrong_password
from wharfinger_sandbox.passwords import StoredPassword, matches, md5

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class TemporaryCredentials:
    """The result of a credentials call; `user` is the name to log in with (`IAM:alice`, `IAMA:alice`)."""

    user: str
    password: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class _TemporaryPassword:
    """A temporary password that is valid until `expires_at`; it logs in as `user`."""

    user: str
    digest: bytes = field(repr=False)
    expires_at: datetime
    autocreate: bool
    groups: tuple[str, ...]
    is_identity: bool
    database: str | None


class Users:
    """Issues temporary passwords and checks every login. `clock` returns the current time."""

    def __init__(self, engine: Engine, *, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._clock = clock
        self._issued: dict[str, list[_TemporaryPassword]] = {}
        self._connections: Counter[str] = Counter()
        self._joined_groups: Counter[tuple[str, str]] = Counter()

    async def issue(
        self,
        user: str,
        *,
        seconds: int,
        autocreate: bool = False,
        groups: tuple[str, ...] = (),
        is_identity: bool = False,
        database: str | None = None,
    ) -> TemporaryCredentials:
        """Issue a password for `user` that is valid for `seconds` (900-3600) (redshift-facts §2).

        `is_identity`: `user` is an identity's own `IAM:` or `IAMR:` name and is created at the first login. Any other
        user is created only with `autocreate`. The user joins `groups` for the session only. The password is valid
        for `database` only, for every database when that is None.
        """
        name = user if is_identity else f"{'IAMA' if autocreate else 'IAM'}:{user}"
        password = secrets.token_urlsafe(32)
        expires_at = (self._clock() + timedelta(seconds=seconds)).replace(microsecond=0)
        issued = _TemporaryPassword(user, _digest(password), expires_at, autocreate, groups, is_identity, database)
        self._issued = {one: current for one in self._issued if (current := self._unexpired(one))}
        self._issued[name] = [*self._unexpired(name), issued]
        return TemporaryCredentials(name, password, expires_at)

    async def check(self, user: str, password: str, *, tls: bool, host: str = "127.0.0.1", database: str = "") -> Login:
        """Check `password`, temporary or stored, and return the login. Raises LoginRefused.

        A temporary password needs `tls`, and the database it was issued for. `host` is used in a refusal's text.
        """
        for issued in self._unexpired(user):
            if hmac.compare_digest(issued.digest, _digest(password)):
                if not tls:
                    raise tls_required(host, user, database)
                if issued.database not in (None, database):
                    raise wrong_password(user)
                return await self.login_without_password(
                    issued.user,
                    is_identity=issued.is_identity,
                    autocreate=issued.autocreate,
                    groups=issued.groups,
                    name=user,
                )
        return await self.check_with(user, lambda stored: matches(stored, user, password))

    async def check_with(self, user: str, accepts: Callable[[StoredPassword], bool]) -> Login:
        """The login of `user` if `accepts` returns True for the stored password. Raises LoginRefused."""
        about = await self._login_facts(user)
        if not about["exists"] or not about["can_login"] or self._is_expired(about):
            raise wrong_password(user)
        stored = _stored(about)
        if stored is None or not accepts(stored):
            raise wrong_password(user)
        return _login(user, about)

    async def login_without_password(
        self,
        user: str,
        *,
        is_identity: bool = False,
        autocreate: bool = False,
        groups: tuple[str, ...] = (),
        name: str | None = None,
    ) -> Login:
        """The login of `user`, whose credentials have been checked already. Raises LoginRefused.

        A missing user is created, with PUBLIC's rights only, for an identity (`is_identity`) and with `autocreate`.
        `name` replaces `user` in a refusal's text.
        """
        about = await self._login_facts(user)
        if not about["exists"] and (is_identity or autocreate):
            await self._create_iam_user(user)
            about = await self._login_facts(user)
        if not about["exists"] or not about["can_login"]:
            raise wrong_password(name or (user if is_identity else f"IAM:{user}"))
        return replace(_login(user, about), groups=tuple(group for group in groups if group not in about["groups"]))

    async def set_password(self, user: str, password: str) -> None:
        """Set the password of `user`, stored in Redshift's default form."""
        stored = {"kind": "md5", "digest": md5(user, password)}
        async with self._engine.admin() as connection:
            await connection.execute("call pg_catalog.wf_alter_user(%s)", [Jsonb({"name": user, "password": stored})])

    async def stored_password(self, user: str) -> StoredPassword | None:
        """The user's stored password, None when the user or the password does not exist."""
        return _stored(await self._login_facts(user))

    @asynccontextmanager
    async def connection_slot(self, login: Login) -> AsyncIterator[None]:
        """Take one connection of the CONNECTION LIMIT and join the session's groups, for the length of the block.

        Raises LoginRefused.
        """
        limit = login.connection_limit
        if limit is not None and not login.superuser and self._connections[login.user] >= limit:
            # The text is that of the cluster's limit (redshift-facts §7.42); for a user's limit it is unverified.
            raise LoginRefused(f'FATAL: connection limit "{limit}" exceeded for user "{login.user}"', "53300")
        self._connections[login.user] += 1
        try:
            await self._join_groups(login)
            yield
        finally:
            self._connections[login.user] -= 1
            await self._leave_groups(login)

    def _is_expired(self, about: dict[str, Any]) -> bool:
        until = about.get("valid_until")
        return until is not None and datetime.fromisoformat(until) <= self._clock()

    def _unexpired(self, name: str) -> list[_TemporaryPassword]:
        now = self._clock()
        return [issued for issued in self._issued.get(name, ()) if issued.expires_at > now]

    async def _login_facts(self, user: str) -> dict[str, Any]:
        async with self._engine.admin() as connection:
            row = await (await connection.execute("select pg_internal.wf_login(%s)", [user])).fetchone()
        about: Any = row[0] if row else {"exists": False}
        return dict(about)

    async def _create_iam_user(self, user: str) -> None:
        async with self._engine.admin() as connection:
            await connection.execute("call pg_internal.wf_ensure_iam_user(%s)", [user])

    async def _join_groups(self, login: Login) -> None:
        for group in login.groups:
            if not self._joined_groups[login.user, group]:
                await self._change_group(login.user, group, "add")
            self._joined_groups[login.user, group] += 1

    async def _leave_groups(self, login: Login) -> None:
        for group in login.groups:
            self._joined_groups[login.user, group] -= 1
            if self._joined_groups[login.user, group] == 0:
                await self._change_group(login.user, group, "drop")

    async def _change_group(self, user: str, group: str, change: str) -> None:
        request = Jsonb({"name": group, change: [user]})
        try:
            async with self._engine.admin() as connection:
                await connection.execute("call pg_catalog.wf_alter_group(%s)", [request])
        except psycopg.errors.UndefinedObject as error:
            if change == "add":
                raise LoginRefused(f'FATAL: group "{group}" does not exist', "42704") from error


def _stored(about: dict[str, Any]) -> StoredPassword | None:
    return StoredPassword(about["password_kind"], about["digest"]) if about.get("digest") else None


def _login(user: str, about: dict[str, Any]) -> Login:
    return Login(
        user=user,
        role=engine_user(user),
        superuser=bool(about["superuser"]),
        case_sensitive=bool(about.get("case_sensitive")),
        connection_limit=about.get("connection_limit"),
        session_timeout=about.get("session_timeout"),
    )


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode()).digest()
