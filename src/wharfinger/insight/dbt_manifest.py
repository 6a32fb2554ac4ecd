"""Reads a dbt manifest: the relations a project knows, and what it says of them and of their columns.

Manifests of dbt 1.5 to 1.11 (schema v9 to v12) agree in all that is read here: `nodes` and `sources`, each with
`database`, `schema`, `alias` or `identifier`, `description` and `columns`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wharfinger.core.errors import Invalid, NotFound

SCHEMAS = range(9, 13)
"""The manifest's schema versions: 9 came with dbt 1.5, 10 with 1.6, 11 with 1.7, 12 with 1.8 and all since."""
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


def manifest_path(text: str) -> Path:
    """The manifest that `text` names: a file, a dbt project's folder, or its `target` folder.

    Raises Invalid for an address on the network, NotFound when nothing is there.
    """
    if _REMOTE.match(text):
        raise Invalid(
            "Manifests are read from files only",
            subject=text.split("?")[0],
            why="fetching one from a network address is not built yet",
            next_step="Download it, and give the file's path",
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
    )


def read_manifest(path: Path) -> Manifest:
    """What the manifest says.

    Raises Invalid when the file is no manifest or of another schema version, NotFound when it cannot be read.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise NotFound("Cannot read the dbt manifest", subject=str(path), why=error.strerror or "") from error
    except ValueError as error:
        raise Invalid("Not a dbt manifest", subject=str(path), why="it is not JSON") from error
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or "dbt_schema_version" not in metadata:
        raise Invalid("Not a dbt manifest", subject=str(path), why="it has no metadata.dbt_schema_version")
    _check_schema(str(metadata["dbt_schema_version"]), path)
    nodes = [*_parts(document, "nodes"), *_parts(document, "sources")]
    relations = [relation for node in nodes if (relation := _relation(node))]
    ranked = sorted(relations, key=lambda one: (RESOURCES.index(one.resource), one.database, one.schema, one.name))
    return Manifest(_project(metadata, nodes), tuple(ranked))


def read_again(path: Path) -> Manifest:
    """The same, without reading a file again that did not change: a large project's manifest takes seconds."""
    try:
        found = path.stat()
    except OSError as error:
        raise NotFound("Cannot read the dbt manifest", subject=str(path), why=error.strerror or "") from error
    return _read_version(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _read_version(path: Path, _modified: int, _size: int) -> Manifest:
    return read_manifest(path)


def _check_schema(version: str, path: Path) -> None:
    match = re.search(r"/manifest/v(\d+)\.json\Z", version)
    if match is None or int(match[1]) not in SCHEMAS:
        raise Invalid(
            "A dbt manifest of another version",
            subject=str(path),
            why=f"its schema is {version}; v{SCHEMAS[0]} to v{SCHEMAS[-1]} are known (dbt 1.5 to 1.11)",
            next_step="Write it anew with a dbt of these versions: dbt parse",
        )


def _parts(document: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    part = document.get(key)
    return (node for node in part.values() if isinstance(node, dict)) if isinstance(part, dict) else iter(())


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
