"""Sets up a database cluster for the sandbox: its superuser, its catalog and its databases."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import psycopg

from wharfinger_sandbox import catalog
from wharfinger_sandbox.engine.binaries import wheel_version
from wharfinger_sandbox.engine.errors import EngineError

DATABASES = ("dev", "marketing")
DIGEST_FILE = "catalog-digest"


def catalog_digest() -> str:
    """A digest of everything a data folder depends on: PostgreSQL's version, the bootstrap and the catalog's files."""
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


def write_catalog_digest(data: Path, digest: str) -> None:
    """Record `digest` as the catalog version of the data folder."""
    (data / DIGEST_FILE).write_text(digest)


def has_old_catalog(data: Path) -> bool:
    """Whether the data folder's catalog differs from the current version."""
    noted = data / DIGEST_FILE
    return not noted.exists() or noted.read_text() != catalog_digest()


async def bootstrap(socket_dir: Path) -> None:
    """Create the sandbox's superuser, install the catalog in template1 and create the databases from it."""
    async with await _as_rdsdb(socket_dir, "template1") as connection:
        await connection.execute("create role wf_engine superuser login")
        await catalog.install(connection)
        # Only template1 has the catalog, so it must be the only template.
        await connection.execute("update pg_database set datistemplate = false where datname = 'template0'")
        await connection.execute("drop database template0")
        await connection.execute("drop database postgres")
    async with await _as_rdsdb(socket_dir, "template1") as connection:
        for database in DATABASES:
            await connection.execute(f"create database {database} owner awsuser")


async def upgrade_catalog(socket_dir: Path, data: Path) -> None:
    """Install the current catalog in every database of a data folder of an older version. Raises EngineError."""
    async with await _as_rdsdb(socket_dir, "template1") as connection:
        rows = await (await connection.execute("select datname from pg_database where datallowconn")).fetchall()
    for (database,) in rows:
        async with await _as_rdsdb(socket_dir, str(database)) as connection:
            try:
                await catalog.install(connection)
            except psycopg.Error as error:
                said = error.diag.message_primary or str(error)
                text = f"an older version of the sandbox left this folder, and it cannot be taken over: {said}"
                raise EngineError(f"{text}; give another --dir") from error
    write_catalog_digest(data, catalog_digest())


async def _as_rdsdb(socket_dir: Path, database: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    return await psycopg.AsyncConnection.connect(
        host=str(socket_dir), port=5432, user="rdsdb", dbname=database, autocommit=True
    )
