"""What the access verbs need of others, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.access.plan import Plan
from wharfinger.connections.model import Connection
from wharfinger.core.secret import Secret
from wharfinger.core.session import Session, Usage


class Connections(Protocol):
    """Saved connections and sessions through them; `ConnectionService` is one."""

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound."""

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database` or the connection's own. Close it when done."""


class Lock(Protocol):
    """Holds others of this home back while one works; `wharfinger.store.locked` is one."""

    def __call__(self) -> AbstractContextManager[None]: ...


class Plans(Protocol):
    """Where plans are kept. They hold no secrets."""

    def add(self, connection: Connection, plan: Plan) -> None:
        """Keep a plan under its id."""

    def get(self, connection: Connection, id: str) -> Plan:
        """The plan of that id, of that connection. Raises NotFound."""


class PasswordKeeper(Protocol):
    """Where passwords just made go: a file, a terminal. It has them before the warehouse does, so none is lost."""

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Take the passwords of some users in. Raises what keeps it from it; nothing is sent to the warehouse then."""

    def take_back(self, users: Collection[str]) -> None:
        """Forget those of `users` again: the warehouse has not taken them."""
