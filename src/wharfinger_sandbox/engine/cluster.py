"""Data folders: a bootstrapped one is made once for each version of the catalog, kept, and copied from then on."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import psycopg

from wharfinger_sandbox import catalog
from wharfinger_sandbox.engine.binaries import Account, account_for, cache_folder, locked, wheel_version
from wharfinger_sandbox.engine.child import Postgres, initdb
from wharfinger_sandbox.engine.errors import EngineError

DATABASES = ("dev", "marketing")
DIGEST_FILE = "catalog-digest"
KEPT_TEMPLATES = 3


def catalog_digest() -> str:
    """What a data folder depends on: PostgreSQL's version, our bootstrap, every file of the catalog."""
    digest = hashlib.sha256(wheel_version().encode())
    for package in ("wharfinger_sandbox.catalog", "wharfinger_sandbox.engine", "wharfinger_sandbox.dialect"):
        for name, content in sorted(_contents(files(package))):
            digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:32]


def _contents(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _contents(entry, f"{prefix}{entry.name}/") if entry.name != "__pycache__" else []
        elif entry.name.endswith((".sql", ".py")):
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


async def prepare(folder: Path) -> tuple[Path, Account, bool]:
    """The data folder inside `folder`, made from the kept template when it is not there.

    Returns the data folder, the account that runs it, and whether its catalog is of an older version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    account = account_for(folder)
    data = folder.absolute() / "engine"
    digest = catalog_digest()
    if data.exists():
        noted = data / DIGEST_FILE
        return data, account, not noted.exists() or noted.read_text() != digest
    template = await asyncio.to_thread(_template_or_none, digest)
    if template is None:
        template = await _make_template(digest)
    await asyncio.to_thread(_copy, template, data, account)
    return data, account, False


def _template_folder(digest: str) -> Path:
    return cache_folder() / f"data-{digest}"


def _template_or_none(digest: str) -> Path | None:
    template = _template_folder(digest)
    if not template.exists():
        return None
    os.utime(template)
    return template


async def _make_template(digest: str) -> Path:
    template = _template_folder(digest)
    lock = locked(cache_folder() / "data.lock")
    await asyncio.to_thread(lock.__enter__)
    try:
        if not template.exists():
            with tempfile.TemporaryDirectory(dir=template.parent) as scratch:
                data = await _bootstrapped(Path(scratch), digest)
                data.rename(template)
            _remove_old_templates(template.parent)
    finally:
        lock.__exit__(None, None, None)
    return template


async def _bootstrapped(scratch: Path, digest: str) -> Path:
    data = scratch / "engine"
    data.mkdir(mode=0o700)
    account = account_for(scratch)
    account.own(data)
    await asyncio.to_thread(initdb, data, account)
    postgres = await Postgres.start(data, account, scratch / "log")
    try:
        await _bootstrap(postgres.socket_dir)
    finally:
        await postgres.stop()
    (data / DIGEST_FILE).write_text(digest)
    return data


async def _bootstrap(socket_dir: Path) -> None:
    """The sandbox's own superuser, the catalog in template1, and the databases made from it."""
    async with await _as_rdsdb(socket_dir, "template1") as connection:
        await connection.execute("create role wf_engine superuser login")
        await catalog.install(connection)
        # Only template1 carries the catalog, so nothing else may serve as a template.
        await connection.execute("update pg_database set datistemplate = false where datname = 'template0'")
        await connection.execute("drop database template0")
        await connection.execute("drop database postgres")
    async with await _as_rdsdb(socket_dir, "template1") as connection:
        for database in DATABASES:
            await connection.execute(f"create database {database} owner awsuser")


async def upgrade_catalog(socket_dir: Path, data: Path) -> None:
    """Install the present catalog in every database of a data folder that an older version left."""
    async with await _as_rdsdb(socket_dir, "template1") as connection:
        rows = await (await connection.execute("select datname from pg_database where datallowconn")).fetchall()
    for (database,) in rows:
        async with await _as_rdsdb(socket_dir, str(database)) as connection:
            await catalog.install(connection)
    (data / DIGEST_FILE).write_text(catalog_digest())


async def _as_rdsdb(socket_dir: Path, database: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    return await psycopg.AsyncConnection.connect(
        host=str(socket_dir), port=5432, user="rdsdb", dbname=database, autocommit=True
    )


def _copy(template: Path, data: Path, account: Account) -> None:
    scratch = data.with_name(f"engine-{os.getpid()}-{os.urandom(4).hex()}")
    done = subprocess.run(
        ["cp", "-a", "--reflink=auto", str(template), str(scratch)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EngineError(f"The data folder could not be made: {done.stderr.strip()}")
    if account.uid is not None:
        for folder, _, names in os.walk(scratch):
            account.own(Path(folder))
            for name in names:
                account.own(Path(folder) / name)
    try:
        scratch.rename(data)
    except OSError:
        shutil.rmtree(scratch)
        if not data.exists():
            raise


def _remove_old_templates(cache: Path) -> None:
    templates = sorted(cache.glob("data-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for template in templates[KEPT_TEMPLATES:]:
        if template.is_dir():
            shutil.rmtree(template)
