"""The verbs of keys: show where the master key lives, and move it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wharfinger.core.acting import Acts
from wharfinger.keys.keyring import Keyring
from wharfinger.keys.model import Discarded


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

    def __init__(self, keyring: Keyring, acts: Acts) -> None:
        self._keyring = keyring
        self._acts = acts

    def show(self) -> KeyState:
        """Where the master key lives, which one it is, since when, and how many keys it wraps."""
        ring = self._keyring.ring()
        return KeyState(ring.provider, ring.key_id, ring.created_at, len(ring.wrapped))

    def move(self, target: str) -> Moved:
        """Move to a new master key at `target` (`local` or `aws-secretsmanager:NAME`); see `Keyring.move`."""
        with self._acts.act("keys:move", target) as act:
            move = self._keyring.move(target)
            act.detail = f"from {move.moved_from}" if move.moved_from is not None else "it was there already"
        state = self.show()
        return Moved(state, move.moved_from, move.old_key)
