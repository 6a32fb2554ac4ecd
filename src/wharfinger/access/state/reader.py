"""Reads the live state: a constant number of statements for the warehouse and for each database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

from wharfinger.access.model import Note, User, fold
from wharfinger.access.ports import Connections
from wharfinger.access.state import decode
from wharfinger.access.state import statements as sql
from wharfinger.access.state.beyond import beyond
from wharfinger.access.state.live import Live
from wharfinger.access.state.owned import (
    Owned,
    open_sessions,
    owned,
    owned_databases,
    owned_statements,
    temporary_tables,
)
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Failed, NotFound, Refused, WharfingerError
from wharfinger.core.names import NamePart
from wharfinger.core.session import Row, Session, Statement, Usage
from wharfinger.core.verbs import Call, call

UNREAD_TEXT = "could not be read, so rights in it stay unchanged: {}"


class Reader:
    """Reads through one connection, as a superuser: other users see only a part of the rights."""

    def __init__(self, connections: Connections, connection: Connection, usage: Usage) -> None:
        self._connections = connections
        self._connection = connection
        self._usage = usage

    def live(self, needed: Sequence[NamePart] = ()) -> Live:
        """The live state of every local database.

        A database that cannot be read becomes a note, unless it is the connection's own or is `needed`. Raises Refused
        when the connection's user is no superuser, and what reading a needed database raises.
        """
        own = self._connection.database
        user, warehouse, found = self._own_database()
        notes: list[Note] = []
        for name in sorted(decode.inventory(warehouse, {}).databases - {own}):
            try:
                with closing(self._open(name)) as session:
                    found[name] = _read(session, sql.of_database(name))
            except WharfingerError as error:
                if any(part.matches(name) for part in needed):
                    raise
                notes.append(Note(f"database {name}", UNREAD_TEXT.format(error), gap=True))
        state, inventory = decode.state(warehouse, found), decode.inventory(warehouse, found)
        return Live(user, state, inventory, tuple(found), tuple(notes), beyond(warehouse, found))

    def here(self) -> Live:
        """The live state of the connection's own database alone. Raises Refused as `live` does."""
        user, warehouse, found = self._own_database()
        return Live(user, decode.state(warehouse, found), decode.inventory(warehouse, found), tuple(found))

    def users(self) -> tuple[str, list[User]]:
        """Who signed in, and every user. Raises Refused as `live` does."""
        with closing(self._open(self._connection.database)) as session:
            return self._superuser(session), list(decode.users(session.run(sql.USERS)))

    def possessions(self, user: str, databases: Iterable[str]) -> list[Owned]:
        """Everything that `user` owns in `databases`, and the databases and roles themselves."""
        possessions: list[Owned] = []
        for name in sorted(databases):
            with closing(self._open(name)) as session:
                possessions += owned(name, _read(session, owned_statements(user)))
                if name == self._connection.database:
                    possessions += [Owned(str(row[0]), "database") for row in session.run(owned_databases(user))]
        return possessions

    def temporary(self, user: str) -> tuple[list[str], list[int]]:
        """The temporary tables of `user` in the connection's own database, and the processes of its sessions there.

        The processes are empty where nothing lists them.
        """
        own = self._connection.database
        with closing(self._open(own)) as session:
            tables = [str(row[0]) for row in session.run(temporary_tables(user))]
            if not tables:
                return [], []
            try:
                return tables, [int(str(row[0])) for row in session.run(open_sessions(user, own))]
            except (Failed, NotFound, Refused):
                return tables, []

    def owned_roles(self, user: str) -> list[Owned]:
        """The roles that `user` owns; none where the server has no roles."""
        own = self._connection.database
        with closing(self._open(own)) as session:
            rows = _read(session, {"roles": sql.WAREHOUSE["roles"]}).get("roles", [])
        return [Owned(own, "role", name=str(role)) for role, owner in rows if fold(str(owner)) == fold(user)]

    def _own_database(self) -> tuple[str, dict[str, list[Row]], dict[str, dict[str, list[Row]]]]:
        own = self._connection.database
        with closing(self._open(own)) as session:
            user = self._superuser(session)
            read = _read(session, {**sql.WAREHOUSE, **sql.of_database(own)})
        return user, read, {own: read}

    def _open(self, database: str) -> Session:
        return self._connections.open(self._connection, self._usage, database=database)

    def _superuser(self, session: Session) -> str:
        rows = list(session.run(sql.SUPERUSER))
        user, is_superuser = (str(rows[0][0]), rows[0][1]) if rows else ("", False)
        if is_superuser:
            return user
        raise Refused(
            "This needs a superuser",
            subject=f"user {user}" if user else self._connection.name,
            why="another user sees only its own rights, and a plan made from a part of them would be wrong",
            next_step=superuser_text(self._connection),
            call=superuser_call(self._connection),
        )


def superuser_text(connection: Connection) -> str:
    """How to sign in as a superuser to the target of `connection`."""
    if connection.target_kind == "cluster":
        return "Add a connection that signs in as the administrator, or with the cluster's admin secret"
    return (
        "Add a connection that signs in with the namespace's admin secret; with temporary credentials a workgroup has "
        "no user but the IAM identity's own"
    )


def superuser_call(connection: Connection) -> Call:
    """The verb that adds the connection of `superuser_text`."""
    place = {"region": connection.region, "database": connection.database}
    if connection.target_kind == "cluster":
        administrator = {"sign_in": "db-user", "db_user": "awsuser"}
        return call("connection:add", name="", cluster=connection.target, **place, **administrator)
    secret = {"sign_in": "secret", "secret_arn": ""}
    return call("connection:add", name="", workgroup=connection.target, **place, **secret)


def _read(session: Session, statements: Mapping[str, Statement]) -> dict[str, list[Row]]:
    read: dict[str, list[Row]] = {}
    for name, outcome in zip(statements, session.run_all(list(statements.values())), strict=True):
        if name in sql.OPTIONAL and isinstance(outcome.error, Failed | NotFound):
            continue
        read[name] = list(outcome.unwrap())
    return read
