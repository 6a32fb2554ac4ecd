"""A door of the sandbox: one way to sign in, and what its sessions leave in the sandbox's log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import urllib3
from tests.conftest import Sandbox

from wharfinger.adapters.aws import AwsPool
from wharfinger.adapters.aws_calls import Backoff
from wharfinger.adapters.limiter import QUOTAS, Limiter, Limiters
from wharfinger.adapters.sessions import SessionOpener
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.session import Session, Statement, Stopped, Usage

DOORS = ["workgroup iam", "cluster iam", "cluster db-user", "cluster secret", "workgroup secret", "wire password"]
KINDS_OF_DOOR = ["workgroup iam", "cluster db-user", "wire password"]
USERS = {
    "workgroup iam": "IAM:admin", "cluster iam": "IAM:admin", "cluster db-user": "awsuser",
    "cluster secret": "awsuser", "workgroup secret": "awsuser", "wire password": "awsuser",
}  # fmt: skip

QUICK = Backoff(first=0.01, longest=0.05)


def _unhurried() -> Limiter:
    """The quotas are tested by themselves; here they would only make the tests wait."""
    return Limiter(dict.fromkeys(QUOTAS, 1000.0))


@dataclass
class Door:
    """One way in: a connection with its secrets, and sessions on it that are closed after the test."""

    name: str
    connection: Connection
    secrets: Secrets
    sandbox: Sandbox
    pool: AwsPool
    opened: list[Session]

    def open(self, usage: Usage | None = None, *, database: str | None = None, seconds: float = 600) -> Session:
        opener = SessionOpener(self.pool, Limiters(_unhurried), backoff=QUICK, statement_seconds=seconds)
        self.opened.append(opener.open(self.connection, self.secrets, usage or Usage(), database=database))
        return self.opened[-1]

    def run(self, sql: str, usage: Usage | None = None) -> list[tuple[Any, ...]]:
        return list(self.open(usage).run(Statement(sql)))

    @property
    def is_wire(self) -> bool:
        return self.connection.sign_in == "password"

    def calls(self) -> dict[str, Any]:
        """What the sandbox saw since `forget`."""
        document: dict[str, Any] = self._ask("GET", "/_sandbox/calls").json()
        return document

    def forget(self) -> None:
        self._ask("DELETE", "/_sandbox/calls")

    def fault(self, operation: str, kind: str, count: int | None = 1) -> None:
        fault = {"operation": operation, "kind": kind} | ({} if count is None else {"count": count})
        self._ask("PUT", "/_sandbox/faults", [fault])

    def no_faults(self) -> None:
        self._ask("DELETE", "/_sandbox/faults")

    def engine(self, *statements: str) -> None:
        """Run statements in the bare engine, past the door."""
        with psycopg.connect(self.sandbox.ready["engine"]["dsn"], autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def endless(self) -> Iterator[str]:
        """A query that runs until the block ends, and then returns one row with 1; Redshift has no sleep.

        It waits for a lock inside a function: a table by itself would be waited for before the statement starts.
        """
        name = f"public.gate_{uuid4().hex[:12]}"
        read = f"begin return (select one from {name}); end"
        with psycopg.connect(self.sandbox.ready["engine"]["dsn"], autocommit=True) as keeper:
            keeper.execute(f"create table {name} as select 1 as one".encode())
            keeper.execute(f"create function {name}() returns int language plpgsql as '{read}'".encode())
            keeper.execute(b"begin")
            keeper.execute(f"lock table {name} in access exclusive mode".encode())
            yield f"select {name}()"
            keeper.execute(b"rollback")

    def statuses(self) -> list[str]:
        """How the statements that the sandbox saw are getting on, in the order they started."""
        return [one["status"] for one in self.calls()["statements"]]

    def _ask(self, method: str, path: str, body: object = None) -> urllib3.BaseHTTPResponse:
        answer = urllib3.request(method, self.sandbox.endpoint_url + path, json=body)
        assert answer.status < 300, answer.data
        return answer


OpenDoor = Callable[..., Door]


def in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """A thread that does `work`, and the list its result, or Stopped, goes into."""
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(work())
        except Stopped as stopped:
            ended.append(stopped)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended
