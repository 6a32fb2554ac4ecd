"""profiles.yml on disk: read as dbt reads it; replaced whole or not at all, with a backup of the former file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wharfinger.core.bounded import YAML_BYTES, read_bytes
from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.whole_files import write_whole

OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class FoundFile:
    """The file as it was read: its bytes and its permission bits; both are None when there is no file."""

    path: Path
    content: bytes | None
    mode: int | None

    @property
    def text(self) -> str:
        """The content as UTF-8 with its line ends unchanged, empty without a file. Raises Invalid if not UTF-8."""
        try:
            return (self.content or b"").decode()
        except UnicodeDecodeError as error:
            raise Invalid(
                "profiles.yml is not UTF-8",
                subject=str(self.path),
                why=f"byte {error.start} is invalid; dbt cannot read the file either",
                next_step="Save the file as UTF-8; it was not changed",
            ) from None

    @property
    def others_may_read(self) -> bool:
        """Whether the permission bits give other users than the owner access."""
        return self.mode is not None and bool(self.mode & 0o077)


class ProfilesFile:
    """Reads and replaces profiles.yml. `now` gives the time in the names of backups."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now

    def read(self, path: Path) -> FoundFile:
        """The file at `path`. Symbolic links are followed, so that replacing the file leaves the link in place.

        Raises Refused when the file cannot be read, Invalid when it is too large or a device.
        """
        real = path.resolve()
        try:
            return FoundFile(real, read_bytes(real, YAML_BYTES, "profiles.yml"), real.stat().st_mode & 0o7777)
        except FileNotFoundError:
            return FoundFile(real, None, None)
        except OSError as error:
            raise _refused("read", real, error) from None

    def replace(self, found: FoundFile, text: str, *, make_folder: bool = False) -> Path | None:
        """Replace the file that was read by `text`, with mode 0600. Returns the path of the backup, None without one.

        `make_folder`: make its folder if absent; a folder that somebody named is not made. Raises Invalid when it is
        missing, Conflict when the file has changed since it was read, Refused when the folder cannot be written to.
        After a failure the file is the old one or the new one, never a part.
        """
        try:
            if make_folder:
                found.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif not found.path.parent.is_dir():
                raise _no_folder(found.path.parent)
            if self.read(found.path).content != found.content:
                raise Conflict(
                    "profiles.yml was changed by another program",
                    subject=str(found.path),
                    why="its content is not the one read a moment ago",
                    next_step="Look at the file, then try again; it was not changed here",
                )
            backup = None if found.content is None else self._back_up(found.path, found.content)
            write_whole(found.path, text.encode())
        except OSError as error:
            raise _refused("write", found.path, error) from None
        return backup

    def _back_up(self, path: Path, content: bytes) -> Path:
        stamp = self._now().strftime("%Y%m%dT%H%M%SZ")
        for number in range(1, 1000):
            backup = path.with_name(f"{path.name}.{stamp}{'' if number == 1 else f'-{number}'}.bak")
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                return backup
        raise OSError("there are too many backups of this second")


def _no_folder(folder: Path) -> Invalid:
    return Invalid(
        "The folder of profiles.yml does not exist",
        subject=str(folder),
        why="a folder that is named is not made: the name may be mistyped",
        next_step="Make the folder, or name another one",
        fields=("profiles_dir",),
    )


def _refused(verb: str, path: Path, error: OSError) -> Refused:
    return Refused(
        f"Cannot {verb} profiles.yml",
        subject=str(path),
        why=error.strerror or str(error),
        next_step="The file was not changed. Correct its permissions, or name another folder",
        fields=("profiles_dir",),
    )
