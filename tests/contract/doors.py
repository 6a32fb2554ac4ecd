"""A door of the sandbox: one way to sign in, with sessions and the sandbox's call log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tests.conftest import Sandbox
from tests.sandbox.front import engine, own, shut_gate

from wharfinger.adapters.aws.calls import Backoff
from wharfinger.adapters.aws.clients import AwsPool
from wharfinger.adapters.aws.limiter import QUOTAS, Limiter, Limiters
from wharfinger.adapters.redshift.sessions import SessionOpener
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
    """A limiter without quotas: they have tests of their own and would only make these tests wait."""
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
        return dict(own(self.sandbox, "GET", "calls")[1])

    def forget(self) -> None:
        own(self.sandbox, "DELETE", "calls")

    def fault(self, operation: str, kind: str, count: int | None = 1) -> None:
        fault = {"operation": operation, "kind": kind} | ({} if count is None else {"count": count})
        assert own(self.sandbox, "PUT", "faults", [fault])[0] == 200

    def no_faults(self) -> None:
        own(self.sandbox, "DELETE", "faults")

    def engine(self, *statements: str) -> None:
        """Run statements in PostgreSQL itself."""
        with engine(self.sandbox) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def endless(self) -> AbstractContextManager[str]:
        """A query that runs until the block ends, and then returns one row with 1."""
        return shut_gate(self.sandbox.ready["engine"]["dsn"])

    def statuses(self) -> list[str]:
        """The statuses of the statements in the sandbox's call log, in the order they started."""
        return [one["status"] for one in self.calls()["statements"]]


OpenDoor = Callable[..., Door]


def in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """A thread that runs `work`, and the list that gets its result, or Stopped."""
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(work())
        except Stopped as stopped:
            ended.append(stopped)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended
