"""Database users as the front door sees them: temporary passwords, and the check of every password.

Passwords from GetClusterCredentials, GetClusterCredentialsWithIAM and GetCredentials live in memory only and end by
themselves; those of CREATE USER are kept by the catalog as a digest and checked in `passwords`. Nothing here logs or
prints a password.
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
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from wharfinger_sandbox.dialect import engine_user
from wharfinger_sandbox.passwords import StoredPassword, matches, md5

if TYPE_CHECKING:
    from wharfinger_sandbox.engine import Engine

Clock = Callable[[], datetime]

# Databases of the engine that are no databases of the warehouse.
HIDDEN_DATABASES = ("template0", "template1")


@dataclass(frozen=True)
class Login:
    """One successful sign-in: the user's name, the engine role its statements run as, and its rights in short.

    `groups` are the groups joined for this session only (DbGroups of GetClusterCredentials), `case_sensitive` the
    user's own setting of `enable_case_sensitive_identifier`, `connection_limit` None for no limit,
    `session_timeout` the idle seconds after which a connection ends, None for never.
    """

    user: str
    role: str
    superuser: bool
    groups: tuple[str, ...] = ()
    case_sensitive: bool = False
    connection_limit: int | None = None
    session_timeout: int | None = None


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


@dataclass(frozen=True)
class _TemporaryPassword:
    """A temporary password that is good until `expires_at`; `user` is who it logs in as."""

    user: str
    digest: bytes = field(repr=False)
    expires_at: datetime
    autocreate: bool
    groups: tuple[str, ...]
    is_identity: bool
    database: str | None


class Users:
    """Issues temporary passwords and checks every login. `clock` tells the time they end by."""

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
        """A password for `user` that logs in for `seconds` (900-3600).

        `is_identity`: `user` is an identity's own `IAM:`/`IAMR:` name, made at first login; otherwise the named user, made
        only with `autocreate`. `groups` join for the session only, `database` is the only one to log in to (None: any);
        redshift-facts §2.
        """
        name = user if is_identity else f"{'IAMA' if autocreate else 'IAM'}:{user}"
        password = secrets.token_urlsafe(32)
        expires_at = (self._clock() + timedelta(seconds=seconds)).replace(microsecond=0)
        issued = _TemporaryPassword(user, _digest(password), expires_at, autocreate, groups, is_identity, database)
        self._issued = {one: current for one in self._issued if (current := self._unexpired(one))}
        self._issued[name] = [*self._unexpired(name), issued]
        return TemporaryCredentials(name, password, expires_at)

    async def check(self, user: str, password: str, *, tls: bool, host: str = "127.0.0.1", database: str = "") -> Login:
        """The login of `user` by password, or LoginRefused. `host` and `database` are for the text of a refusal."""
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

    async def check_with(self, user: str, right: Callable[[StoredPassword], bool]) -> Login:
        """The login of `user` when `right` says so of the kept password, or LoginRefused."""
        about = await self._login_facts(user)
        if not about["exists"] or not about["can_login"] or self._is_expired(about):
            raise wrong_password(user)
        stored = _stored(about)
        if stored is None or not right(stored):
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
        """The login of `user` whose temporary credentials are known to be good, or LoginRefused.

        Makes the user of an identity (`is_identity`) or of `autocreate` with PUBLIC's rights. `name` is what a refusal
        says in place of `user`.
        """
        about = await self._login_facts(user)
        if not about["exists"] and (is_identity or autocreate):
            await self._create_iam_user(user)
            about = await self._login_facts(user)
        if not about["exists"] or not about["can_login"]:
            raise wrong_password(name or (user if is_identity else f"IAM:{user}"))
        return replace(_login(user, about), groups=tuple(group for group in groups if group not in about["groups"]))

    async def set_password(self, user: str, password: str) -> None:
        """Give `user` a password, kept as Redshift keeps one by default."""
        kept = {"kind": "md5", "digest": md5(user, password)}
        async with self._engine.admin() as connection:
            await connection.execute("call pg_catalog.wf_alter_user(%s)", [Jsonb({"name": user, "password": kept})])

    async def stored_password(self, user: str) -> StoredPassword | None:
        """The user's kept password, None when there is none to check."""
        return _stored(await self._login_facts(user))

    @asynccontextmanager
    async def connection_slot(self, login: Login) -> AsyncIterator[None]:
        """Holds one connection of `login` against its CONNECTION LIMIT, with its session's groups joined.

        Raises LoginRefused.
        """
        limit = login.connection_limit
        if limit is not None and not login.superuser and self._connections[login.user] >= limit:
            # Facts give the text for the cluster's own limit (§7.42); that a user's reads alike is unverified.
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


def wrong_password(user: str) -> LoginRefused:
    """Wrong or expired password, no such user, or PASSWORD DISABLE: all alike (redshift-facts §7.18)."""
    return LoginRefused(f'FATAL: password authentication failed for user "{user}"', "28000")


def tls_required(host: str, user: str, database: str) -> LoginRefused:
    """A plain connection where only TLS is let in (redshift-facts §7.20)."""
    text = f'FATAL: no pg_hba.conf entry for host "::ffff:{host}", user "{user}", database "{database}", SSL off'
    return LoginRefused(text, "28000")


def _stored(about: dict[str, Any]) -> StoredPassword | None:
    return StoredPassword(about["password_kind"], about["digest"]) if about.get("digest") else None


def hidden_database(name: str) -> LoginRefused:
    """A database of the engine that is none of the warehouse."""
    return LoginRefused(f'FATAL: database "{name}" is not currently accepting connections', "55000")


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
