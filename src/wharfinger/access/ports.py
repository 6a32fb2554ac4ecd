"""What the access verbs need of others, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.connections.model import Caller, Connection
from wharfinger.core.secret import Secret
from wharfinger.core.session import Session, Usage


class Connections(Protocol):
    """Sessions through saved connections; `ConnectionService` is one."""

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database` or the connection's own. Close it when done."""

    def caller(self, connection: Connection) -> Caller:
        """Whom AWS takes the connection's identity for. Raises Refused, Invalid, NotFound or Unavailable."""


class Lock(Protocol):
    """Lets one process of this home apply at a time; `core.storage.Locks.locked` is one."""

    def __call__(self) -> AbstractContextManager[None]: ...


class PasswordKeeper(Protocol):
    """Where new passwords go: a file, a terminal. It gets them before the warehouse does, so that none is lost."""

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Take the passwords of some users. When this raises, nothing is sent to the warehouse."""

    def take_back(self, users: Collection[str]) -> None:
        """Forget the passwords of `users`: the warehouse has not set them."""
