"""An app with connections to the sandbox, the sandbox's call log, and its engine for expected values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from tests.conftest import Sandbox
from tests.sandbox.front import engine, own

from wharfinger.app import App, open_app
from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.core.names import TableName
from wharfinger.core.secret import Secret
from wharfinger.core.session import Statement, Usage


class Warehouse:
    """One home with the connections `admin` (cluster) and `analyst` (workgroup) to a running sandbox."""

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self.sandbox = sandbox
        self.home = home
        self._engines: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}
        self.app: App = open_app(home)
        self._add("admin", "cluster", sandbox.ready["cluster"]["identifier"])
        self._add("analyst", "workgroup", sandbox.ready["workgroup"]["name"])

    def _add(self, identity: str, kind: Any, target: str) -> None:
        keys = self.sandbox.identity(identity)
        who = Identity("keys", access_key_id=keys["access_key_id"])
        connection = Connection(
            identity, kind, target, self.sandbox.ready["region"], "dev",
            identity=who, endpoint_url=self.sandbox.endpoint_url,
        )  # fmt: skip
        secrets = Secrets(secret_access_key=Secret(keys["secret_access_key"]))
        self.app.connections.add(connection, secrets, untested=True)

    def add_wire(self, name: str) -> None:
        """The administrator's connection by password, through the wire; SSL_CERT_FILE must name the sandbox's CA."""
        wire, admin = self.sandbox.ready["wire"], self.sandbox.ready["admin"]
        connection = Connection(
            name, "cluster", self.sandbox.ready["cluster"]["identifier"], self.sandbox.ready["region"], "dev",
            sign_in="password", host=wire["host"], port=wire["port"], user=admin["user"],
        )  # fmt: skip
        self.app.connections.add(connection, Secrets(password=Secret(admin["password"])), untested=True)

    def engine(self, database: str = "dev") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to PostgreSQL itself as its superuser; one for each database, until `close`."""
        if database not in self._engines:
            self._engines[database] = engine(self.sandbox, database)
        return self._engines[database]

    def close_engine(self, database: str) -> None:
        """Close the connection to one database, so that it can be dropped."""
        self._engines.pop(database).close()

    def close(self) -> None:
        """Close the connections to the engine."""
        for connection in self._engines.values():
            connection.close()

    def execute(self, *statements: str, database: str = "dev") -> None:
        """Run statements in PostgreSQL itself."""
        for statement in statements:
            self.engine(database).execute(statement.encode())

    def rows(self, statement: str, database: str = "dev") -> list[tuple[Any, ...]]:
        """The rows of a statement in PostgreSQL itself."""
        return self.engine(database).execute(statement.encode()).fetchall()

    def redshift(self, *statements: str) -> None:
        """Run statements through the Data API as the administrator, in Redshift's own dialect."""
        for statement in statements:
            self.ask(statement)

    def ask(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a statement, run through the Data API as the administrator."""
        session = self.app.connections.open(self.app.connections.get("admin"), Usage())
        try:
            rows = session.run(Statement(statement))
            names = [column.name for column in rows.columns]
            return [dict(zip(names, row, strict=True)) for row in rows]
        finally:
            session.close()

    def connection(self, name: str) -> Connection:
        """The saved connection called `name`."""
        return self.app.connections.get(name)

    def calls(self) -> list[dict[str, Any]]:
        """The statements in the sandbox's call log."""
        return list(own(self.sandbox, "GET", "calls")[1]["statements"])

    def forget_calls(self) -> None:
        """Empty the call log."""
        own(self.sandbox, "DELETE", "calls")

    def scanned_rows(self, table: TableName) -> int:
        """How many rows were read from the table by sequential scans, by the engine's own counters."""
        query = "select seq_tup_read from pg_stat_user_tables where schemaname = %s and relname = %s"
        self.execute("select pg_stat_force_next_flush()", database=table.database)
        row = self.engine(table.database).execute(query, (table.schema, table.name)).fetchone()
        return int(row[0]) if row else 0

    def expression(self, table: TableName, texts: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
        """The values of hand-written expressions over a table."""
        where = sql.Identifier(table.schema, table.name).as_string()
        return self.rows(f"select {', '.join(texts)} from {where} {tail}", table.database)
