"""`check --as`: three proofs, each tried for real as the user and rolled back.

As a superuser we become the user with SET SESSION AUTHORIZATION, in one session of its own, the only way on a
workgroup; else we sign in with temporary credentials of the user, on a cluster whose policy allows it; else we can
only ask has_*_privilege, and say so.

Which tables are raw data nobody tells us. Without names, those of schemas with tables that the user did not make: the
user must be able to read one such schema whole, and none that its rights open only half.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from wharfinger.access import sql
from wharfinger.access.model import Grantee, is_federated, spelled
from wharfinger.access.planning import known_user
from wharfinger.access.ports import Connections
from wharfinger.access.proofs import (
    Checked,
    Proof,
    RawSchema,
    Status,
    Way,
    can_create_in,
    first_holder,
    holders,
    open_group,
    order,
    raw_schemas,
    words,
)
from wharfinger.access.reader import Live, Reader, superuser_sign_in
from wharfinger.connections.model import Connection
from wharfinger.core.errors import NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.names import quote_ident, quote_literal
from wharfinger.core.session import Session, Statement, Usage

MOST_SCHEMAS = 20
"""So many schemas are tried; more would prove nothing more."""

SYSTEM_VIEWS = (
    "information_schema.tables", "information_schema.columns", "pg_catalog.pg_class", "pg_catalog.pg_namespace",
    "svv_tables", "svv_columns",
)  # fmt: skip
TABLE_INFO = "svv_table_info"
_POSITION = re.compile(r" \(Position: \d+\)\Z")


class Checker:
    """Proves what a user can do through one connection."""

    def __init__(self, connections: Connections, connection: Connection, usage: Usage) -> None:
        self._connections = connections
        self._connection = connection
        self._usage = usage

    def check(self, user: str, raw: Collection[str]) -> Checked:
        """The three proofs for `user`; `raw` names the schemas that it must be able to read."""
        try:
            live = Reader(self._connections, self._connection, self._usage).here()
        except Refused:
            return self._without_superuser(user, raw)
        known = known_user(list(live.state.users), user)
        return self._as(known, "itself" if known == live.user else "session authorization", self._connection, live, raw)

    def _without_superuser(self, user: str, raw: Collection[str]) -> Checked:
        ourselves, users = self._everybody()
        known = spelled(user, users)
        if known not in users:
            raise NotFound("No such database user", subject=user, next_step="Correct the name")
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
        """Whether there may be temporary credentials for it: on a cluster, for no identity's own user (§2)."""
        cluster = self._connection.target_kind == "cluster" and self._connection.needs_aws
        return cluster and not is_federated(user)

    def _everybody(self) -> tuple[str, list[str]]:
        with closing(self._connections.open(self._connection, self._usage)) as session:
            rows = list(session.run(sql.SUPERUSER))
            return str(rows[0][0]) if rows else "", [str(row[0]) for row in session.run(sql.USERS)]

    def _as(self, user: str, way: Way, connection: Connection, live: Live | None, raw: Collection[str]) -> Checked:
        with closing(self._connections.open(connection, self._usage)) as session, session.pinned() as pinned:
            if way == "session authorization":
                pinned.run(_become(user))
            else:
                pinned.run(Statement("select current_user", label="check"))
            database = connection.database
            schemas = raw_schemas(live, database, user, raw) if live else _unknown(pinned, user, raw)
            trial = _Trial(pinned, user, database, live)
            checks = (trial.select_raw(schemas, raw), trial.create_schema(), trial.read_system_views())
        return Checked(user, way, checks)

    def _computed(self, user: str, raw: Collection[str], why: str) -> Checked:
        with closing(self._connections.open(self._connection, self._usage)) as session:
            computing = _Computing(session, user, self._connection.database)
            checks = computing.proofs(_unknown(session, user, raw), raw)
        note = (
            "a workgroup has no temporary credentials for another database user (no DbUser)"
            if self._connection.target_kind == "workgroup"
            else why or "this connection cannot sign in as another user"
        )
        return Checked(user, "computed", checks, (note, superuser_sign_in(self._connection)))


def _become(user: str) -> Statement:
    # As a text the name keeps its case; one with a backslash can only be an identifier (quote_literal).
    name = quote_ident(user) if "\\" in user else quote_literal(user)
    return Statement(f"set session authorization {name}", label="check")


def _unknown(session: Session, user: str, raw: Collection[str]) -> list[RawSchema]:
    """The schemas with tables of others, when nobody may tell us who holds what."""
    first: dict[str, str] = {}
    rows = sorted(session.run(sql.TABLES), key=lambda row: (str(row[3]) != "r", str(row[1])))
    for schema, table, owner, _ in rows:
        if owner != user and (not raw or schema in raw):
            first.setdefault(str(schema), str(table))
    holder = Grantee("user", user)
    return [RawSchema(name, "unknown", (first[name],), holder) for name in sorted(first, key=order)]


