"""Puts one target into the text of a profiles.yml; every other profile, comment and blank stays byte for byte.

The result is read back before anybody gets it: it must hold the target as wanted, and all else as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from wharfinger.core.errors import Conflict, Invalid
from wharfinger.dbt.edits import Edits, Entry
from wharfinger.dbt.fields import ALIASES, FIELDS
from wharfinger.dbt.tree import MERGE, Node, Tree, load
from wharfinger.dbt.yaml_text import Value, pair_texts, value_text


@dataclass(frozen=True, slots=True)
class Wanted:
    """One target of one profile. `fields` must stand there; `defaults` only where nothing does; `absent` must not."""

    profile: str
    target: str
    fields: Mapping[str, Value]
    defaults: Mapping[str, Value] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    @property
    def whole(self) -> Mapping[str, Value]:
        """All of a new target's fields, in the order they are written in."""
        return {**self.fields, **self.defaults}

    def entry(self) -> Entry:
        """A new profile with this target as its only one."""
        return {self.profile: {"target": self.target, "outputs": {self.target: self.whole}}}


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, the target's keys that were taken away, and the target that dbt takes when none is named."""

    text: str
    removed: tuple[str, ...]
    default_target: str


Attempt = Literal["spaced", "tight", "first"]
ATTEMPTS: tuple[Attempt, ...] = ("spaced", "tight", "first")
"""Where a new piece goes: behind the others and an empty line, right behind them, or before them all.

Text in a `|` block at the very end of a file means something else once anything follows it.
"""


def merge(text: str, wanted: Wanted) -> Merged:
    """`text` with the wanted target in it.

    Raises Invalid when `text` is no YAML that dbt reads or is written so that no piece can be changed alone,
    Conflict when the target is of another kind of database.
    """
    tree = Tree(text)
    for attempt in ATTEMPTS:
        merger = _Merger(tree, wanted, attempt)
        new = merger.text()
        if new is not None and is_right(tree.data, new, wanted):
            return Merged(new, tuple(merger.removed), _default_target(load(new), wanted.profile))
    raise Invalid(
        "This profiles.yml cannot be changed piece by piece",
        subject=f"target {wanted.target} of profile {wanted.profile}",
        why="the target shares its text with others (anchors, aliases, merge keys) or is written in an unusual form",
        next_step="Put the target in by hand (without --write it is printed), or choose another --target",
    )


class _Merger:
    """One attempt. `removed` are the target's keys that had to go."""

    def __init__(self, tree: Tree, wanted: Wanted, attempt: Attempt) -> None:
        self._tree, self._wanted, self._first = tree, wanted, attempt == "first"
        self._spaced = attempt == "spaced"
        self._edits = Edits(tree)
        self.removed: list[str] = []

    def text(self) -> str | None:
        """The new text, None where the form is not one we can change."""
        root, wanted = self._tree.root, self._wanted
        if root is None:
            self._edits.append(wanted.entry())
        elif root.kind != "mapping":
            raise Invalid(
                "profiles.yml holds no profiles",
                why="it is no mapping of names to profiles",
                next_step="Mend it, or name another folder with --profiles-dir; nothing was touched",
            )
        elif (found := self._tree.find(root, wanted.profile)) is None:
            self._edits.add_entry(root, wanted.entry(), spaced=self._spaced, first=self._first)
        elif not self._go_down(root, found[1], ("outputs", wanted.target)):
            return None
        return self._edits.apply()

    def _go_down(self, parent: Node, value: Node, keys: tuple[str, ...]) -> bool:
        """Follow `keys` from `value`, which stands in `parent`, and add what is missing on the way."""
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
            return self._go_down(value, found[1], keys[1:])
        return True

    def _below(self, keys: tuple[str, ...]) -> Entry:
        entry: Entry = self._wanted.whole
        for key in reversed(keys):
            entry = {key: entry}
        return entry

    def _change(self, target: Node) -> None:
        """Change a target that is there: what is right stays as it is written, what is wrong or foreign goes."""
        self._check_type(target)
        left = {canonical(name): name for name in self._wanted.whole}
        pairs: list[str] = []
        changed = False
        for key, value in reversed(target.pairs):  # the last of a key's pairs is the one that counts
            name = self._tree.key_of(key)
            wanted = left.pop(canonical(name), None)
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
        missing = {name: value for name, value in self._wanted.whole.items() if canonical(name) in left}
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
            return "keep" if name == MERGE or stays(name, self._wanted) else "remove"
        if wanted in self._wanted.defaults:
            return "keep"
        right = _same(self._tree.value_of(value), yaml.safe_load(value_text(self._wanted.fields[wanted])))
        return "keep" if right else "set"

    def _check_type(self, target: Node) -> None:
        found = self._tree.find(target, "type")
        kind = self._tree.value_of(found[1]) if found else "redshift"
        if kind != "redshift":
            raise Conflict(
                "There is a target of that name for another database",
                subject=f"target {self._wanted.target} of profile {self._wanted.profile}",
                why=f"its type is {kind}",
                next_step="Choose another --target or --profile; nothing was touched",
            )


def canonical(name: Any) -> Any:
    """The field that `name` stands for: `pass` is password, `dbname` is database."""
    return ALIASES.get(name, name) if isinstance(name, str) else name


def stays(name: Any, wanted: Wanted) -> bool:
    """Whether a key that is not wanted may stay: a person's own tuning, which says nothing of where and as whom."""
    known = FIELDS.get(canonical(name))
    return known is not None and known.tuning and name not in wanted.absent


def is_right(before: Any, text: str, wanted: Wanted) -> bool:
    """Whether `text` holds the target as wanted, and everything else as it was in `before`."""
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
        and all(name in allowed or stays(name, wanted) for name in found)
    )


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _others(data: Any, wanted: Wanted) -> Any:
    """`data` without the target, and without the keys that exist for it alone."""
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
    """The same without shared parts, so that taking something out of one place leaves the other places alone."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _default_target(data: Any, profile: str) -> str:
    return str(data[profile].get("target", "default"))
