"""The verbs of keys: show where the master key lives, and move it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wharfinger.adapters.key_providers import Discarded
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
    """What became of a move. `moved_from` is None when the key was there already and nothing was moved.

    `old_key`: what became of the key at the old place, or of what an interrupted move had left behind.
    """

    state: KeyState
    moved_from: str | None
    old_key: Discarded


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
        move = self._keyring.move(target)
        state = self.show()
        if move.moved_from is not None:
            self._audit.record(Event("keys:move", state.provider, detail=f"from {move.moved_from}"))
        return Moved(state, move.moved_from, move.old_key)
