"""Where the master key lives. A provider keeps 32 bytes under an id and gives them back; it never overwrites."""

from __future__ import annotations

import base64
import json
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from wharfinger.core.errors import Conflict, Invalid, NotFound, Refused
from wharfinger.core.secret import Secret
from wharfinger.store.home import MASTER_KEY, sync_folder

KEY_BYTES = 32
MAX_BYTES = 4096
"""More than any key file has."""

LOCAL = "local"
AWS_PREFIX = "aws-secretsmanager:"

Discarded = Literal["removed", "absent", "left"]
"""What became of a key that is not needed any more: removed, none was there, or left to the owner of its place."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps the other keys: `store` is the keyring it belongs to, `id` names it, both no secrets."""

    store: str
    id: str
    key: bytes
    created_at: datetime

    def __repr__(self) -> str:
        return f"MasterKey(store={self.store!r}, id={self.id!r})"

    @classmethod
    def fresh(cls, store: str) -> MasterKey:
        """A new random key for the keyring `store`."""
        return cls(store, os.urandom(8).hex(), os.urandom(KEY_BYTES), datetime.now(UTC))

    def to_text(self) -> Secret:
        """The one form every provider keeps: a small JSON document."""
        document = {
            "wharfinger": "master key",
            "store": self.store,
            "id": self.id,
            "created_at": self.created_at.isoformat(),
            "key": base64.b64encode(self.key).decode(),
        }
        return Secret(json.dumps(document))

    @classmethod
    def from_text(cls, text: Secret, *, where: str) -> MasterKey:
        """The key from what `to_text` made. Raises Conflict when it is something else, naming `where`, not the text."""
        try:
            document = json.loads(text.reveal())
            key = base64.b64decode(document["key"], validate=True)
            created_at = datetime.fromisoformat(document["created_at"])
            master = cls(str(document["store"]), str(document["id"]), key, created_at)
        except (ValueError, KeyError, TypeError):
            raise _not_a_key(where) from None
        if len(master.key) != KEY_BYTES:
            raise _not_a_key(where)
        return master


class KeyProvider(Protocol):
    """A place for one master key."""

    @property
    def name(self) -> str:
        """How the keyring and `keys move --to` call it: `local` or `aws-secretsmanager:NAME`."""

    def load(self) -> MasterKey | None:
        """The key kept there, or None when there is none.

        Raises Refused when it may not be read, Conflict when something else lies there, Unavailable to try later.
        """

    def keep(self, master: MasterKey) -> None:
        """Keep `master` there, durably. Raises Conflict when anything is there already; nothing is overwritten."""

    def discard(self) -> Discarded:
        """Remove the key, where that is not its owner's to do."""


class LocalKeyFile:
    """The master key in a file beside the store, readable by its owner only."""

    name = LOCAL

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> MasterKey | None:
        """The key in the file. Raises Refused when others may read or write it, or it is not a plain file of ours."""
        try:
            # A pipe of that name must not be waited for.
            descriptor = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(error.strerror or "it cannot be opened") from None
        try:
            self._check(os.fstat(descriptor))
            text = os.read(descriptor, MAX_BYTES).decode("utf-8", "replace")
        finally:
            os.close(descriptor)
        return MasterKey.from_text(Secret(text), where=str(self._file))

    def keep(self, master: MasterKey) -> None:
        """Write the file whole, mode 0600; raises Conflict when one is there."""
        fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as target:
                target.write(master.to_text().reveal().encode())
                target.flush()
                os.fsync(target.fileno())
            os.link(fresh, self._file)  # unlike a rename, a link never replaces what is there
        except FileExistsError:
            raise Conflict(
                "There is a master key already",
                subject=str(self._file),
                why="nothing is overwritten",
                next_step="Move the file away if it is of no use, then try again",
            ) from None
        finally:
            fresh.unlink(missing_ok=True)
        sync_folder(self._file.parent)

    def discard(self) -> Discarded:
        """Remove the file, and what a process killed in `keep` may have left of it."""
        found = [file for file in (self._file, *self._file.parent.glob(f".{self._file.name}.*")) if _is_there(file)]
        for file in found:
            file.unlink(missing_ok=True)
        if found:
            sync_folder(self._file.parent)
        return "removed" if found else "absent"

    def _check(self, status: os.stat_result) -> None:
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise self._refused("it is no plain file")
        if status.st_uid != os.geteuid():
            raise self._refused(f"it belongs to user {status.st_uid}, not to the one who runs this")
        if mode & 0o077:
            raise self._refused(f"its permissions are {mode:04o}, so others can get at it")

    def _refused(self, why: str) -> Refused:
        return Refused(
            "The master key file is not safe to use",
            subject=str(self._file),
            why=why,
            next_step=f"If nobody else has read it: chmod 600 {self._file}",
        )


def _is_there(file: Path) -> bool:
    return file.exists() or file.is_symlink()


def provider_named(name: str, home: Path, region: str = "") -> KeyProvider:
    """The provider for `local` or `aws-secretsmanager:NAME`, there with the identity of the AWS default chain.

    `region` is where the secret lies; empty leaves it to the environment. Raises Invalid for any other name.
    """
    if name == LOCAL:
        return LocalKeyFile(home / MASTER_KEY)
    if name.startswith(AWS_PREFIX) and len(name) > len(AWS_PREFIX):
        from wharfinger.adapters.aws import AwsSource
        from wharfinger.adapters.secrets_manager import SecretsManagerKeyProvider
        from wharfinger.connections.model import Identity, Secrets

        return SecretsManagerKeyProvider(name.removeprefix(AWS_PREFIX), AwsSource(Identity(), Secrets(), region))
    raise Invalid(
        "No such place for the master key",
        subject=name,
        why="known places are local and aws-secretsmanager:NAME",
        next_step=f"Write --to {LOCAL} or --to {AWS_PREFIX}NAME",
    )


def lost_key(provider: KeyProvider) -> NotFound:
    """The error for a keyring whose master key is gone."""
    where = "its key file" if provider.name == LOCAL else "the secret in AWS Secrets Manager"
    return NotFound(
        "The master key is lost",
        subject=provider.name,
        why=f"the keyring names it, but {where} is not there. Without it the store cannot be read; nothing was changed",
        next_step="Restore it from a backup, or start afresh in another folder with --home",
    )


def _not_a_key(where: str) -> Conflict:
    return Conflict(
        "What lies there is not a master key of Wharfinger",
        subject=where,
        why="its content has another form; it was left as it is",
        next_step="Choose another name, or restore the key from a backup",
    )
