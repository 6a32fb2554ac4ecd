"""The keyring as a document: which master key wraps which keys. It holds no key in clear."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from wharfinger.core.errors import Conflict

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Ring:
    """The content of a keyring. `wrapped` maps a key's name to the wrapped key; `version` counts the changes.

    `store_made`: a store was made with its key, so that one that is missing has been lost.

    `provider` is the master key's place and `region` its AWS region, so that a process without AWS_REGION finds it too;
    empty for `local`.
    """

    store: str
    provider: str
    region: str
    key_id: str
    created_at: datetime
    version: int
    wrapped: dict[str, bytes]
    store_made: bool = False

    def to_bytes(self) -> bytes:
        """The document as bytes."""
        document = {
            "format": FORMAT,
            "store": self.store,
            "provider": self.provider,
            "region": self.region,
            "key_id": self.key_id,
            "created_at": self.created_at.isoformat(),
            "version": self.version,
            "store_made": self.store_made,
            "keys": {name: base64.b64encode(blob).decode() for name, blob in sorted(self.wrapped.items())},
        }
        return json.dumps(document, indent=2).encode() + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes, *, where: str) -> Ring:
        """The keyring in such a document. Raises Conflict, naming `where`, when it is damaged or of a newer format."""
        try:
            document = json.loads(content)
            if document["format"] != FORMAT:
                raise unreadable(where, f"its format is {document['format']}, this version knows {FORMAT}")
            wrapped = {name: base64.b64decode(blob, validate=True) for name, blob in document["keys"].items()}
            return cls(
                store=str(document["store"]),
                provider=str(document["provider"]),
                region=str(document["region"]),
                key_id=str(document["key_id"]),
                created_at=datetime.fromisoformat(document["created_at"]),
                version=int(document["version"]),
                wrapped=wrapped,
                # A keyring of an earlier build does not say so; only a store's data have further keys.
                store_made=bool(document.get("store_made", len(wrapped) > 1)),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise unreadable(where, "a part of it is missing or damaged") from None


def unreadable(where: str, why: str) -> Conflict:
    """The error for a keyring that is damaged."""
    return Conflict(
        "The keyring cannot be read",
        subject=where,
        why=f"{why}. Nothing was changed",
        next_step="Restore it from a backup",
    )
