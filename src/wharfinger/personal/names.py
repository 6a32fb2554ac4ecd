"""What names of columns say: which words promise personal data, and which take the promise back.

The words themselves are in `privacy_words.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wharfinger.personal.formats import plain

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class _Words:
    phrases: tuple[tuple[str, Phrase], ...]
    weak: tuple[Phrase, ...]
    takes_back: dict[str, frozenset[str]]
    people: frozenset[str]
    versions: frozenset[str]


@cache
def _words() -> _Words:
    """The word lists; the longest phrases first, so that `ip address` comes before `address`."""
    lists = tomllib.loads(files("wharfinger.personal").joinpath("words.toml").read_text(encoding="utf-8"))
    phrases = [(kind, tuple(one.split())) for kind, text in lists["phrases"].items() for one in _listed(text)]
    return _Words(
        phrases=tuple(sorted(phrases, key=lambda pair: (-len(pair[1]), -len(pair[1][0])))),
        weak=tuple(
            sorted((tuple(one.split()) for one in _listed(lists["weak"]["person_name"])), key=len, reverse=True)
        ),
        takes_back={kind: frozenset(_listed(text)) for kind, text in lists["takes_back"].items()},
        people=frozenset(_listed(lists["people"]["words"])),
        versions=frozenset(_listed(lists["versions"]["words"])),
    )


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",")]


def tokens(name: str) -> tuple[str, ...]:
    """The words of a column name, without numbers: `customerEmail_2` → customer, email."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", plain(parted)) if word and not word.isdigit())


def promised(name: str, table: str) -> tuple[str, bool] | None:
    """The kind of personal data that a column's name promises, and whether it does so firmly.

    A weak promise (`recipient`, or `name` in a table of people) holds only if the values agree.
    """
    words, lists = tokens(name), _words()
    for kind, phrase in lists.phrases:
        rest = _without(words, phrase)
        if rest is not None and not _taken_back(kind, rest):
            return kind, True
    for phrase in lists.weak:
        rest = _without(words, phrase)
        if rest is not None and not _taken_back("person_name", rest) and _is_of_people(phrase, rest, table):
            return "person_name", False
    return None


def says_version(name: str) -> bool:
    """Whether a column's name speaks of versions, so that dotted numbers in it are no addresses."""
    return bool(_words().versions & set(tokens(name)))


def _taken_back(kind: str, rest: Phrase) -> bool:
    lists = _words().takes_back
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
