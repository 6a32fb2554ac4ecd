"""Checks what a user can do, in the best way that the connection allows.

A superuser becomes the user with SET SESSION AUTHORIZATION in a separate session, the only way on a workgroup.
Otherwise the checker signs in with temporary credentials of the user, on a cluster whose IAM policy allows it.
Otherwise it computes the answers from has_*_privilege.

Redshift does not say which tables are raw data. When no schema is named, all schemas with tables that the user does not
own count: the user must be able to read all tables of one such schema, and must not have rights on only some tables of
another.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import replace

from wharfinger.access.checking.candidates import RawSchema, raw_first, raw_schemas
from wharfinger.access.checking.computed import Computed
from wharfinger.access.checking.report import UserReport, Way
from wharfinger.access.checking.trial import Trial
from wharfinger.access.model import Grantee, Note, User, is_federated
from wharfinger.access.ports import Connections
from wharfinger.access.state import decode, statements
from wharfinger.access.state.live import Live
from wharfinger.access.state.reader import Reader, superuser_call, superuser_text
from wharfinger.access.state.users import known_user
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Refused
from wharfinger.core.names import quote_ident, quote_literal
from wharfinger.core.session import Session, Statement, Usage


class Checker:
    """Checks users through one connection."""

    def __init__(self, connections: Connections, connection: Connection, usage: Usage) -> None:
        self._connections = connections
        self._connection = connection
        self._usage = usage

    def check(self, user: str, raw: Collection[str]) -> UserReport:
        """The three checks of `user`; `raw` names the schemas that it must be able to read. Raises NotFound."""
        try:
            live = Reader(self._connections, self._connection, self._usage).here()
        except Refused:
            return self._without_superuser(user, raw)
        known = known_user(live.state.users, user)
        return self._as(known, "itself" if known == live.user else "session authorization", self._connection, live, raw)

    def _without_superuser(self, user: str, raw: Collection[str]) -> UserReport:
        ourselves, users = self._users()
        known = known_user(users, user)
        if known == ourselves:
            return self._as(known, "itself", self._connection, None, raw)
        if self._has_db_user(known):
            try:
                as_user = replace(self._connection, sign_in="db-user", db_user=known, secret_arn="")
                return self._as(known, "db-user", as_user, None, raw)
            except Refused as error:
                return self._computed(known, raw, f"{error.what}: {error.why}")
        return self._computed(known, raw, "")

    def _has_db_user(self, user: str) -> bool:
        """Whether it may have temporary credentials: on a cluster, except for the user of an IAM identity (§2)."""
        cluster = self._connection.target_kind == "cluster" and self._connection.needs_aws
        return cluster and not is_federated(user)

    def _users(self) -> tuple[str, list[User]]:
        """The connection's own user, and every user."""
        with closing(self._connections.open(self._connection, self._usage)) as session:
            rows = list(session.run(statements.SUPERUSER))
            return str(rows[0][0]) if rows else "", list(decode.users(session.run(statements.USERS)))

    def _as(self, user: str, way: Way, connection: Connection, live: Live | None, raw: Collection[str]) -> UserReport:
        with closing(self._connections.open(connection, self._usage)) as session, session.pinned() as pinned:
            if way == "session authorization":
                pinned.run(_become(user))
            else:
                pinned.run(Statement("select current_user", label="check"))
            database = connection.database
            schemas = raw_schemas(live, database, user, raw) if live else _unknown(pinned, user, raw)
            trial = Trial(pinned, user, database, live)
            checks = (trial.select_raw(schemas, raw), trial.create_schema(), trial.read_system_views())
        return UserReport(checks, user, way)

    def _computed(self, user: str, raw: Collection[str], why: str) -> UserReport:
        with closing(self._connections.open(self._connection, self._usage)) as session:
            computed = Computed(session, user, self._connection.database)
            checks = computed.checks(_unknown(session, user, raw), raw)
        reason = (
            "a workgroup has no temporary credentials for another database user (no DbUser)"
            if self._connection.target_kind == "workgroup"
            else why or "this connection cannot sign in as another user"
        )
        superuser = Note(user, superuser_text(self._connection), superuser_call(self._connection))
        return UserReport(checks, user, "computed", (Note(user, reason), superuser))


def _become(user: str) -> Statement:
    # As a text the name keeps its case; one with a backslash can only be an identifier (quote_literal).
    name = quote_ident(user) if "\\" in user else quote_literal(user)
    return Statement(f"set session authorization {name}", label="check")


def _unknown(session: Session, user: str, raw: Collection[str]) -> list[RawSchema]:
    """The schemas with tables that `user` does not own, for a connection that cannot read the rights of others."""
    first: dict[str, str] = {}
    rows = sorted(session.run(statements.TABLES), key=lambda row: (str(row[3]) != "r", str(row[1])))
    for schema, table, owner, _ in rows:
        if owner != user and (not raw or schema in raw):
            first.setdefault(str(schema), str(table))
    holder = Grantee("user", user)
    return [RawSchema(name, "unknown", (first[name],), holder) for name in sorted(first, key=raw_first)]
