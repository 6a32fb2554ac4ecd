"""Which kind of personal data a column's name means. Pure; the words are in `words.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from wharfinger.personal.formats import fold
from wharfinger.personal.model import PersonalKind

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameMeaning:
    """The kind that a name means. `vague`: it counts only if the values confirm it (`recipient`, or `name` in a table
    of people)."""

    kind: PersonalKind
    vague: bool


@dataclass(frozen=True)
class _Words:
    phrases: tuple[tuple[PersonalKind, Phrase], ...]
    vague: tuple[Phrase, ...]
    excluding: dict[str, frozenset[str]]
    people: frozenset[str]
    versions: frozenset[str]


@cache
def _words() -> _Words:
    """The word lists; the longest phrases first, so that `ip address` comes before `address`."""
    lists = tomllib.loads(files("wharfinger.personal").joinpath("words.toml").read_text(encoding="utf-8"))
    phrases = [
        (cast(PersonalKind, kind), tuple(one.split()))
        for kind, text in lists["phrases"].items()
        for one in _listed(text)
    ]
    return _Words(
        phrases=tuple(sorted(phrases, key=lambda pair: (-len(pair[1]), -len(pair[1][0])))),
        vague=tuple(
            sorted((tuple(one.split()) for one in _listed(lists["vague"]["person_name"])), key=len, reverse=True)
        ),
        excluding={kind: frozenset(_listed(text)) for kind, text in lists["excluding"].items()},
        people=frozenset(_listed(lists["people"]["words"])),
        versions=frozenset(_listed(lists["versions"]["words"])),
    )


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",")]


def tokens(name: str) -> tuple[str, ...]:
    """The words of a column name, without numbers: `customerEmail_2` → customer, email."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", fold(parted)) if word and not word.isdigit())


def kind_from_name(name: str, table: str) -> NameMeaning | None:
    """The kind of personal data that the name of a column of `table` means; None when it means none."""
    words, lists = tokens(name), _words()
    for kind, phrase in lists.phrases:
        rest = _without(words, phrase)
        if rest is not None and not _is_excluded(kind, rest):
            return NameMeaning(kind, vague=False)
    for phrase in lists.vague:
        rest = _without(words, phrase)
        if rest is not None and not _is_excluded("person_name", rest) and _is_of_people(phrase, rest, table):
            return NameMeaning("person_name", vague=True)
    return None


def is_about_versions(name: str) -> bool:
    """Whether a column's name means version numbers, so that dotted numbers in it are no IP addresses."""
    return bool(_words().versions & set(tokens(name)))


def _is_excluded(kind: str, rest: Phrase) -> bool:
    """Whether a word beside the phrase changes its meaning: `email_count` holds no addresses."""
    lists = _words().excluding
    general = frozenset() if kind == "secret" else lists["any"]
    return bool((general | lists.get(kind, frozenset())) & set(rest))


def _is_of_people(phrase: Phrase, rest: Phrase, table: str) -> bool:
    if phrase != ("name",):
        return True
    return bool(_words().people & set(rest or tokens(table)[-1:]))


def _without(words: Phrase, phrase: Phrase) -> Phrase | None:
    for start in range(len(words) - len(phrase) + 1):
        if words[start : start + len(phrase)] == phrase:
            return words[:start] + words[start + len(phrase) :]
    return None
