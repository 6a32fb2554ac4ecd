"""The targets of a profiles.yml as dbt reads them: names, defaults, and fields rendered with Jinja. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wharfinger.dbt.checking.rendering import NotRendered, OnlyDbtRenders, Renderer
from wharfinger.dbt.profiles_yml.fields import ALIASES, CONFIG
from wharfinger.dbt.profiles_yml.yaml_tree import MERGE, Tree


@dataclass(frozen=True, slots=True)
class Target:
    """One target of one profile.

    `raw` holds the fields as written, `fields` those rendered, under their own names and not their aliases; it may
    hold secrets. `unrendered` gives for each key the reason why dbt cannot render it. `chosen` is true for the target
    that dbt would use now. `repeated` gives for each repeated key the line of its last occurrence.
    """

    profile: str
    name: str
    raw: Mapping[Any, Any]
    chosen: bool
    fields: Mapping[str, Any] = field(repr=False, default_factory=dict)
    unrendered: Mapping[str, NotRendered] = field(default_factory=dict)
    repeated: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_redshift(self) -> bool:
        """Whether dbt-redshift is the adapter."""
        return bool(self.fields.get("type", "redshift") == "redshift")

    @property
    def only_dbt_renders(self) -> bool:
        """Whether dbt may be able to render a value that we cannot."""
        return any(isinstance(why, OnlyDbtRenders) for why in self.unrendered.values())


def profile_names(data: Any) -> list[str]:
    """The names of the profiles in a loaded file."""
    return [str(name) for name in data if name != CONFIG] if isinstance(data, dict) else []


def default_target(profile: Mapping[Any, Any], renderer: Renderer) -> Any:
    """The target that dbt uses when none is named. Raises NotRendered."""
    return renderer.rendered(profile["target"]) if "target" in profile else "default"


def target_of(tree: Tree, profile: str, name: str, renderer: Renderer, *, chosen: bool) -> Target:
    """One target of a profile, rendered."""
    raw = tree.data[profile]["outputs"][name]
    fields: dict[str, Any] = {}
    unrendered: dict[str, NotRendered] = {}
    for key, value in raw.items():
        try:
            fields[ALIASES.get(key, key)] = renderer.rendered(value)
        except NotRendered as why:
            unrendered[str(key)] = why
    return Target(profile, name, raw, chosen, fields, unrendered, _repeated_keys(tree, (profile, "outputs", name)))


def _repeated_keys(tree: Tree, path: tuple[str, ...]) -> dict[str, int]:
    """Keys that occur more than once, with the line of the last occurrence, which is the one that PyYAML uses."""
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
