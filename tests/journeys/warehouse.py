"""The sandbox as product code sees it: an app with connections, the call log, the bare engine for the truth by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import urllib3
from psycopg import sql
from tests.conftest import Sandbox

from wharfinger.app import App, open_app
from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.core.names import TableName
from wharfinger.core.secret import Secret


class Warehouse:
    """One home with the connections `admin` (cluster) and `analyst` (workgroup) to a running sandbox."""

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self.sandbox = sandbox
        self.home = home
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

    def engine(self, database: str = "dev") -> psycopg.Connection[tuple[Any, ...]]:
        """The bare PostgreSQL below, as its superuser."""
        return psycopg.connect(self.sandbox.ready["engine"]["dsn"], dbname=database, autocommit=True)

    def execute(self, *statements: str, database: str = "dev") -> None:
        """Run statements in the bare engine."""
        with self.engine(database) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self, statement: str, database: str = "dev") -> list[tuple[Any, ...]]:
        """The rows of a statement in the bare engine."""
        with self.engine(database) as connection:
            return connection.execute(statement.encode()).fetchall()

    def redshift(self, *statements: str, connection: str = "admin", database: str | None = None) -> None:
        """Run statements through the Data API, in Redshift's own dialect."""
        from wharfinger.core.session import Statement, Usage

        session = self.app.connections.open(self.app.connections.get(connection), Usage(), database=database)
        try:
            for text in statements:
                session.run(Statement(text))
        finally:
            session.close()

    def calls(self) -> list[dict[str, Any]]:
        """The statements in the sandbox's call log."""
        answer = urllib3.request("GET", f"{self.sandbox.endpoint_url}/_sandbox/calls", timeout=10)
        return list(json.loads(answer.data)["statements"])

    def forget_calls(self) -> None:
        """Empty the call log."""
        assert urllib3.request("DELETE", f"{self.sandbox.endpoint_url}/_sandbox/calls", timeout=10).status < 300

    def scanned_rows(self, table: TableName) -> int:
        """How many rows were read from the table by sequential scans, by the engine's own counters."""
        query = "select seq_tup_read from pg_stat_user_tables where schemaname = %s and relname = %s"
        with self.engine(table.database) as connection:
            row = connection.execute(query, (table.schema, table.name)).fetchone()
        return int(row[0]) if row else 0

    def expression(self, table: TableName, texts: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
        """The answer to expressions over a table, written by hand."""
        where = sql.Identifier(table.schema, table.name).as_string()
        return self.rows(f"select {', '.join(texts)} from {where} {tail}", table.database)
