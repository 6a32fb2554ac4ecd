"""Finds out what `plan_grants` wants to know, and runs its statements through an administrator's connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import groupby

from wharfinger.connections.grants import Done, Existing, GrantPlan, Step, Who, plan_grants
from wharfinger.connections.model import Connection, Secrets
from wharfinger.connections.ports import ControlPlane, Opener
from wharfinger.core.errors import Invalid, Refused, WharfingerError
from wharfinger.core.names import NamePart, TableName, TablePattern, outside_system
from wharfinger.core.session import Session, Statement, Usage

ALREADY = "already exists"
"""Redshift's words when a user is there (redshift-facts §7, row 31)."""

DATABASES = Statement(
    "select database_name from svv_redshift_databases where database_type = 'local'", label="grants: databases"
)
TABLES = Statement(
    "select n.nspname, c.relname from pg_catalog.pg_class c"
    " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
    f" where c.relkind in ('r', 'v', 'm') and {outside_system('n.nspname')}",
    label="grants: tables",
)
EXTERNAL = Statement("select schemaname, tablename from svv_external_tables", label="grants: external tables")

Enter = Callable[[str | None], Session]
"""Opens a session to a database, or to the connection's own; the caller closes it."""


class Granter:
    """Plans and runs the grants of one connection."""

    def __init__(self, opener: Callable[[], Opener], control_plane: Callable[[], ControlPlane]) -> None:
        self._opener = opener
        self._control_plane = control_plane

    def plan(
        self,
        connection: Connection,
        secrets: Secrets,
        patterns: Sequence[TablePattern],
        via: tuple[Connection, Secrets] | None,
    ) -> GrantPlan:
        """The statements for `patterns`, read through `via` when given, else through the connection itself.

        Raises Refused when neither the identity nor the warehouse tells the user's name.
        """
        reader, reader_secrets = via or (connection, secrets)
        name, signs_in = self._user(connection, secrets)

        def enter(database: str | None) -> Session:
            return self._opener().open(reader, reader_secrets, Usage(), database=database)

        if via is None and not signs_in:
            who = Who(name, None, makeable=_makeable(connection))
            return plan_grants(who, patterns, _unread(connection, patterns), default_database=connection.database)
        with closing(enter(None)) as session:
            who = _who(session, connection, name)
            databases = _databases(session, connection, patterns)
        existing = {database: _existing(enter, database) for database in databases}
        return plan_grants(who, patterns, existing, default_database=connection.database)

    def run(self, plan: GrantPlan, admin: Connection, secrets: Secrets) -> Iterator[Done]:
        """Run the plan's statements through `admin`, a login for each database; each commits alone.

        A failed statement does not stop the others, save that without its user nothing else is tried.
        """
        stuck = False
        for database, group in groupby(plan.steps, key=lambda step: step.database):
            steps = list(group)
            if stuck:
                yield from (Done(step, "skipped", "the user could not be made") for step in steps)
                continue
            if _makes_user(steps[0]):
                made, *_ = self._in_database(database, steps[:1], admin, secrets)
                yield made
                stuck = made.status == "failed"
                if stuck:
                    yield from (Done(step, "skipped", "the user could not be made") for step in steps[1:])
                    continue
                steps = steps[1:]
            yield from self._in_database(database, steps, admin, secrets)

    def _in_database(self, database: str, steps: list[Step], admin: Connection, secrets: Secrets) -> list[Done]:
        statements = [Statement(step.sql, label="grants: apply") for step in steps]
        try:
            with closing(self._opener().open(admin, secrets, Usage(), database=database)) as session:
                outcomes = list(session.run_all(statements))
        except WharfingerError as error:
            return [Done(step, "failed", str(error)) for step in steps]
        return [_done(step, outcome.error) for step, outcome in zip(steps, outcomes, strict=True)]

    def _user(self, connection: Connection, secrets: Secrets) -> tuple[str, bool]:
        """The database user's name, and whether it can sign in now."""
        try:
            with closing(self._opener().open(connection, secrets, Usage())) as session:
                return str(session.run(Statement("select current_user", label="grants: user")).one()[0]), True
        except WharfingerError as error:
            if connection.sign_in == "db-user":
                return connection.db_user, False
            if connection.sign_in == "password":
                return connection.user, False
            if connection.sign_in == "secret":
                raise
            name = self._control_plane().caller_identity(connection, secrets).database_user()
            if name is None:
                raise Refused(
                    "The database user of this identity is not known",
                    subject=connection.name,
                    why=f"it is neither a user nor a role, and signing in failed: {error}",
                    next_step="Make the connection sign in first: wharfinger connection test",
                ) from error
            return name, False


def _makeable(connection: Connection) -> bool:
    # The others sign in with a password, which only a person can choose.
    return connection.sign_in in ("iam", "db-user")


def _who(session: Session, connection: Connection, name: str) -> Who:
    question = Statement(
        "select usesuper from pg_catalog.pg_user where usename = :name", (("name", name),), label="grants: user"
    )
    rows = list(session.run(question))
    return Who(name, bool(rows), bool(rows and rows[0][0]), _makeable(connection))


def _databases(session: Session, connection: Connection, patterns: Sequence[TablePattern]) -> list[str]:
    wanted = {connection.database} if any(pattern.database is None for pattern in patterns) else set()
    if any(pattern.database for pattern in patterns):
        names = [str(name) for (name,) in session.run(DATABASES)]
        wanted |= {
            name for name in names for pattern in patterns if pattern.database and pattern.database.matches(name)
        }
    return sorted(wanted)


def _existing(enter: Enter, database: str) -> Existing:
    with closing(enter(database)) as session:
        local, outside = [
            [(str(schema), str(name)) for schema, name in outcome.unwrap()]
            for outcome in session.run_all([TABLES, EXTERNAL])
        ]
    tables = frozenset(TableName(database, schema, name) for schema, name in (*local, *outside))
    return Existing(tables, frozenset(schema for schema, _ in outside))


def _unread(connection: Connection, patterns: Sequence[TablePattern]) -> dict[str, Existing]:
    """What the patterns themselves name, taken as there, for a warehouse that cannot be looked into yet."""
    tables: dict[str, set[TableName]] = {}
    for pattern in patterns:
        places = (pattern.database, pattern.schema)
        if any(part is not None and part.is_wild() for part in places) or _partly_wild(pattern.name):
            raise Invalid(
                "This pattern needs a look into the warehouse",
                subject=pattern.text,
                why="a * stands in it, and the connection cannot sign in yet",
                next_step="Add --via with an administrator's connection, or name schema and table; schema.* works too",
            )
        database = connection.database if pattern.database is None else _spelled(pattern.database)
        table = TableName(database, _spelled(pattern.schema), _spelled(pattern.name))
        tables.setdefault(database, set()).add(table)
    return {database: Existing(frozenset(found)) for database, found in tables.items()}


def _partly_wild(part: NamePart) -> bool:
    return part.is_wild() and set(part.text) != {"*"}


def _spelled(part: NamePart) -> str:
    return part.text if part.exact else part.text.lower()  # Redshift folds unquoted names (redshift-facts §4.1)


def _done(step: Step, error: WharfingerError | None) -> Done:
    if error is None:
        return Done(step, "done")
    if _makes_user(step) and ALREADY in error.why:
        return Done(step, "already")
    return Done(step, "failed", f"{error.what}. {error.why}" if error.why else error.what)


def _makes_user(step: Step) -> bool:
    return step.sql.startswith("CREATE USER ")
