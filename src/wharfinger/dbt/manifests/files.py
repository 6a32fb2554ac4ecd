"""Manifests in files of this machine. Implements `describing.ports.Manifests` for paths."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from wharfinger.connections.model import Connection
from wharfinger.core.bounded import MANIFEST_BYTES, read_bytes
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.dbt.manifests.address import is_remote, without_secrets
from wharfinger.dbt.manifests.build import Build, build_of
from wharfinger.dbt.manifests.manifest import Manifest, parse_document, parse_manifest


class ManifestFiles:
    """Reads manifests from files; a place is a path."""

    def place(self, text: str) -> str:
        """The path of the manifest that `text` names. Raises as `manifest_path` does."""
        return str(manifest_path(text))

    def read(self, place: str, connection: Connection) -> Manifest:  # noqa: ARG002 - a file needs no identity
        """The manifest. Raises Invalid and NotFound as `read_manifest` does."""
        return read_manifest(Path(place))

    def read_again(self, place: str, connection: Connection) -> Manifest:  # noqa: ARG002
        """The same, from memory while the file is unchanged: a large project's manifest takes seconds to read."""
        path = Path(place)
        try:
            found = path.stat()
        except OSError as error:
            raise _unreadable(place, error) from error
        return _read_version(path, found.st_mtime_ns, found.st_size)

    def version(self, place: str) -> str:
        """The time at which the file was last written, in nanoseconds; empty when there is no file."""
        path = Path(place)
        return str(path.stat().st_mtime_ns) if path.is_file() else ""


def manifest_path(text: str) -> Path:
    """The manifest that `text` names: a file, a dbt project's folder, or its `target` folder.

    Raises Invalid for an address on the network, NotFound when there is no manifest.
    """
    if is_remote(text):
        raise Invalid(
            "Not a path",
            subject=without_secrets(text),
            next_step="Give the path of a file or a folder",
            fields=("manifest",),
        )
    given = Path(text).expanduser().absolute()
    for path in (given, given / "target" / "manifest.json", given / "manifest.json"):
        if path.is_file():
            return path
    raise NotFound(
        "No dbt manifest there",
        subject=str(given),
        why="neither the file nor target/manifest.json in that folder exists",
        next_step="Run `dbt parse` in the project, then give the project's folder or the manifest.json in its target",
        fields=("manifest",),
    )


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises Invalid when the file is not a manifest or of an unknown schema version, NotFound when it cannot be read.
    """
    return parse_manifest(_content(path), str(path))


def read_build(path: Path) -> Build:
    """What the project of a manifest builds and reads. Raises as `read_manifest` does."""
    return build_of(parse_document(_content(path), str(path)))


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path, MANIFEST_BYTES, "dbt manifest", fields=("manifest",))
    except OSError as error:
        raise _unreadable(str(path), error) from error


@lru_cache(maxsize=4)
def _read_version(path: Path, _modified: int, _size: int) -> Manifest:
    return read_manifest(path)


def _unreadable(place: str, error: OSError) -> NotFound:
    return NotFound(
        "Cannot read the dbt manifest",
        subject=place,
        why=error.strerror or "",
        next_step="Check that the file exists and that you may read it; `dbt parse` writes it again",
    )
