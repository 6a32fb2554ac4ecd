"""Files that a command writes where a person named them: one rule for all.

An existing file is replaced only when this program wrote it, or when that was asked for. A missing folder is never
made. A file is written whole or not at all.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.whole_files import written_beside

ANOTHER = "Name another file"

ORDINARY = 0o666
"""The mode of a new file, from which the umask takes."""

READER_SECONDS = 10.0
"""How long a named pipe is given to find a reader."""


class Output:
    """A file to write. `what` names it in errors: `The script`.

    `is_ours` recognises what this program wrote before by its first bytes; `force` replaces any file. A device or a
    pipe, such as /dev/stdout, is written to as it is; a named pipe needs a reader. The constructor checks all that can
    be known before the work begins: it raises Conflict for a file of somebody else, Invalid for a folder, a missing
    folder and a link that leads nowhere, Refused for what may not be read or written.
    """

    def __init__(
        self, file: Path, what: str, is_ours: Callable[[bytes], bool] = lambda _: False, *, force: bool = False
    ) -> None:
        self._named = file
        self._what = what
        self._is_ours = is_ours
        self._force = force
        self._check()

    def write(self, content: bytes) -> None:
        """Write the file. Raises what the constructor raises."""
        replaces, streams = self._check()
        try:
            if streams:
                self._stream(content)
            else:
                self._write_whole(self._named.expanduser().resolve(), content, replaces=replaces)
        except FileExistsError:
            raise self._exists() from None
        except OSError as error:
            raise self._refused(error) from None

    def _stream(self, content: bytes) -> None:
        # Without a reader, opening a named pipe would wait for ever.
        over = time.monotonic() + READER_SECONDS
        while True:
            try:
                descriptor = os.open(self._named, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                break
            except OSError as error:
                if error.errno != errno.ENXIO or time.monotonic() > over:
                    raise
                time.sleep(0.05)
        os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "wb") as output:
            output.write(content)

    def _check(self) -> tuple[bool, bool]:
        """Whether a file is there that may be replaced, and whether it is a device or a pipe."""
        file = self._named.expanduser()
        try:
            mode = file.stat().st_mode
            if stat.S_ISREG(mode):
                self._check_content(file)
                return True, False
        except FileNotFoundError:
            self._check_place(file)
            return False, False
        except OSError as error:
            raise self._refused(error) from None
        if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
            return False, True
        raise Invalid(
            f"{self._what} needs the name of a file",
            subject=str(self._named),
            why="this is a folder" if stat.S_ISDIR(mode) else "this is no file",
            next_step=ANOTHER,
        )

    def _check_content(self, file: Path) -> None:
        if self._force:
            return
        with file.open("rb") as there:
            if not self._is_ours(there.read(200)):
                raise self._exists()

    def _check_place(self, file: Path) -> None:
        if file.is_symlink():
            raise Invalid(
                f"{self._what} cannot be written",
                subject=str(self._named),
                why="this is a link that leads nowhere",
                next_step=ANOTHER,
            )
        if not file.parent.is_dir():
            raise Invalid(
                f"{self._what} cannot be written",
                subject=str(self._named),
                why=f"the folder {file.parent} does not exist",
                next_step="Make the folder, or name a file in another one",
            )
        if not os.access(file.parent, os.W_OK | os.X_OK):
            raise Refused(
                f"{self._what} cannot be written",
                subject=str(self._named),
                why=f"you may not write into the folder {file.parent}",
                next_step=ANOTHER,
            )

    @staticmethod
    def _write_whole(file: Path, content: bytes, *, replaces: bool) -> None:
        with written_beside(file, content, ORDINARY) as fresh:
            if replaces:
                fresh.chmod(stat.S_IMODE(file.stat().st_mode))
                fresh.replace(file)
            else:
                _place(fresh, file)

    def _exists(self) -> Conflict:
        return Conflict(
            "The file exists already",
            subject=str(self._named),
            why="it is not replaced, because Wharfinger did not write it",
            next_step="Name another file, or have this one replaced",
            fields=["force"],
        )

    def _refused(self, error: OSError) -> Refused:
        return Refused(
            f"{self._what} cannot be written",
            subject=str(self._named),
            why=error.strerror or str(error),
            next_step=ANOTHER,
        )


def _place(fresh: Path, file: Path) -> None:
    """Give the written file its name. Raises FileExistsError when another process has made one of that name."""
    try:
        os.link(fresh, file)  # unlike a rename, a link never replaces a file
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if file.exists():
            raise FileExistsError from None
        fresh.replace(file)
