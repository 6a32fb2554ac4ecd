"""Puts one target into the text of a profiles.yml; every other profile, comment and blank is kept byte for byte. Pure.

The result is parsed again before it is returned: it must hold the target as wanted, and everything else unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from wharfinger.core.errors import Conflict, Invalid
from wharfinger.dbt.profiles_yml.fields import ALIASES, FIELDS
from wharfinger.dbt.profiles_yml.yaml_tree import MERGE, Node, Tree, load
from wharfinger.dbt.profiles_yml.yaml_values import Value, pair_texts, value_text
from wharfinger.dbt.writing.yaml_edits import Edits, Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """One target of one profile.

    `fields` are set, `defaults` only where the target has no value yet, `absent` are removed.
    """

    profile: str
    target: str
    fields: Mapping[str, Value]
    defaults: Mapping[str, Value] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    @property
    def whole(self) -> Mapping[str, Value]:
        """All fields of a new target, in the order in which they are written."""
        return {**self.fields, **self.defaults}

    def entry(self) -> Entry:
        """A new profile with this target as its only one."""
        return {self.profile: {"target": self.target, "outputs": {self.target: self.whole}}}


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, the keys that were removed from the target, and the profile's default target."""

    text: str
    removed: tuple[str, ...]
    default_target: str


Attempt = Literal["spaced", "tight", "first"]
ATTEMPTS: tuple[Attempt, ...] = ("spaced", "tight", "first")
"""Where a new entry goes: after the others and an empty line, directly after them, or before all of them.

More than one is tried because a `|` block at the very end of a file changes its value once anything follows it.
"""


def merge(text: str, wanted: Wanted) -> Merged:
    """`text` with the wanted target in it.

    Raises Invalid when `text` is not YAML that dbt reads, or is written so that one target cannot be changed alone;
    Conflict when the target is for another kind of database.
    """
    tree = Tree(text)
    for attempt in ATTEMPTS:
        merger = _Merger(tree, wanted, attempt)
        new = merger.text()
        if new is not None and is_as_wanted(tree.data, new, wanted):
            return Merged(new, tuple(merger.removed), _default_target(load(new), wanted.profile))
    raise Invalid(
        "This target cannot be changed alone",
        subject=f"target {wanted.target} of profile {wanted.profile}",
        why="the target shares its text with others (anchors, aliases, merge keys) or is written in an unusual form",
        next_step="The file was not changed. Choose another target name, or print the target and add it by hand",
        fields=("target",),
    )


