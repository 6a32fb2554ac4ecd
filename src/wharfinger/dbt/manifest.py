"""Reads a dbt manifest: the relations a project knows, and what it says of them and of their columns.

Manifests of dbt 1.5 to 1.11 (schema v9 to v12) and of the v2 engine (v12, before that v20) agree in all that is read
here: `nodes` and `sources`, each with `database`, `schema`, `alias` or `identifier`, `description` and `columns`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, NotFound

SCHEMAS = (9, 10, 11, 12, 20)
"""The manifest's schema versions: 9 came with dbt 1.5, 10 with 1.6, 11 with 1.7, 12 with 1.8 and all since.

The v2 engine (Fusion) wrote 20 while it was young, the same as 12 (docs.getdbt.com, Manifest JSON file).
"""
RESOURCES = ("source", "seed", "snapshot", "model")
"""What stands in the warehouse; where two have the same name, the later one's words go first."""

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view as dbt knows it. `database` may be empty; `columns` holds only described ones."""

    resource: str
    database: str
    schema: str
    name: str
    description: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is read of a manifest: the project's name, and its relations, stronger ones later."""

    project: str
    relations: tuple[Relation, ...]


class ManifestFiles:
    """Manifests in files of this machine. Implements `description_ports.Manifests`."""

    def place(self, text: str) -> str:
        """The path of the manifest that `text` names: a file, a dbt project's folder, or its `target` folder.

        Raises Invalid for an address on the network, NotFound when nothing is there.
        """
        return str(manifest_path(text))

    def read(self, place: str, connection: Connection) -> Manifest:  # noqa: ARG002 - a file needs no identity
        """What the manifest says. Raises Invalid and NotFound as `read_manifest` does."""
        return read_manifest(Path(place))

    def read_again(self, place: str, connection: Connection) -> Manifest:  # noqa: ARG002
        """The same, without reading a file again that did not change: a large project's manifest takes seconds."""
        path = Path(place)
        try:
            found = path.stat()
        except OSError as error:
            raise _unreadable(place, error) from error
        return _read_version(path, found.st_mtime_ns, found.st_size)

    def version(self, place: str) -> str:
        """When the file was written; empty where there is none."""
        path = Path(place)
        return str(path.stat().st_mtime_ns) if path.is_file() else ""


def is_remote(text: str) -> bool:
    """Whether `text` is an address, not a path."""
    return _REMOTE.match(text) is not None


def without_secrets(address: str) -> str:
    """An address as it may be shown: its query may hold a signature, what stands before an `@` a password."""
    return re.sub(r"//[^/@]*@", "//", address.split("?")[0].split("#")[0])


def manifest_path(text: str) -> Path:
    """The manifest that `text` names: a file, a dbt project's folder, or its `target` folder.

    Raises Invalid for an address on the network, NotFound when nothing is there.
    """
    if is_remote(text):
        raise Invalid("Not a path", subject=without_secrets(text), next_step="Give the path of a file or a folder")
    given = Path(text).expanduser().absolute()
    for path in (given, given / "target" / "manifest.json", given / "manifest.json"):
        if path.is_file():
            return path
    raise NotFound(
        "No dbt manifest there",
        subject=str(given),
        why="neither the file nor target/manifest.json in that folder exists",
        next_step="Run `dbt parse` in the project, then give the project's folder or the manifest.json in its target",
    )


def read_manifest(path: Path) -> Manifest:
    """What the manifest says.

    Raises Invalid when the file is no manifest or of another schema version, NotFound when it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(str(path), error) from error
    return parse_manifest(content, str(path))


def parse_manifest(content: bytes, where: str) -> Manifest:
    """What a manifest's JSON says; `where` names it in errors. Raises Invalid when it is none or of another version."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _no_manifest(where, "it is not JSON") from error
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or "dbt_schema_version" not in metadata:
        raise _no_manifest(where, "it has no metadata.dbt_schema_version")
    _check_schema(str(metadata["dbt_schema_version"]), where)
    nodes = [*_parts(document, "nodes"), *_parts(document, "sources")]
    relations = [relation for node in nodes if (relation := _relation(node))]
    ranked = sorted(relations, key=lambda one: (RESOURCES.index(one.resource), one.database, one.schema, one.name))
    return Manifest(_project(metadata, nodes), tuple(ranked))


@lru_cache(maxsize=4)
def _read_version(path: Path, _modified: int, _size: int) -> Manifest:
    return read_manifest(path)


def _unreadable(place: str, error: OSError) -> NotFound:
    return NotFound(
        "Cannot read the dbt manifest",
        subject=place,
        why=error.strerror or "",
        next_step="See that the file is there and that you may read it; `dbt parse` writes it anew",
    )


def _no_manifest(where: str, why: str) -> Invalid:
    return Invalid(
        "Not a dbt manifest",
        subject=where,
        why=why,
        next_step="Name the manifest.json that `dbt parse` writes into the project's target folder",
    )


def _check_schema(version: str, where: str) -> None:
    match = re.search(r"/manifest/v(\d+)\.json\Z", version)
    if match is None or int(match[1]) not in SCHEMAS:
        raise Invalid(
            "A dbt manifest of another version",
            subject=where,
            why=f"its schema is {version}; v9 to v12 (dbt 1.5 to 1.11 and v2) and v20 (early v2) are known",
            next_step="Write it anew with a dbt of these versions: dbt parse",
        )


def _parts(document: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    part = document.get(key)
    members = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return (node for node in members if isinstance(node, dict))


def _project(metadata: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> str:
    """The project's name: in the metadata since dbt 1.6, before that the package most nodes are of."""
    if metadata.get("project_name"):
        return str(metadata["project_name"])
    packages = [str(node.get("package_name", "")) for node in nodes]
    return max(sorted(set(packages)), key=packages.count, default="")


def _relation(node: Mapping[str, Any]) -> Relation | None:
    """The node as a relation; None for tests, analyses, operations and ephemeral models, which are none."""
    resource = str(node.get("resource_type"))
    config = node.get("config")
    ephemeral = isinstance(config, dict) and config.get("materialized") == "ephemeral"
    name = node.get("alias") or node.get("identifier") or node.get("name")
    if resource not in RESOURCES or ephemeral or not name or not node.get("schema"):
        return None
    return Relation(
        resource,
        str(node.get("database") or ""),
        str(node["schema"]),
        str(name),
        str(node.get("description") or "").strip(),
        dict(_columns(node)),
    )


def _columns(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column in _parts(node, "columns"):
        text = str(column.get("description") or "").strip()
        if text and column.get("name"):
            yield str(column["name"]), text
