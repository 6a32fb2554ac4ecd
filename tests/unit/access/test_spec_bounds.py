"""A spec that would take for ever to read, or says more than it shows, is refused with its line."""

from __future__ import annotations

import pytest

from wharfinger.access.spec.parse import parse_spec
from wharfinger.access.spec.yaml_bounds import MOST_DEPTH
from wharfinger.core.errors import Invalid

ALIASES_OF_ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEPER = "a: &a [[[[[[[x]]]]]]]\nb: &b [[[[[[[*a]]]]]]]\nc: [[[[[[[[[[[*b]]]]]]]]]]]\n"
USERS = "version: 1\nusers: "

REFUSED = {
    "brackets": (USERS + "[" * 100_000, 2, "nested too deeply"),
    "braces": (USERS + "{a: " * 100_000, 2, "nested too deeply"),
    "dashes": (USERS + "\n" + "- " * 100_000 + "x", 3, "nested too deeply"),
    "indents": (USERS + "\n" + "".join(" " * level + "a:\n" for level in range(1, 2000)), MOST_DEPTH + 2, "nested too"),
    "aliases of aliases": ("version: 1\n" + ALIASES_OF_ALIASES, 8, "its aliases stand for too much"),
    "depth through aliases": ("version: 1\n" + DEEPER, 4, "nested too deeply"),
    "an alias inside what it stands for": (USERS + "&a {b: *a}\n", 2, "*a stands for what contains it"),
    "a tag on a mapping": (USERS + "!team {alice: {credentials: password}}\n", 2, "the tag !team"),
    "a tag on a text": (USERS + "{alice: {credentials: !secret iam}}\n", 2, "the tag !secret"),
    "a tag of Python": (USERS + "!!python/object:os.system {}\n", 2, "python/object:os.system"),
    "a set": (USERS + "!!set {alice}\n", 2, "tag:yaml.org,2002:set"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_too_much_is_refused_with_its_line(case: str) -> None:
    text, line, why = REFUSED[case]
    with pytest.raises(Invalid) as refusal:
        parse_spec(text, "access.yml")
    assert refusal.value.subject == f"access.yml, line {line}"
    assert why in refusal.value.why


def test_anchors_and_merges_of_an_ordinary_size_are_read() -> None:
    spec = parse_spec(
        "version: 1\nusers: {a: &user {credentials: password}, b: *user, c: {<<: *user}}\n"
        "groups: {g: {members: &both [a, b]}, h: {members: *both}}\n"
    )
    assert [user.name for user in spec.users] == ["a", "b", "c"]
    assert [len(group.members) for group in spec.groups] == [2, 2]
