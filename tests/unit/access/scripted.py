"""Connections whose sessions answer from a script, for cases that no warehouse produces on demand."""

# ruff: noqa: ARG002 - the signatures are those of the ports

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from tests.unit.scripted_sql import Answer, ScriptedSession

from wharfinger.access.password_record import PasswordRecord, PasswordRecords
from wharfinger.connections.model import Caller, Connection
from wharfinger.core.session import Session, Usage

ANALYST = Caller("123456789012", "arn:aws:iam::123456789012:user/analyst")


@dataclass
class ScriptedConnections:
    """Opens scripted sessions and counts those not closed. `closed_databases` raise what they hold when entered."""

    script: dict[str, Answer] = field(default_factory=dict)
    closed_databases: dict[str, BaseException] = field(default_factory=dict)
    caller_is: Caller = ANALYST
    log: list[tuple[str, str]] = field(default_factory=list)
    still_open: int = 0

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        entered = database or connection.database
        for name in (entered, "*"):
            if name in self.closed_databases:
                raise self.closed_databases[name]
        self.still_open += 1
        return ScriptedSession(self.script, entered, self.log, self._closed)

    def caller(self, connection: Connection) -> Caller:
        return self.caller_is

    def _closed(self) -> None:
        self.still_open -= 1


@dataclass
class KnownPasswords:
    """What was done to passwords, in memory."""

    rows: dict[str, PasswordRecord] = field(default_factory=dict)

    def of(self, connection: Connection) -> PasswordRecords:
        return dict(self.rows)

    def put(self, connection: Connection, records: Iterable[PasswordRecord]) -> None:
        self.rows |= {record.user: record for record in records}

    def forget(self, connection: Connection, users: Collection[str]) -> None:
        for user in users:
            self.rows.pop(user, None)
