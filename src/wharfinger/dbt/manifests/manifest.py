"""A dbt manifest: the relations of a project, with its descriptions of them and of their columns. Pure.

Manifests of dbt 1.5 to 1.11 (schema v9 to v12) and of the v2 engine (v12, before that v20) agree in everything that
is read here: `nodes` and `sources`, each with `database`, `schema`, `alias` or `identifier`, `description` and
`columns`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wharfinger.core.errors import Invalid

SCHEMAS = (9, 10, 11, 12, 20)
"""The manifest's schema versions: 9 came with dbt 1.5, 10 with 1.6, 11 with 1.7, 12 with 1.8 and all later ones.

The v2 engine (Fusion) first wrote 20, which is the same as 12 (docs.getdbt.com, Manifest JSON file).
"""
RESOURCES = ("source", "seed", "snapshot", "model")
"""The kinds of nodes that exist in the warehouse. Of two with the same name, the later kind's descriptions win."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view as dbt knows it. `database` may be empty.

    `columns` maps described columns, under their names as written, to their texts; `quoted` are those of them that dbt
    writes in double quotes, without those that are written in double quotes in the project itself.
    """

    resource: str
    database: str
    schema: str
    name: str
    description: str
    columns: Mapping[str, str]
    quoted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is read of a manifest: the project's name, and its relations in the order of RESOURCES.

    `ephemeral` and `disabled` count the nodes with texts that dbt makes no relation of.
    """

    project: str
    relations: tuple[Relation, ...]
    ephemeral: int = 0
    disabled: int = 0


def parse_document(content: bytes, where: str) -> dict[str, Any]:
    """The manifest in `content` as JSON values; errors name it as `where`.

    Raises Invalid when it is not a manifest, or has a schema version that is not known.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _not_a_manifest(where, "it is not JSON") from error
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or "dbt_schema_version" not in metadata:
        raise _not_a_manifest(where, "it has no metadata.dbt_schema_version")
    _check_schema(str(metadata["dbt_schema_version"]), where)
    return dict(document)


def parse_manifest(content: bytes, where: str) -> Manifest:
    """The relations of the manifest in `content` (JSON). Raises Invalid as `parse_document` does."""
    document = parse_document(content, where)
    nodes = [*parts(document, "nodes"), *parts(document, "sources")]
    relations = [relation for node in nodes if (relation := _relation(node))]
    ranked = sorted(relations, key=lambda one: (RESOURCES.index(one.resource), one.database, one.schema, one.name))
    told = [node for node in nodes if node.get("resource_type") in RESOURCES and _has_texts(node)]
    return Manifest(
        _project(document["metadata"], nodes),
        tuple(ranked),
        ephemeral=sum(is_ephemeral(node) for node in told),
        disabled=sum(node.get("resource_type") in RESOURCES and _has_texts(node) for node in _disabled(document)),
    )


def _not_a_manifest(where: str, why: str) -> Invalid:
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
            "The version of this dbt manifest is not known",
            subject=where,
            why=f"its schema is {version}; v9 to v12 (dbt 1.5 to 1.11 and v2) and v20 (early v2) are known",
            next_step="Write it again with one of these versions of dbt: dbt parse",
        )


def parts(document: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """The members of a part of a manifest, whether it is a mapping or a list."""
    part = document.get(key)
    members = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return (node for node in members if isinstance(node, dict))


def _project(metadata: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> str:
    """The project's name: from the metadata since dbt 1.6, before that the package of most nodes."""
    if metadata.get("project_name"):
        return str(metadata["project_name"])
    packages = [str(node.get("package_name", "")) for node in nodes]
    return max(sorted(set(packages)), key=packages.count, default="")


def _relation(node: Mapping[str, Any]) -> Relation | None:
    """The node as a relation; None for tests, analyses, operations and ephemeral models."""
    resource = str(node.get("resource_type"))
    name = node.get("alias") or node.get("identifier") or node.get("name")
    if resource not in RESOURCES or is_ephemeral(node) or not name or not node.get("schema"):
        return None
    return Relation(
        resource,
        str(node.get("database") or ""),
        str(node["schema"]),
        str(name),
        str(node.get("description") or "").strip(),
        dict(_columns(node)),
        frozenset(_quoted(node)),
    )


def setting(node: Mapping[str, Any], name: str) -> Any:
    """The setting `name` in the configuration of a node, None without one."""
    config = node.get("config")
    return config.get(name) if isinstance(config, dict) else None


def is_ephemeral(node: Mapping[str, Any]) -> bool:
    """Whether dbt writes the node's SQL into those that read it, and makes no relation of it."""
    return bool(setting(node, "materialized") == "ephemeral")


def _has_texts(node: Mapping[str, Any]) -> bool:
    return bool(str(node.get("description") or "").strip()) or any(_columns(node))


def _disabled(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The disabled nodes; several can have one id."""
    found = document.get("disabled")
    for members in found.values() if isinstance(found, dict) else ():
        yield from (node for node in (members if isinstance(members, list) else [members]) if isinstance(node, dict))


def _quoted(node: Mapping[str, Any]) -> Iterator[str]:
    """The columns that dbt writes in double quotes: by themselves, or because their source says so for all."""
    quoting = node.get("quoting")
    every = isinstance(quoting, dict) and quoting.get("column") is True
    for column in parts(node, "columns"):
        quote = column.get("quote")
        if column.get("name") and (quote is True or (quote is None and every)):
            yield str(column["name"])


def _columns(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column in parts(node, "columns"):
        text = str(column.get("description") or "").strip()
        if text and column.get("name"):
            yield str(column["name"]), text
