"""The master key in a file of the home folder, which is made once and never overwritten."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from wharfinger.core.errors import Conflict, Refused
from wharfinger.core.secret import Secret
from wharfinger.core.whole_files import sync, written_beside
from wharfinger.keys.model import LOCAL, MasterKey
from wharfinger.keys.ports import Removal

MAX_BYTES = 4096
"""More than any key file has."""


class LocalKeyFile:
    """The master key in a file beside the store, readable by its owner only. Implements `KeyProvider`."""

    name = LOCAL
    region = ""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> MasterKey | None:
        """The key in the file, None when there is no file.

        Raises Refused when others may read or write it, or when it is not a plain file of this user.
        """
        try:
            # O_NONBLOCK: opening a pipe of that name would wait for a writer.
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

    def save(self, master: MasterKey) -> None:
        """Write the file as a whole, mode 0600. Raises Conflict when it exists."""
        try:
            with written_beside(self._file, master.to_text().reveal().encode()) as fresh:
                os.link(fresh, self._file)  # unlike a rename, a link never replaces an existing file
        except FileExistsError:
            raise Conflict(
                "There is a master key already",
                subject=str(self._file),
                why="it is not overwritten",
                next_step="Move the file to another folder if nothing needs it, then try again",
            ) from None
        sync(self._file.parent)

    def remove(self) -> Removal:
        """Remove the file, and the unfinished file of a process that was killed in `save`."""
        found = [file for file in (self._file, *self._file.parent.glob(f".{self._file.name}.*")) if _is_there(file)]
        for file in found:
            file.unlink(missing_ok=True)
        if found:
            sync(self._file.parent)
        return "removed" if found else "absent"

    def _check(self, status: os.stat_result) -> None:
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise self._refused("it is not a plain file")
        if status.st_uid != os.geteuid():
            raise self._refused(f"it belongs to user {status.st_uid}, not to the user of this process")
        if mode & 0o077:
            raise self._refused(f"its permissions are {mode:04o}, so other users have access")

    def _refused(self, why: str) -> Refused:
        return Refused(
            "The master key file is not safe to use",
            subject=str(self._file),
            why=why,
            next_step=f"If nobody else has read it: chmod 600 {self._file}",
        )


def _is_there(file: Path) -> bool:
    return file.exists() or file.is_symlink()
