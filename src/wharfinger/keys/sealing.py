"""Sealing: encryption of values so that each can be opened only for its own row."""

from __future__ import annotations

import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wharfinger.core.errors import Conflict
from wharfinger.keys.keyring import Keyring
from wharfinger.keys.wrapping import NONCE_BYTES

_FORMAT = b"\x01"


class Sealer:
    """Seals with one data key for each connection (AES-256-GCM). Safe to use from several threads."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def seal(self, connection_id: str, row_identity: str, content: bytes) -> bytes:
        """`content` sealed for the row `row_identity` of the connection; the data key is made on first use.

        `row_identity` names the row and the column and never changes, such as `samples:dev.shop.orders:email`.
        """
        key = self._keyring.key(_key_name(connection_id), make=True)
        nonce = os.urandom(NONCE_BYTES)
        return _FORMAT + nonce + AESGCM(key).encrypt(nonce, content, _bound(connection_id, row_identity))

    def open(self, connection_id: str, row_identity: str, sealed: bytes) -> bytes:
        """The content that was sealed. Raises Conflict when it was changed, or sealed for another row or connection.

        Raises NotFound when the connection's data key is gone.
        """
        key = self._keyring.key(_key_name(connection_id))
        body = sealed[len(_FORMAT) :]
        try:
            if not sealed.startswith(_FORMAT):
                raise _broken(row_identity)
            return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(connection_id, row_identity))
        except (InvalidTag, ValueError):
            raise _broken(row_identity) from None

    def forget(self, connection_id: str) -> None:
        """Remove the connection's data key: what was sealed with it can never be opened again."""
        self._keyring.forget(_key_name(connection_id))


def _key_name(connection_id: str) -> str:
    return f"connection:{connection_id}"


def _bound(connection_id: str, row_identity: str) -> bytes:
    return json.dumps(["wharfinger row", connection_id, row_identity]).encode()


def _broken(row_identity: str) -> Conflict:
    return Conflict(
        "A sealed value cannot be opened",
        subject=row_identity,
        why="it was changed, or it was sealed for another row",
        next_step="Restore the store from a backup, or enter the value again",
    )
