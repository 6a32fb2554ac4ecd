"""profiles.yml on disk: read as dbt reads it, replaced whole or not at all, with a copy of what was there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.store.home import write_whole

OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Kept:
    """The file as it was found: its bytes and its mode; both None where there is none."""

    path: Path
    content: bytes | None
    mode: int | None

    @property
    def text(self) -> str:
        """What dbt reads: UTF-8, line ends as they are. Raises Invalid for anything else."""
        try:
            return (self.content or b"").decode()
        except UnicodeDecodeError as error:
            raise Invalid(
                "profiles.yml is not UTF-8",
                subject=str(self.path),
                why=f"byte {error.start} is none; dbt cannot read the file either",
                next_step="Save it as UTF-8; nothing was touched",
            ) from None

    @property
    def others_may_read(self) -> bool:
        """Whether somebody besides the owner may read the file."""
        return self.mode is not None and bool(self.mode & 0o077)


class ProfilesFile:
    """Reads and replaces profiles.yml. `now` names the copies."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now

    def read(self, path: Path) -> Kept:
        """The file behind `path`, links followed, so that a link stays one when the file is replaced.

        Raises Refused when it may not be read.
        """
        real = path.resolve()
        try:
            return Kept(real, real.read_bytes(), real.stat().st_mode & 0o7777)
        except FileNotFoundError:
            return Kept(real, None, None)
        except OSError as error:
            raise _refused("read", real, error) from None

    def replace(self, kept: Kept, text: str) -> Path | None:
        """Put `text` in place of what was read, readable by the owner only; answers the copy of what was there.

        Raises Conflict when the file has changed since it was read, Refused when the folder may not be written.
        Whatever goes wrong, the file is the old one or the new one, never half of one.
        """
        try:
            kept.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.read(kept.path).content != kept.content:
                raise Conflict(
                    "profiles.yml was changed by somebody else",
                    subject=str(kept.path),
                    why="its content is not what was read a moment ago",
                    next_step="Look at it, then run the command again; nothing was touched",
                )
            copy = None if kept.content is None else self._copy(kept.path, kept.content)
            write_whole(kept.path, text.encode())
        except OSError as error:
            raise _refused("write", kept.path, error) from None
        return copy

    def _copy(self, path: Path, content: bytes) -> Path:
        stamp = self._now().strftime("%Y%m%dT%H%M%SZ")
        for number in range(1, 1000):
            copy = path.with_name(f"{path.name}.{stamp}{'' if number == 1 else f'-{number}'}.bak")
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                return copy
        raise OSError("there are too many copies already")


def _refused(verb: str, path: Path, error: OSError) -> Refused:
    return Refused(
        f"Cannot {verb} profiles.yml",
        subject=str(path),
        why=error.strerror or str(error),
        next_step="Use --profiles-dir with a folder of yours, or mend the rights; nothing was touched",
    )
