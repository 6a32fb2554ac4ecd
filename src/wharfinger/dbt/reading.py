"""A profiles.yml as dbt takes it: which profile, which target, its fields rendered; and what could not be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wharfinger.dbt.fields import ALIASES, CONFIG
from wharfinger.dbt.rendering import NotRendered, OnlyDbtRenders, Renderer
from wharfinger.dbt.tree import MERGE, Tree


@dataclass(frozen=True, slots=True)
class Target:
    """One output of one profile. `raw` is as written, `fields` are rendered and called by their own names.

    `unrendered` says of each key why dbt cannot render it. `chosen` is whether dbt takes this target now.
    `fields` may hold secrets.
    """

    profile: str
    name: str
    raw: Mapping[Any, Any]
    chosen: bool
    fields: Mapping[str, Any] = field(repr=False, default_factory=dict)
    unrendered: Mapping[str, NotRendered] = field(default_factory=dict)
    twice: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_redshift(self) -> bool:
        """Whether dbt-redshift is the adapter."""
        return bool(self.fields.get("type", "redshift") == "redshift")

    @property
    def only_dbt_knows(self) -> bool:
        """Whether some value can be rendered by dbt alone."""
        return any(isinstance(why, OnlyDbtRenders) for why in self.unrendered.values())


def profile_names(data: Any) -> list[str]:
    """The profiles of a file."""
    return [str(name) for name in data if name != CONFIG] if isinstance(data, dict) else []


def default_target(profile: Mapping[Any, Any], renderer: Renderer) -> Any:
    """The target dbt takes when none is named. Raises NotRendered."""
    return renderer.rendered(profile["target"]) if "target" in profile else "default"


def target_of(tree: Tree, profile: str, name: str, renderer: Renderer, *, chosen: bool) -> Target:
    """One output, rendered."""
    raw = tree.data[profile]["outputs"][name]
    fields: dict[str, Any] = {}
    unrendered: dict[str, NotRendered] = {}
    for key, value in raw.items():
        try:
            fields[ALIASES.get(key, key)] = renderer.rendered(value)
        except NotRendered as why:
            unrendered[str(key)] = why
    return Target(profile, name, raw, chosen, fields, unrendered, _twice(tree, (profile, "outputs", name)))


def _twice(tree: Tree, path: tuple[str, ...]) -> dict[str, int]:
    """Keys that stand there more than once, and the line of the last, which is the one PyYAML takes."""
    found: dict[str, int] = {}
    seen: set[Any] = set()
    for mapping, place in tree.mappings():
        if place != path:
            continue
        for key, _ in mapping.pairs:
            name = tree.key_of(key)
            if name in seen and name != MERGE:
                found[str(name)] = tree.line(key.start)
            seen.add(name)
    return found
