"""Template data folders in the cache; a new sandbox copies one instead of running initdb and loading data."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from wharfinger_sandbox.engine.binaries import Account, account_for, cache_folder, locked
from wharfinger_sandbox.engine.cluster import bootstrap, catalog_digest, write_catalog_digest
from wharfinger_sandbox.engine.errors import EngineError
from wharfinger_sandbox.engine.process import Postgres, initdb

MAX_TEMPLATES = 8


@dataclass(frozen=True, slots=True)
class TemplateContents:
    """The data in a template beside the catalog. `key` identifies it, `fill` loads it into a running server."""

    key: str
    fill: Callable[[Postgres], Awaitable[None]]


async def new_data_folder(data: Path, account: Account, contents: TemplateContents | None) -> None:
    """Create `data` as a bootstrapped data folder with `contents`, owned by `account`. Raises EngineError."""
    while not data.exists():
        template = await _template(catalog_digest(), contents)
        try:
            await asyncio.to_thread(_copy, template, data, account)
        except EngineError:
            if template.exists():
                raise
            # Another sandbox has removed it as one of the oldest: it is made again.


async def _template(digest: str, contents: TemplateContents | None) -> Path:
    template = cache_folder() / "-".join(("data", digest, *([contents.key] if contents else [])))
    if not template.exists():
        base = await _template(digest, None) if contents else None
        await _make(template, digest, base, contents)
    with contextlib.suppress(FileNotFoundError):  # removed by another sandbox
        os.utime(template)
    return template


async def _make(template: Path, digest: str, base: Path | None, contents: TemplateContents | None) -> None:
    async with _locked(template.parent / "data.lock"):
        if template.exists():
            return
        with tempfile.TemporaryDirectory(dir=template.parent) as made:
            scratch = Path(made)
            data, account = scratch / "engine", account_for(scratch)
            if base is None:
                data.mkdir(mode=0o700)
                account.chown(data)
                await asyncio.to_thread(initdb, data, account)
            else:
                await asyncio.to_thread(_copy, base, data, account)
            postgres = await Postgres.start(data, account, scratch / "log")
            try:
                await (contents.fill(postgres) if contents else bootstrap(postgres.socket_dir))
            finally:
                await postgres.stop()
            write_catalog_digest(data, digest)
            data.rename(template)
        _remove_old(template.parent)


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    lock = locked(path)
    await asyncio.to_thread(lock.__enter__)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _copy(template: Path, data: Path, account: Account) -> None:
    scratch = data.with_name(f"engine-{os.getpid()}-{os.urandom(4).hex()}")
    done = subprocess.run(
        ["cp", "-a", "--reflink=auto", str(template), str(scratch)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(scratch, ignore_errors=True)
        raise EngineError(f"The data folder could not be created: {done.stderr.strip()}")
    if account.uid is not None:
        for folder, _, names in os.walk(scratch):
            account.chown(Path(folder))
            for name in names:
                account.chown(Path(folder) / name)
    try:
        scratch.rename(data)
    except OSError:
        shutil.rmtree(scratch)
        if not data.exists():
            raise


def _remove_old(cache: Path) -> None:
    templates = sorted(cache.glob("data-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for template in templates[MAX_TEMPLATES:]:
        # Renamed first, so that nobody who copies it takes a part for the whole.
        with tempfile.TemporaryDirectory(dir=cache, ignore_cleanup_errors=True) as scratch:
            template.rename(Path(scratch) / template.name)
