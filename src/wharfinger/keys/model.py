"""The master key as a value, and the port of a place that holds it."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from wharfinger.core.errors import Conflict, NotFound
from wharfinger.core.secret import Secret

KEY_BYTES = 32

LOCAL = "local"
AWS_PREFIX = "aws-secretsmanager:"

Discarded = Literal["removed", "absent", "left"]
"""What became of a key that is not needed any more: removed, none was there, or left to the owner of its place."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps the other keys: `store` is the keyring it belongs to, `id` names it, both no secrets."""

    store: str
    id: str
    key: bytes
    created_at: datetime

    def __repr__(self) -> str:
        return f"MasterKey(store={self.store!r}, id={self.id!r})"

    @classmethod
    def fresh(cls, store: str) -> MasterKey:
        """A new random key for the keyring `store`."""
        return cls(store, os.urandom(8).hex(), os.urandom(KEY_BYTES), datetime.now(UTC))

    def to_text(self) -> Secret:
        """The one form every provider keeps: a small JSON document."""
        document = {
            "wharfinger": "master key",
            "store": self.store,
            "id": self.id,
            "created_at": self.created_at.isoformat(),
            "key": base64.b64encode(self.key).decode(),
        }
        return Secret(json.dumps(document))

    @classmethod
    def from_text(cls, text: Secret, *, where: str) -> MasterKey:
        """The key from what `to_text` made. Raises Conflict when it is something else, naming `where`, not the text."""
        try:
            document = json.loads(text.reveal())
            key = base64.b64decode(document["key"], validate=True)
            created_at = datetime.fromisoformat(document["created_at"])
            master = cls(str(document["store"]), str(document["id"]), key, created_at)
        except (ValueError, KeyError, TypeError):
            raise _not_a_key(where) from None
        if len(master.key) != KEY_BYTES:
            raise _not_a_key(where)
        return master


class KeyProvider(Protocol):
    """A place for one master key."""

    @property
    def name(self) -> str:
        """How the keyring and `keys move --to` call it: `local` or `aws-secretsmanager:NAME`."""

    def load(self) -> MasterKey | None:
        """The key kept there, or None when there is none.

        Raises Refused when it may not be read, Conflict when something else lies there, Unavailable to try later.
        """

    def keep(self, master: MasterKey) -> None:
        """Keep `master` there, durably. Raises Conflict when anything is there already; nothing is overwritten."""

    def discard(self) -> Discarded:
        """Remove the key, where that is not its owner's to do."""


def lost_key(provider: KeyProvider) -> NotFound:
    """The error for a keyring whose master key is gone."""
    where = "its key file" if provider.name == LOCAL else "the secret in AWS Secrets Manager"
    return NotFound(
        "The master key is lost",
        subject=provider.name,
        why=f"the keyring names it, but {where} is not there. Without it the store cannot be read; nothing was changed",
        next_step="Restore it from a backup, or start afresh in another folder with --home",
    )


def _not_a_key(where: str) -> Conflict:
    return Conflict(
        "What lies there is not a master key of Wharfinger",
        subject=where,
        why="its content has another form; it was left as it is",
        next_step="Choose another name, or restore the key from a backup",
    )
