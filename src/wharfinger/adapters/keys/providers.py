"""Where the master key lives. A provider keeps 32 bytes under an id and gives them back; it never overwrites."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.secret import Secret
from wharfinger.keys.model import AWS_PREFIX, LOCAL, Discarded, KeyProvider, MasterKey
from wharfinger.store.home import MASTER_KEY, sync_folder

MAX_BYTES = 4096
"""More than any key file has."""


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


def providers_of(home: Path) -> Callable[[str, str], KeyProvider]:
    """What a keyring of `home` asks for its places: a function of a provider's name and its AWS region."""
    return lambda name, region: provider_named(name, home, region)


def provider_named(name: str, home: Path, region: str = "") -> KeyProvider:
    """The provider for `local` or `aws-secretsmanager:NAME`, there with the identity of the AWS default chain.

    `region` is where the secret lies; empty leaves it to the environment. Raises Invalid for any other name.
    """
    if name == LOCAL:
        return LocalKeyFile(home / MASTER_KEY)
    if name.startswith(AWS_PREFIX) and len(name) > len(AWS_PREFIX):
        from wharfinger.adapters.aws.clients import AwsSource
        from wharfinger.adapters.keys.secrets_manager import SecretsManagerKeyProvider
        from wharfinger.connections.model import Identity, Secrets

        return SecretsManagerKeyProvider(name.removeprefix(AWS_PREFIX), AwsSource(Identity(), Secrets(), region))
    raise Invalid(
        "No such place for the master key",
        subject=name,
        why="known places are local and aws-secretsmanager:NAME",
        next_step=f"Write --to {LOCAL} or --to {AWS_PREFIX}NAME",
    )
