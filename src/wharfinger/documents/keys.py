"""The master key: where it is, and the result of moving it."""

from __future__ import annotations

from typing_extensions import TypedDict

from wharfinger.keys.service import KeyState, Moved


class KeyStateDocument(TypedDict):
    """Where the master key is (`local` or `aws-secretsmanager:NAME`), its id, since when it exists (ISO 8601, UTC),
    and how many keys it wraps. Never a key.
    """

    provider: str
    key_id: str
    created_at: str
    wrapped_keys: int


class MovedKeyDocument(KeyStateDocument):
    """The same after a move. `moved` is false and `moved_from` null when the key was there already.

    `old_key_removed` is true when the old key, or one that an interrupted move had left, was removed.
    """

    moved: bool
    moved_from: str | None
    old_key_removed: bool


def key_state_document(state: KeyState) -> KeyStateDocument:
    """The public facts about the keys."""
    return {
        "provider": state.provider,
        "key_id": state.key_id,
        "created_at": state.created_at.isoformat(),
        "wrapped_keys": state.wrapped,
    }


def moved_key_document(moved: Moved) -> MovedKeyDocument:
    """The result of a move."""
    return {
        **key_state_document(moved.state),
        "moved": moved.moved_from is not None,
        "moved_from": moved.moved_from,
        "old_key_removed": moved.old_key == "removed",
    }
