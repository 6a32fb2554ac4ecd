"""The master key as a value."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime

from wharfinger.core.errors import Conflict
from wharfinger.core.secret import Secret

KEY_BYTES = 32

LOCAL = "local"
AWS_PREFIX = "aws-secretsmanager:"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps other keys. `store` is the keyring it belongs to and `id` its own name; neither is secret."""

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
        """The form in which every provider writes it: a small JSON document."""
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
        """The key in a text that `to_text` made. Raises Conflict for any other text, naming `where`, not the text."""
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


def _not_a_key(where: str) -> Conflict:
    return Conflict(
        "This place holds something else than a master key of Wharfinger",
        subject=where,
        why="its content has another form; it was not changed",
        next_step="Choose another name, or restore the key from a backup",
    )
