"""The storage port: what Wharfinger needs of the place where its data are stored.

Rows alone are not enough: services rely on transactions during which no other process writes, on locks between
processes that a killed holder releases, on seeing that a process has died, and on a keyring that is replaced as a
whole. A home folder provides all of it (`store.home_storage`); `tests/contract/storage` says what any other
implementation must do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class QueueDatabase:
    """How SQLAlchemy reaches the queue's database: `url` names the dialect, `connect` is the engine's `creator`, which
    makes a DBAPI connection.
    """

    url: str
    connect: Callable[[], Any]


class Transactions(Protocol):
    """Transactions on the store's rows, for the thread that asks."""

    def exclusive(self) -> AbstractContextManager[None]:
        """One transaction, during which no other thread or process writes; what it reads stays true until it ends.

        Committed at the end of the block, rolled back when the block raises or its process dies. Inside another
        transaction it is a part of that one, and rolled back alone when its own block raises.
        """

    def durable(self) -> AbstractContextManager[None]:
        """The same, and on disk when the block has ended: a power failure does not lose it.

        Raises RuntimeError inside another transaction, which could still be rolled back.
        """


Writing = Callable[[], AbstractContextManager[None]]
"""Opens such an exclusive transaction for the effects of a piece of work.

It raises what says that the work may not write any more.
"""


class Locks(Protocol):
    """Locks between threads and processes."""

    def locked(self, name: str, stop: threading.Event | None = None) -> AbstractContextManager[None]:
        """Hold the lock `name` during the block; waits as long as another thread or process holds it.

        Not reentrant. When its holder dies, however it dies, the lock is free. Raises Stopped when `stop` is set while
        it waits.
        """


class Hold(Protocol):
    """A name that this process holds."""

    def release(self) -> None:
        """Let others hold the name; releasing it again does nothing."""


class Holds(Protocol):
    """Names that a process holds as long as it lives.

    Other processes see whether one is held, and so notice a death.
    """

    def hold(self, name: str) -> Hold | None:
        """Hold `name` until it is released or this process dies; returns None at once when it is held already."""

    def is_held(self, name: str) -> bool:
        """Whether a living process holds `name`, this one included. False for a name that was never held."""

    def forget(self, name: str) -> None:
        """Remove what remains of a name that is no longer held."""


class KeyringPlace(Protocol):
    """Where the keyring is stored: one document, which holds no key in clear."""

    @property
    def name(self) -> str:
        """The place as error messages name it."""

    def read(self) -> bytes | None:
        """The whole document as last written, None when there is none."""

    def replace(self, content: bytes) -> None:
        """Write the document as a whole, durably: a reader gets the old or the new document, also after a crash."""

    def locked(self) -> AbstractContextManager[None]:
        """Hold the document's lock during the block: no other process changes it; see `Locks.locked`."""

    @property
    def store_name(self) -> str:
        """The store as error messages name it."""

    def store_exists(self) -> bool:
        """Whether a store is there that holds something."""

    def sealed_data(self) -> list[str]:
        """The names of everything here that cannot be read without the keyring: the store, its copies, the queue."""


class Storage(Transactions, Locks, Holds, Protocol):
    """Everything together: one place that holds a store, its keyring and the queue's database."""

    @property
    def keyring(self) -> KeyringPlace:
        """Where the keyring is stored."""

    def open(self, key: bytes) -> None:
        """Open the store with its 32-byte `key` for all threads of this process, and bring its tables up to date.

        Raises Conflict when the key is another one or a newer version has written the store, Unavailable when it stays
        locked, Failed when the tables could not be brought up to date; the store is as it was then.
        """

    def close(self) -> None:
        """Close what this thread has open; it opens again when it is used."""

    def queue(self, key: bytes) -> QueueDatabase:
        """The database of the job queue, whose tables are DBOS's; its writes must not slow the store down.

        It is made if absent. Raises Conflict when `key` (32 bytes) does not open it.
        """

    def queue_exists(self) -> bool:
        """Whether the queue's database has been made."""
