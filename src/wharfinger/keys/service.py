"""The verbs of keys: show where the master key is, and move it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wharfinger.core.acting import Acts
from wharfinger.keys.keyring import Keyring
from wharfinger.keys.ports import Removal
from wharfinger.keys.ring import Ring


@dataclass(frozen=True, slots=True)
class KeyState:
    """The public facts about the keys. `provider` is the master key's place, `wrapped` how many keys it wraps."""

    provider: str
    key_id: str
    created_at: datetime
    wrapped: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The result of a move. `moved_from` is None when the key was at the target already and nothing was moved.

    `old_key` says what happened to the key at the old place, or to the key that an interrupted move had left there.
    """

    state: KeyState
    moved_from: str | None
    old_key: Removal


class Keys:
    """The verbs of keys."""

    def __init__(self, keyring: Keyring, acts: Acts) -> None:
        self._keyring = keyring
        self._acts = acts

    def show(self) -> KeyState:
        """Where the master key is, its id and since when it exists, and how many keys it wraps; never a key."""
        self._acts.require("keys:show")
        return _state(self._keyring.ring())

    def move(self, place: str) -> Moved:
        """Move to a new master key at `place`, `local` or `aws-secretsmanager:NAME`; see `Keyring.move`."""
        with self._acts.act("keys:move", place, f"from {self._keyring.ring().provider}") as act:
            move = self._keyring.move(place)
            if move.moved_from is None:
                act.detail = "it was there already"
        return Moved(_state(move.ring), move.moved_from, move.old_key)


def _state(ring: Ring) -> KeyState:
    return KeyState(ring.provider, ring.key_id, ring.created_at, len(ring.wrapped))
