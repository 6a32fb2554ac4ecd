"""The keyring: every key of a store, each wrapped by the master key, in one document that is replaced as a whole.

Envelope encryption: the master key is stored in another place (`keys.ports.KeyProvider`); without it the keyring cannot
be used.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from wharfinger.core.errors import Conflict, NotFound
from wharfinger.core.storage import KeyringPlace
from wharfinger.keys.model import KEY_BYTES, LOCAL, MasterKey
from wharfinger.keys.ports import KeyProvider, Providers, Removal
from wharfinger.keys.ring import Ring, unreadable
from wharfinger.keys.wrapping import unwrap, wrap

DATABASE_KEY = "database"


@dataclass(frozen=True, slots=True)
class Move:
    """The result of `Keyring.move`. `moved_from` is None when the master key was at the target already.

    `old_key` says what happened to the old master key, or to the one that an interrupted move had left.
    """

    ring: Ring
    moved_from: str | None
    old_key: Removal


class Keyring:
    """The keys of one store, for all threads of this process, while other processes use them too.

    `place` holds the keyring, `providers` makes the provider of a name and a region. `step` is called with the name of
    each durable step of `move`: saved, written, removed.
    """

    def __init__(self, place: KeyringPlace, providers: Providers, step: Callable[[str], None] = lambda _: None) -> None:
        self._place = place
        self._providers = providers
        self._step = step
        self._lock = threading.RLock()
        self._master: MasterKey | None = None
        self._clear: dict[str, bytes] = {}

    def ring(self) -> Ring:
        """The keyring as it is now. When there is no store yet, one is made with a local master key.

        Raises Conflict when there is a store without its keyring; nothing is made then.
        """
        if self._place.read() is None:
            with self._place.locked():
                if self._place.read() is None:
                    self._begin()
        return self._read()

    def key(self, name: str, *, make: bool = False) -> bytes:
        """The key called `name` (32 bytes). With `make` a missing key is made and written first.

        Raises NotFound when there is none, or the master key is lost; Conflict when the keyring is lost, or the master
        key is another one.
        """
        with self._lock:
            if name not in self._clear:
                ring = self.ring()
                if name not in ring.wrapped and make:
                    ring = self._change(lambda old: self._with_key(old, name))
                self._clear[name] = self._opened(ring, name)
            return self._clear[name]

    def require_store(self) -> None:
        """Raises Conflict when a store was made with this keyring and is lost: an empty one must not replace it."""
        if not self.ring().store_made or self._place.store_exists():
            return
        left = self._place.sealed_data()
        raise Conflict(
            "The store is lost",
            subject=self._place.store_name,
            why="the keyring says that it was made, but it is missing or empty"
            + (f"; what is left: {', '.join(left)}" if left else "")
            + ". Nothing was changed",
            next_step="Restore the file from a backup. To begin anew, choose another home folder, or empty this one",
            fields=["home"],
        )

    def note_store(self) -> None:
        """Note that the store was made. A first start that is killed before it can be repeated, as nothing is lost."""
        if not self.ring().store_made:
            self._change(lambda old: replace(old, version=old.version + 1, store_made=True))

    def forget(self, name: str) -> None:
        """Remove the key called `name`: what was sealed with it cannot be opened again, in copies of the store neither.

        Only an older copy of this keyring, together with its master key, still opens it.
        """
        with self._lock:
            self._clear.pop(name, None)
            if name in self.ring().wrapped:
                self._change(lambda old: replace(old, wrapped={k: v for k, v in old.wrapped.items() if k != name}))

    def move(self, target: str) -> Move:
        """Wrap every key with a new master key at `target`, then remove the old one, unless its owner has to.

        A crash loses nothing: the old master key is valid until the new keyring is durably written. Repeating the call
        finishes an interrupted move, and moves nothing when the key is there already. Raises Invalid for an unknown
        place, Conflict when something else is at the target; nothing is overwritten.
        """
        provider = self._providers(target, "")
        with self._lock, self._place.locked():
            ring = self._read()
            old = self._providers(ring.provider, ring.region)
            if ring.provider == provider.name:
                return Move(ring, None, self._remove_leftover(ring))
            clear = {name: self._unwrap(ring, name) for name in ring.wrapped}
            master = _saved_master(provider, ring.store)
            self._step("saved")
            moved = _rewrapped(ring, provider.name, provider.region, master, clear)
            self._place.replace(moved.to_bytes())
            self._master = master
            self._step("written")
            old_key = old.remove()
            self._step("removed")
            return Move(moved, old.name, old_key)

    def _begin(self) -> None:
        if left := self._place.sealed_data():
            raise self._lost(f"without it nothing can be read of {', '.join(left)}. Nothing was changed")
        provider = self._providers(LOCAL, "")
        master = provider.load()  # an interrupted first start may have left one
        if master is None:
            master = MasterKey.fresh(uuid.uuid4().hex)
            provider.save(master)
        ring = Ring(master.store, provider.name, "", master.id, master.created_at, 0, {})
        self._master = master
        self._place.replace(self._with_key(ring, DATABASE_KEY).to_bytes())

    def _read(self) -> Ring:
        content = self._place.read()
        if content is None:
            raise self._lost("it does not exist any more")
        return Ring.from_bytes(content, where=self._place.name)

    def _lost(self, why: str) -> Conflict:
        return Conflict(
            "The keyring is lost",
            subject=self._place.name,
            why=why,
            next_step="Restore it from a backup. To begin anew, choose another home folder, or empty this one",
            fields=("home",),
        )

    def _change(self, decide: Callable[[Ring], Ring]) -> Ring:
        with self._place.locked():
            changed = decide(self._read())
            self._place.replace(changed.to_bytes())
            return changed

    def _with_key(self, ring: Ring, name: str) -> Ring:
        if name in ring.wrapped:
            return ring
        wrapped = {**ring.wrapped, name: wrap(self._master_of(ring), name, os.urandom(KEY_BYTES))}
        return replace(ring, version=ring.version + 1, wrapped=wrapped)

    def _remove_leftover(self, ring: Ring) -> Removal:
        """Remove the local key that an interrupted move left, never one that belongs to another store."""
        if ring.provider == LOCAL:
            return "absent"
        local = self._providers(LOCAL, "")
        key = local.load()
        return local.remove() if key is None or key.store == ring.store else "left"

    def _master_of(self, ring: Ring) -> MasterKey:
        if self._master is None or self._master.id != ring.key_id:
            provider = self._providers(ring.provider, ring.region)
            master = provider.load()
            if master is None:
                raise _lost_master(provider)
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
        key = unwrap(master, ring.store, name, ring.wrapped[name])
        if key is None:
            raise unreadable(self._place.name, f"the key {name} was changed or belongs to another place")
        return key


def _saved_master(provider: KeyProvider, store: str) -> MasterKey:
    """The master key of `store` at the provider's place: the one an interrupted move left there, or a new one."""
    master = provider.load()
    if master is None:
        master = MasterKey.fresh(store)
        provider.save(master)
    if master.store != store:
        raise Conflict(
            "The master key of another store is there",
            subject=provider.name,
            why="it is not overwritten",
            next_step="Choose another name",
            fields=("place",),
        )
    return master


def _lost_master(provider: KeyProvider) -> NotFound:
    where = "its key file" if provider.name == LOCAL else "the secret in AWS Secrets Manager"
    return NotFound(
        "The master key is lost",
        subject=provider.name,
        why=f"the keyring names it, but {where} is not there. Without it the store cannot be read; nothing was changed",
        next_step="Restore it from a backup, or start again in another folder",
        fields=("home",),
    )


def _rewrapped(ring: Ring, provider: str, region: str, master: MasterKey, clear: dict[str, bytes]) -> Ring:
    return Ring(
        store=ring.store,
        provider=provider,
        region=region,
        key_id=master.id,
        created_at=master.created_at,
        version=ring.version + 1,
        wrapped={name: wrap(master, name, key) for name, key in clear.items()},
        store_made=ring.store_made,
    )