class _Merger:
    """One attempt. `removed` are the keys that it removes from the target."""

    def __init__(self, tree: Tree, wanted: Wanted, attempt: Attempt) -> None:
        self._tree, self._wanted, self._first = tree, wanted, attempt == "first"
        self._spaced = attempt == "spaced"
        self._edits = Edits(tree)
        self.removed: list[str] = []

    def text(self) -> str | None:
        """The new text; None when the file has a form that cannot be changed in parts."""
        root, wanted = self._tree.root, self._wanted
        if root is None:
            self._edits.append(wanted.entry())
        elif root.kind != "mapping":
            raise Invalid(
                "profiles.yml holds no profiles",
                why="it is not a mapping of names to profiles",
                next_step="The file was not changed. Correct it, or name another folder",
                fields=("profiles_dir",),
            )
        elif (found := self._tree.find(root, wanted.profile)) is None:
            self._edits.add_entry(root, wanted.entry(), spaced=self._spaced, first=self._first)
        elif not self._descend(root, found[1], ("outputs", wanted.target)):
            return None
        return self._edits.apply()

    def _descend(self, parent: Node, value: Node, keys: tuple[str, ...]) -> bool:
        """Follow `keys` from `value`, a value of `parent`, and add what is missing on the way."""
        if value.is_empty and not value.anchored:
            self._edits.fill(parent, value, self._below(keys))
        elif value.kind == "alias" and not keys:
            self._edits.replace(value, pair_texts(self._wanted.whole))
        elif value.kind != "mapping":
            return False
        elif not keys:
            self._change(value)
        elif (found := self._tree.find(value, keys[0])) is None:
            self._edits.add_entry(value, self._below(keys), first=self._first)
        else:
            return self._descend(value, found[1], keys[1:])
        return True

    def _below(self, keys: tuple[str, ...]) -> Entry:
        entry: Entry = self._wanted.whole
        for key in reversed(keys):
            entry = {key: entry}
        return entry

    def _change(self, target: Node) -> None:
        """Change an existing target: keep right values as written, set wrong ones, remove keys that do not belong."""
        self._check_type(target)
        to_set = {canonical(name): name for name in self._wanted.whole}
        pairs: list[str] = []
        changed = False
        for key, value in reversed(target.pairs):  # of several pairs of one key PyYAML uses the last
            name = self._tree.key_of(key)
            wanted = to_set.pop(canonical(name), None)
            action = self._action(name, value, wanted)
            changed = changed or action != "keep"
            if action == "remove":
                self.removed.insert(0, str(name))
            if target.flow:
                if action != "remove":
                    pairs.insert(0, self._pair(key, value, wanted if action == "set" else None))
            elif action == "set" and wanted is not None:
                self._edits.set(target, value, self._wanted.whole[wanted])
            elif action == "remove":
                self._edits.remove(key, value)
        missing = {name: value for name, value in self._wanted.whole.items() if canonical(name) in to_set}
        if not target.flow:
            self._edits.add(target, missing)
        elif changed or missing:
            self._edits.replace(target, [*pairs, *pair_texts(missing)])

    def _pair(self, key: Node, value: Node, wanted: str | None) -> str:
        text = self._tree.text
        if wanted is None:
            return text[key.start : value.end]
        return f"{text[key.start : key.end]}: {value_text(self._wanted.whole[wanted])}"

    def _action(self, name: Any, value: Node, wanted: str | None) -> Literal["keep", "set", "remove"]:
        if wanted is None:
            return "keep" if name == MERGE or may_stay(name, self._wanted) else "remove"
        if wanted in self._wanted.defaults:
            return "keep"
        right = _same(self._tree.value_of(value), yaml.safe_load(value_text(self._wanted.fields[wanted])))
        return "keep" if right else "set"

    def _check_type(self, target: Node) -> None:
        found = self._tree.find(target, "type")
        kind = self._tree.value_of(found[1]) if found else "redshift"
        if kind != "redshift":
            raise Conflict(
                "A target of this name exists for another database",
                subject=f"target {self._wanted.target} of profile {self._wanted.profile}",
                why=f"its type is {kind}",
                next_step="The file was not changed. Choose another target or profile",
                fields=("target", "profile"),
            )


def canonical(name: Any) -> Any:
    """The field that `name` means: `pass` is password, `dbname` is database."""
    return ALIASES.get(name, name) if isinstance(name, str) else name


def may_stay(name: Any, wanted: Wanted) -> bool:
    """Whether a key that is not wanted may stay: a field that does not decide where dbt connects and as whom."""
    known = FIELDS.get(canonical(name))
    return known is not None and known.tuning and name not in wanted.absent


def is_as_wanted(before: Any, text: str, wanted: Wanted) -> bool:
    """Whether `text` holds the target as wanted, and everything else as in `before`."""
    try:
        after = load(text)
        target = _plain(after[wanted.profile]["outputs"][wanted.target])
        return _holds(target, wanted) and _others(_plain(after), wanted) == _others(_plain(before), wanted)
    except (Invalid, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _holds(target: dict[Any, Any], wanted: Wanted) -> bool:
    expected = {canonical(name): yaml.safe_load(value_text(value)) for name, value in wanted.fields.items()}
    found = {canonical(name): value for name, value in target.items()}
    allowed = {canonical(name) for name in wanted.whole}
    return (
        len(found) == len(target)
        and all(name in found and _same(found[name], value) for name, value in expected.items())
        and all(name in allowed or may_stay(name, wanted) for name in found)
    )


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _others(data: Any, wanted: Wanted) -> Any:
    """`data` without the target, and without the keys that exist only for it."""
    profiles = dict(data or {})
    profile = dict(profiles.get(wanted.profile) or {})
    outputs = dict(profile.get("outputs") or {})
    outputs.pop(wanted.target, None)
    if outputs:
        profile["outputs"] = outputs
    else:
        profile.pop("outputs", None)
        if profile.get("target") == wanted.target:
            profile.pop("target")
    profiles[wanted.profile] = profile
    return profiles


def _plain(data: Any) -> Any:
    """A copy without shared parts, so that removing something in one place does not change another."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _default_target(data: Any, profile: str) -> str:
    return str(data[profile].get("target", "default"))
