"""What a dbt project makes in the warehouse and what it reads there, by its manifest. Pure.

A manifest is written for one target: its nodes have the schemas of that target. Sources mostly have the same ones
everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wharfinger.dbt.manifests.manifest import is_ephemeral, parts, setting

BUILT = ("seed", "snapshot", "model")
"""The kinds of nodes that `dbt build` makes relations of."""


@dataclass(frozen=True, slots=True)
class Built:
    """A relation that dbt makes."""

    database: str
    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """A table that dbt reads. `needed` is false when nothing fails without it: nothing that is built reads it, or
    late-binding views only, which Redshift makes without looking at what they read.
    """

    database: str
    schema: str
    name: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Build:
    """What is made and read. `temporary` is true when dbt makes temporary tables: for incremental models and snapshots.

    `schemas` are those of all nodes without a schema of their own, with which a target can be recognised.
    """

    built: tuple[Built, ...] = ()
    sources: tuple[Source, ...] = ()
    temporary: bool = False
    schemas: frozenset[str] = frozenset()

    def is_for(self, schema: str) -> bool:
        """Whether the manifest was written for a target with this schema, as far as its nodes show."""
        if self.schemas:
            return schema.casefold() in self.schemas
        wanted = schema.casefold()
        return not self.built or any(_belongs(one.schema.casefold(), wanted) for one in self.built)


def build_of(document: Mapping[str, Any]) -> Build:
    """What the project builds, from the document of a manifest. Disabled nodes are not part of `nodes`."""
    nodes = {str(node.get("unique_id") or ""): node for node in parts(document, "nodes")}
    made = [node for node in nodes.values() if _is_built(node)]
    own = [node for node in nodes.values() if setting(node, "schema") is None and node.get("schema")]
    return Build(
        tuple(dict.fromkeys(_built(node) for node in made)),
        tuple(sorted(_sources(document, nodes), key=lambda one: (one.database, one.schema, one.name))),
        any(node.get("resource_type") == "snapshot" or setting(node, "materialized") == "incremental" for node in made),
        frozenset(str(node["schema"]).casefold() for node in own if node.get("resource_type") in BUILT),
    )


def _belongs(schema: str, wanted: str) -> bool:
    return schema == wanted or schema.startswith(f"{wanted}_")


def _is_built(node: Mapping[str, Any]) -> bool:
    named = node.get("schema") and (node.get("alias") or node.get("name"))
    enabled = setting(node, "enabled") is not False
    return bool(node.get("resource_type") in BUILT and named and enabled and not is_ephemeral(node))


def _built(node: Mapping[str, Any]) -> Built:
    return Built(str(node.get("database") or ""), str(node["schema"]), str(node.get("alias") or node.get("name")))


def _sources(document: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[Source]:
    read = _read_by_built(nodes)
    for source in parts(document, "sources"):
        name = source.get("identifier") or source.get("name")
        if name and source.get("schema") and setting(source, "enabled") is not False:
            needed = str(source.get("unique_id") or "") in read
            yield Source(str(source.get("database") or ""), str(source["schema"]), str(name), needed)


def _read_by_built(nodes: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The ids of all that is read when relations are made, also through ephemeral models, which are inlined."""
    found: set[str] = set()
    waiting = [node for node in nodes.values() if _is_built(node) and not _binds_late(node)]
    while waiting:
        node = waiting.pop()
        depends = node.get("depends_on")
        for one in (depends.get("nodes") or ()) if isinstance(depends, dict) else ():
            if str(one) not in found:
                found.add(str(one))
                inner = nodes.get(str(one))
                if inner is not None and is_ephemeral(inner):
                    waiting.append(inner)
    return found


def _binds_late(node: Mapping[str, Any]) -> bool:
    return setting(node, "materialized") == "view" and setting(node, "bind") is False
