"""A warehouse with raw data for one test, its administrator's command line, and users who sign in over the wire."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from tests.command_line import Answer, Run
from tests.conftest import Sandbox
from tests.sandbox.front import database as on_the_wire
from tests.sandbox.front import engine


class World:
    """One sandbox, seen by its administrator through the connection `admin`, and by people through the wire.

    `{x}` in a spec or a statement stands for letters of this world's own, since all tests share the sandbox. The
    connection goes through the Data API or, without waiting for its quotas, through the wire.
    """

    def __init__(self, cli: Run, sandbox: Sandbox, folder: Path, *, wire: bool = False) -> None:
        self.cli = cli
        self.sandbox = sandbox
        self.folder = folder
        self.x = uuid.uuid4().hex[:8]
        self.credentials = folder / "credentials.json"
        self.add("admin", "--cluster", sandbox.ready["cluster"]["identifier"], *(self._by_password() if wire else []))

    def add(self, name: str, *arguments: str) -> None:
        answer = self.cli("connection", "add", name, "--database", "dev", *arguments, "--untested", "--json")
        assert answer.code == 0, answer

    def _by_password(self) -> list[str]:
        ready = self.sandbox.ready
        password = self.folder / "admin.password"
        password.write_text(ready["admin"]["password"])
        password.chmod(0o600)
        where = ["--host", ready["wire"]["host"], "--port", str(ready["wire"]["port"])]
        who = ["--user", ready["admin"]["user"], "--password-from", f"file:{password}"]
        return ["--sign-in", "password", *where, *who]

    def own(self, text: str) -> str:
        return text.replace("{x}", self.x)

    def engine(self, *statements: str, database: str = "dev") -> list[tuple[Any, ...]]:
        """Run statements in PostgreSQL itself, without the dialect; returns the rows of the last one."""
        with engine(self.sandbox, database) as connection:
            for statement in statements:
                cursor = connection.execute(self.own(statement).encode())
            return cursor.fetchall() if cursor.description else []

    def raw_data(self) -> None:
        """A schema `raw_{x}` with two tables and a row each, owned by the administrator."""
        self.boss(
            "create schema raw_{x}",
            "create table raw_{x}.charges (id int, amount numeric(10,2))",
            "create table raw_{x}.refunds (id int)",
            "insert into raw_{x}.charges values (1, 9.50)",
            "insert into raw_{x}.refunds values (1)",
        )

    def spec(self, text: str, name: str = "access.yml") -> Path:
        file = self.folder / name
        file.write_text("version: 1\n" + self.own(text))
        return file

    def plan(self, spec: Path, connection: str = "admin") -> dict[str, Any]:
        answer = self.cli("access", "plan", connection, spec, "--json")
        assert answer.code == 0, answer
        return dict(answer.document)

    def apply(self, plan: dict[str, Any], *arguments: str | Path) -> Answer:
        where = [] if "--credentials-file" in arguments else ["--credentials-file", self.credentials]
        return self.cli("access", "apply", "admin", plan["plan"], "--yes", "--json", *where, *arguments)

    def put_in_place(self, spec: Path) -> dict[str, Any]:
        """Plan and apply a spec; returns the plan."""
        plan = self.plan(spec)
        answer = self.apply(plan)
        assert answer.code == 0, answer
        assert answer.document["applied"] == answer.document["of"] == len(plan["steps"])
        return plan

    def differences(self, spec: Path) -> list[str]:
        """The statements that `verify` reports; checks that its exit code matches."""
        answer = self.cli("access", "verify", "admin", spec, "--json")
        assert "steps" in answer.document, answer
        steps = [step["sql"] for step in answer.document["steps"]]
        assert answer.code == (1 if steps else 0), answer
        return steps

    def password(self, user: str) -> str:
        return str(json.loads(self.credentials.read_text())["users"][self.own(user)]["password"])

    @contextmanager
    def signed_in(self, user: str, password: str = "", database: str = "dev") -> Iterator[psycopg.Connection[Any]]:
        """A connection over the wire by password, with TLS."""
        who = {"user": self.own(user), "password": password or self.password(user), "dbname": database}
        with on_the_wire(self.sandbox, **who) as connection:
            yield connection

    def ask(self, user: str, statement: str, password: str = "", database: str = "dev") -> list[tuple[Any, ...]]:
        """Run one statement over the wire as `user`."""
        with self.signed_in(user, password, database) as connection:
            cursor = connection.execute(self.own(statement).encode())
            return cursor.fetchall() if cursor.description else []

    def boss(self, *statements: str, database: str = "dev") -> list[tuple[Any, ...]]:
        """Run statements over the wire as the administrator; returns the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        admin = self.sandbox.ready["admin"]
        with self.signed_in(admin["user"], admin["password"], database) as connection:
            for statement in statements:
                cursor = connection.execute(self.own(statement).encode())
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def check(self, user: str, *arguments: str, connection: str = "admin") -> tuple[int, dict[str, Any]]:
        """Run `access check --as`; returns its exit code, the checks by id, and under `""` the whole document."""
        answer = self.cli("access", "check", connection, "--as", self.own(user), "--json", *arguments)
        document = answer.document
        assert "checks" in document, answer
        return answer.code, {**{one["id"]: one for one in document["checks"]}, "": document}
