"""Wrapping: a key encrypted with the master key (AES-256-GCM).

The store and the key's name are bound into the wrapped key, so that no two wrapped keys can be swapped.
"""

from __future__ import annotations

import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wharfinger.keys.model import MasterKey
from wharfinger.keys.ring import FORMAT

NONCE_BYTES = 12


def wrap(master: MasterKey, name: str, key: bytes) -> bytes:
    """The wrapped form of the key called `name`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master.key).encrypt(nonce, key, _bound(master.store, name))


def unwrap(master: MasterKey, store: str, name: str, wrapped: bytes) -> bytes | None:
    """The key in its wrapped form, None when that was changed, or wrapped under another name or for another store."""
    try:
        return AESGCM(master.key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(store, name))
    except (InvalidTag, ValueError):
        return None


def _bound(store: str, name: str) -> bytes:
    return json.dumps(["wharfinger key", FORMAT, store, name]).encode()
