"""The keyring: every key of a home, each wrapped by the master key, in one file that is replaced whole.

Envelope encryption with AES-256-GCM. The master key lies elsewhere (`key_providers`); what the keyring holds is of no
use without it. A key's name is bound into its wrapping, so that no two can be swapped.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wharfinger.core.errors import Conflict, NotFound
from wharfinger.keys.keyring_file import FORMAT, Ring, unreadable
from wharfinger.keys.model import KEY_BYTES, LOCAL, Discarded, KeyProvider, MasterKey, lost_key
from wharfinger.store.home import DATABASE, KEYRING, locked, write_whole

DATABASE_KEY = "database"
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Move:
    """What `Keyring.move` did. `moved_from` is None when the key was there already; `old_key` is then what an
    interrupted move had left behind.
    """

    ring: Ring
    moved_from: str | None
    old_key: Discarded


class Keyring:
    """The keys of one home, for all threads of this process and beside other processes.

    `providers` turns a provider's name and region into the provider; `step` is told each durable step of `move`.
    """

    def __init__(
        self,
        home: Path,
        providers: Callable[[str, str], KeyProvider],
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._home = home
        self._file = home / KEYRING
        self._providers = providers
        self._step = step
        self._lock = threading.RLock()
        self._master: MasterKey | None = None
        self._clear: dict[str, bytes] = {}

    def ring(self) -> Ring:
        """The keyring as it is on disk now, made with a local master key when the home is new.

        Raises NotFound when a store is there without its keyring: nothing is made anew then.
        """
        if not self._file.exists():
            with locked(self._home, "keyring"):
                if not self._file.exists():
                    self._begin()
        return self._read()

    def key(self, name: str, *, make: bool = False) -> bytes:
        """The key called `name` (32 bytes), made and kept first when `make` is set and there is none.

        Raises NotFound when there is none, or the master key is lost; Conflict when the master key is another one.
        """
        with self._lock:
            if name not in self._clear:
                ring = self.ring()
                if name not in ring.wrapped and make:
                    ring = self._change(lambda old: self._with_key(old, name))
                self._clear[name] = self._opened(ring, name)
            return self._clear[name]

    def forget(self, name: str) -> None:
        """Remove the key called `name` for good: what was sealed with it opens nowhere, in copies of the store neither.

        Only a copy of this keyring that is older, beside its master key, still opens it.
        """
        with self._lock:
            self._clear.pop(name, None)
            if name in self.ring().wrapped:
                self._change(lambda old: replace(old, wrapped={k: v for k, v in old.wrapped.items() if k != name}))

    def move(self, target: str) -> Move:
        """Wrap every key by a new master key that `target` keeps, then let the old one go.

        Crash-safe: the old place serves until the new keyring is durably written; repeating the call finishes what was
        left, and moves nothing when the key is there already.
        Raises Conflict when something else lies at the target; nothing is overwritten.
        """
        region = "" if target == LOCAL else _aws_region()
        provider = self._providers(target, region)
        with self._lock, locked(self._home, "keyring"):
            ring = self._read()
            old = self._providers(ring.provider, ring.region)
            if ring.provider == provider.name:
                return Move(ring, None, self._discard_leftover(ring))
            clear = {name: self._unwrap(ring, name) for name in ring.wrapped}
            master = self._kept_by(provider, ring.store)
            self._step("kept")
            moved = _rewrapped(ring, provider.name, region, master, clear)
            write_whole(self._file, moved.to_bytes())
            self._master = master
            self._step("written")
            old_key = old.discard()
            self._step("discarded")
            return Move(moved, old.name, old_key)

    def _begin(self) -> None:
        if (self._home / DATABASE).exists():
            raise NotFound(
                "The keyring is lost",
                subject=str(self._file),
                why="a store is there, but not the keyring with its keys. Nothing was changed",
                next_step="Restore the file from a backup, or start afresh in another folder with --home",
            )
        provider = self._providers(LOCAL, "")
        master = provider.load()  # left by a first start that was cut off
        if master is None:
            master = MasterKey.fresh(uuid.uuid4().hex)
            provider.keep(master)
        ring = Ring(master.store, provider.name, "", master.id, master.created_at, 0, {})
        self._master = master
        write_whole(self._file, self._with_key(ring, DATABASE_KEY).to_bytes())

    def _read(self) -> Ring:
        return Ring.from_bytes(self._file.read_bytes(), where=str(self._file))

    def _change(self, decide: Callable[[Ring], Ring]) -> Ring:
        with locked(self._home, "keyring"):
            changed = decide(self._read())
            write_whole(self._file, changed.to_bytes())
            return changed

    def _with_key(self, ring: Ring, name: str) -> Ring:
        if name in ring.wrapped:
            return ring
        wrapped = {**ring.wrapped, name: _wrap(self._master_of(ring), name, os.urandom(KEY_BYTES))}
        return replace(ring, version=ring.version + 1, wrapped=wrapped)

    def _kept_by(self, provider: KeyProvider, store: str) -> MasterKey:
        master = provider.load()
        if master is None:
            master = MasterKey.fresh(store)
            provider.keep(master)
        if master.store != store:
            raise Conflict(
                "The master key of another store lies there",
                subject=provider.name,
                why="nothing is overwritten",
                next_step="Choose another name",
            )
        return master

    def _discard_leftover(self, ring: Ring) -> Discarded:
        """Remove the local key that a killed move left, never one that belongs to another store."""
        if ring.provider == LOCAL:
            return "absent"
        local = self._providers(LOCAL, "")
        key = local.load()
        return local.discard() if key is None or key.store == ring.store else "left"

    def _master_of(self, ring: Ring) -> MasterKey:
        if self._master is None or self._master.id != ring.key_id:
            provider = self._providers(ring.provider, ring.region)
            master = provider.load()
            if master is None:
                raise lost_key(provider)
            if master.id != ring.key_id:
                raise Conflict(
                    "The master key is not the one this keyring was made with",
                    subject=ring.provider,
                    why=f"the keyring names the key {ring.key_id}, the place holds {master.id}. Nothing was changed",
                    next_step="Restore the key or the keyring from the same backup",
                )
            self._master = master
        return self._master

    def _opened(self, ring: Ring, name: str) -> bytes:
        try:
            return self._unwrap(ring, name)
        except (NotFound, Conflict):
            now = self._read()
            if now.key_id == ring.key_id:
                raise
            return self._unwrap(now, name)  # another process moved the master key since `ring` was read

    def _unwrap(self, ring: Ring, name: str) -> bytes:
        master = self._master_of(ring)
        if name not in ring.wrapped:
            raise NotFound(
                "The keyring holds no such key",
                subject=name,
                next_step="Restore the keyring from a backup",
            )
        blob = ring.wrapped[name]
        try:
            return AESGCM(master.key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], _bound(ring.store, name))
        except (InvalidTag, ValueError):
            raise unreadable(str(self._file), f"the key {name} was changed or belongs to another place") from None


def _rewrapped(ring: Ring, provider: str, region: str, master: MasterKey, clear: dict[str, bytes]) -> Ring:
    return Ring(
        store=ring.store,
        provider=provider,
        region=region,
        key_id=master.id,
        created_at=master.created_at,
        version=ring.version + 1,
        wrapped={name: _wrap(master, name, key) for name, key in clear.items()},
    )


def _aws_region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _wrap(master: MasterKey, name: str, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master.key).encrypt(nonce, key, _bound(master.store, name))


def _bound(store: str, name: str) -> bytes:
    return json.dumps(["wharfinger key", FORMAT, store, name]).encode()
