"""What the access verbs need of others, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from wharfinger.access.password_record import PasswordRecord, PasswordRecords
from wharfinger.connections.model import Caller, Connection
from wharfinger.core.secret import Secret
from wharfinger.core.session import Session, Usage


class Connections(Protocol):
    """Sessions through saved connections; `ConnectionService` is one."""

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database` or the connection's own. Close it when done."""

    def caller(self, connection: Connection) -> Caller:
        """The AWS account and ARN of the connection's identity. Raises Refused, Invalid, NotFound or Unavailable."""


class Lock(Protocol):
    """Lets one process of this home apply at a time; `core.storage.Locks.locked` is one."""

    def __call__(self) -> AbstractContextManager[None]: ...


class PasswordKeeper(Protocol):
    """Stores new passwords in a file, or shows them on a terminal.

    It gets them before the warehouse, so that none is lost.
    """

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Store or show the passwords of some users. When this raises, nothing is sent to the warehouse."""

    def take_back(self, users: Collection[str]) -> None:
        """Remove the passwords of `users`, or say that they are invalid: the warehouse has not set them."""


class Passwords(Protocol):
    """The store of what was done to passwords. It holds no password."""

    def of(self, connection: Connection) -> PasswordRecords:
        """What is known of the users of the warehouse that `connection` leads to."""

    def put(self, connection: Connection, records: Iterable[PasswordRecord]) -> None:
        """Store records; each replaces the one of the same user and connection."""

    def forget(self, connection: Connection, users: Collection[str]) -> None:
        """Delete the records of users that exist no more."""
