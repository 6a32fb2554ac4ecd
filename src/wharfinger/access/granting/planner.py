"""Makes a plan of grants: finds out the connection's database user, and reads which tables exist."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, nullcontext

from wharfinger.access.granting.plan import GrantPlan, Recipient, plan_grants
from wharfinger.access.granting.spec_of_patterns import Place, inventory_of, inventory_of_patterns
from wharfinger.access.model import Inventory, Object, fold
from wharfinger.access.ports import Connections
from wharfinger.access.state.statements import EXTERNAL_TABLES, LOCAL_DATABASES, TABLES
from wharfinger.connections.model import Connection
from wharfinger.connections.naming import naming
from wharfinger.core.errors import Refused, WharfingerError
from wharfinger.core.names import TablePattern
from wharfinger.core.session import Session, Statement, Usage
from wharfinger.core.verbs import call


class GrantPlanner:
    """Makes plans of grants through saved connections. No superuser is needed; nothing is changed."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def make(
        self, connection: Connection, patterns: Sequence[TablePattern], via: Connection | None, usage: Usage
    ) -> GrantPlan:
        """The grants that the user of `connection` needs for `patterns`, read through `via` or the connection itself.

        A connection that cannot sign in yet, without `via`, gets the grants that the patterns themselves name. Raises
        Refused when neither the warehouse nor the AWS identity shows the user's name.
        """
        name, signs_in = self._user(connection, usage)
        if via is None and not signs_in:
            recipient = Recipient(name, None, makeable=_is_makeable(connection))
            return plan_grants(recipient, patterns, inventory_of_patterns(patterns, connection), connection)
        reader = via or connection
        with naming(reader) if via else nullcontext():
            with closing(self._connections.open(reader, usage)) as session:
                recipient = _recipient(session, connection, name)
                databases = _databases(session, connection, patterns)
            inventory = self._inventory(reader, databases, connection, usage)
        return plan_grants(recipient, patterns, inventory, connection)

    def _user(self, connection: Connection, usage: Usage) -> tuple[str, bool]:
        """The database user's name, and whether it can sign in now."""
        try:
            with closing(self._connections.open(connection, usage)) as session:
                return str(session.run(Statement("select current_user", label="grants: user")).one()[0]), True
        except WharfingerError as error:
            if connection.sign_in == "db-user":
                return fold(connection.db_user), False
            if connection.sign_in == "password":
                return fold(connection.user), False
            if connection.sign_in == "secret":
                raise
            name = self._connections.caller(connection).database_user()
            if name is None:
                raise Refused(
                    "The database user of this identity is not known",
                    subject=connection.name,
                    why=f"it is neither a user nor a role, and signing in failed: {error}",
                    next_step="Make the connection sign in first",
                    call=call("connection:test", name=connection.name),
                ) from error
            return name, False

    def _inventory(self, reader: Connection, databases: list[str], connection: Connection, usage: Usage) -> Inventory:
        tables: set[Object] = set()
        external: set[Place] = set()
        for database in databases:
            with closing(self._connections.open(reader, usage, database=database)) as session:
                local, outside = [
                    [(str(row[0]), str(row[1])) for row in outcome.unwrap()]
                    for outcome in session.run_all([TABLES, EXTERNAL_TABLES])
                ]
            tables |= {Object("table", database, schema, name) for schema, name in (*local, *outside)}
            external |= {(database, schema) for schema, _ in outside}
        return inventory_of(connection.database, tables, frozenset(external))


def _is_makeable(connection: Connection) -> bool:
    # The others sign in with a password, which only a person can choose.
    return connection.sign_in in ("iam", "db-user")


def _recipient(session: Session, connection: Connection, name: str) -> Recipient:
    question = Statement(
        "select usesuper from pg_catalog.pg_user where usename = :name", (("name", name),), label="grants: user"
    )
    rows = list(session.run(question))
    return Recipient(name, bool(rows), bool(rows and rows[0][0]), _is_makeable(connection))


def _databases(session: Session, connection: Connection, patterns: Sequence[TablePattern]) -> list[str]:
    """The databases that `patterns` mean."""
    meant = {connection.database} if any(pattern.database is None for pattern in patterns) else set()
    if any(pattern.database for pattern in patterns):
        names = [str(name) for (name,) in session.run(LOCAL_DATABASES)]
        meant |= {name for name in names for pattern in patterns if pattern.database and pattern.database.matches(name)}
    return sorted(meant)