class _Trial:
    """The proofs on a session that acts as `user`."""

    def __init__(self, session: Session, user: str, database: str, live: Live | None) -> None:
        self._session = session
        self._user = user
        self._database = database
        self._live = live
        self._who = holders(live.state, user) if live else [Grantee("user", user)]

    def select_raw(self, schemas: list[RawSchema], named: Collection[str]) -> Proof:
        """Whether raw data can be read."""
        if missing := sorted(set(named) - {one.schema for one in schemas}):
            return Proof("select-raw", "failed", f"no tables of others in {words(missing)}")
        granted = [one for one in schemas if one.extent != "closed"]
        tried = (schemas if named else granted or schemas)[:MOST_SCHEMAS]
        failures = [(one, said) for one in tried if (said := self._refusal(one))]
        opened = [one.schema for one in tried if one.schema not in {failed.schema for failed, _ in failures}]
        wrong = [pair for pair in failures if named or not opened or pair[0].extent in ("open", "half")]
        if not wrong:
            detail = f"selects from {words(opened)}" if opened else "there are no tables of others to select from"
            return Proof("select-raw", "passed" if opened else "failed", detail)
        failed, said = wrong[0]
        return Proof("select-raw", "failed", f"{words([failed.schema])}: {said}", self._fix(failed, said, named))

    def create_schema(self) -> Proof:
        """Whether schemas can be made, or tables in a schema that is there."""
        name = f"wharfinger_check_{uuid.uuid4().hex[:12]}"
        said = self._undone(f"create schema {quote_ident(name)}")
        if not said:
            return Proof("create-schema", "passed", f"creates schemas in {words([self._database])}")
        for schema in can_create_in(self._live, self._database, self._who) if self._live else []:
            if not self._undone(f"create table {quote_ident(schema)}.{quote_ident(name)} (n int)"):
                return Proof("create-schema", "passed", f"creates tables in {words([schema])}, no schemas: {said}")
        to = first_holder(self._who).sql()
        return Proof("create-schema", "failed", said, f"grant create on database {quote_ident(self._database)} to {to}")

    def read_system_views(self) -> Proof:
        """Whether the views can be read from which dbt documents a warehouse."""
        for view in SYSTEM_VIEWS:
            if said := self._said(f"select 1 from {view} limit 1"):
                fix = f"grant select on {view} to {first_holder(self._who).sql()}"
                return Proof("read-system-views", "failed", said, fix)
        detail = "reads information_schema and pg_catalog"
        if self._said(f"select 1 from {TABLE_INFO} limit 0"):
            grant = f"grant select on {TABLE_INFO} to {first_holder(self._who).sql()}"
            detail += f"; for row counts and sizes in dbt's documentation: {grant}"
        return Proof("read-system-views", "passed", detail)

    def _refusal(self, one: RawSchema) -> str:
        for table in one.tries:
            if said := self._said(f"select 1 from {quote_ident(one.schema)}.{quote_ident(table)} limit 1"):
                return said
        return ""

    def _fix(self, one: RawSchema, said: str, named: Collection[str]) -> str:
        if self._live and one.extent == "closed":
            group = open_group(self._live, self._database, self._user, named)
            if group:
                return f"alter group {quote_ident(group)} add user {quote_ident(self._user)}"
        return one.fix(said)

    def _said(self, text: str) -> str:
        """What Redshift says against a statement; empty when it runs."""
        try:
            list(self._session.run(Statement(text, label="check")))
        except Unavailable:
            raise
        except WharfingerError as error:
            return _POSITION.sub("", error.why or error.what)
        return ""

    def _undone(self, text: str) -> str:
        with _rolled_back(self._session):
            return self._said(text)


@contextmanager
def _rolled_back(session: Session) -> Iterator[None]:
    session.run(Statement("begin", label="check"))
    try:
        yield
    finally:
        session.run(Statement("rollback", label="check"))


class _Computing:
    """The proofs from has_*_privilege, which see groups but nothing that only happens when it is tried (§4.5)."""

    def __init__(self, session: Session, user: str, database: str) -> None:
        self._session = session
        self._user = user
        self._database = database

    def proofs(self, schemas: list[RawSchema], named: Collection[str]) -> tuple[Proof, ...]:
        """The three proofs; `computed` where the answer is yes."""
        create = self._has("database", self._database, "create")
        views = all(self._has("table", view, "select") for view in SYSTEM_VIEWS[:4])
        fix = f"grant create on database {quote_ident(self._database)} to {Grantee('user', self._user).sql()}"
        return (
            self._select_raw(schemas[:MOST_SCHEMAS], named),
            Proof(
                "create-schema",
                _computed(create),
                f"may{'' if create else ' not'} create schemas",
                "" if create else fix,
            ),
            Proof("read-system-views", _computed(views), f"may{'' if views else ' not'} read system views"),
        )

    def _select_raw(self, schemas: list[RawSchema], named: Collection[str]) -> Proof:
        if missing := sorted(set(named) - {one.schema for one in schemas}):
            return Proof("select-raw", "failed", f"no tables of others in {words(missing)}")
        readable: list[str] = []
        closed: list[RawSchema] = []
        untold: list[str] = []
        for one in schemas:
            usage = self._has("schema", one.schema, "usage")
            table = f"{quote_ident(one.schema)}.{quote_ident(one.tries[0])}"
            select = self._has("table", table, "select")
            if usage and select:
                readable.append(one.schema)
            elif usage is False or select is False:
                closed.append(replace(one, lacks_usage=usage is False, lacks_select=select is False))
            else:
                untold.append(one.schema)
        if readable and not (named and (closed or untold)):
            return Proof("select-raw", "computed", f"may select from {words(readable)}")
        if untold:
            why = f"{words(untold)}: this connection may not look into it, so that nothing can be told of others"
            return Proof("select-raw", "failed", why)
        fix = closed[0].fix("schema") if closed else ""
        what = words([closed[0].schema]) if named and closed else "no schema with tables of others"
        return Proof("select-raw", "failed", f"may {'not ' if named else ''}select from {what}", fix)

    def _has(self, kind: str, name: str, privilege: str) -> bool | None:
        """What the function says; None when it may not even be asked, for lack of our own right to look."""
        arguments = ", ".join(quote_literal(one) for one in (self._user, name, privilege))
        try:
            return bool(
                self._session.run(Statement(f"select has_{kind}_privilege({arguments})", label="check")).one()[0]
            )
        except Unavailable:
            raise
        except WharfingerError:
            return None


def _computed(yes: bool | None) -> Status:
    return "computed" if yes else "failed"
