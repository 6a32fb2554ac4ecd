"""The verbs of keys: show where the master key lives, and move it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wharfinger.adapters.keyring import Keyring
from wharfinger.core.events import Audit, Event


@dataclass(frozen=True, slots=True)
class KeyState:
    """What may be told of the keys: never the keys."""

    provider: str
    key_id: str
    created_at: datetime
    wrapped: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a move. `old_removed` is False when the old place leaves its key to its owner."""

    state: KeyState
    old_provider: str
    old_removed: bool


class Keys:
    """What people do with keys."""

    def __init__(self, keyring: Keyring, audit: Audit) -> None:
        self._keyring = keyring
        self._audit = audit

    def show(self) -> KeyState:
        """Where the master key lives, which one it is, since when, and how many keys it wraps."""
        ring = self._keyring.ring()
        return KeyState(ring.provider, ring.key_id, ring.created_at, len(ring.wrapped))

    def move(self, target: str) -> Moved:
        """Move to a new master key at `target` (`local` or `aws-secretsmanager:NAME`); see `Keyring.move`."""
        old = self._keyring.ring().provider
        _, removed = self._keyring.move(target)
        state = self.show()
        self._audit.record(Event("keys:move", state.provider, detail=f"from {old}"))
        return Moved(state, old, removed)
