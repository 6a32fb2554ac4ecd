"""Notes on what no spec can express; what many objects share is one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from wharfinger.access.model import EVERYBODY, Grantee, Note
from wharfinger.access.state.beyond import Beyond, BeyondKind
from wharfinger.core.counts import listed_names

LEFT_ALONE = "no spec can express that, and it stays unchanged"
EVERYBODY_TEXT = "every user has this beside what a spec grants"
TEXTS: dict[BeyondKind, str] = {
    "right": "holds {}",
    "grant option": "may grant to others (WITH GRANT OPTION): {}",
    "role": "holds Redshift's own role {}",
    "admin option": "may grant to others (WITH ADMIN OPTION): role {}",
    "system privilege": "holds the system privileges {}",
    "option": "is made with {}",
}
ALIKE = 10
"""How many objects of one schema a sentence names before it counts them."""


def beyond_notes(facts: Iterable[Beyond]) -> Iterator[Note]:
    """A note for each grantee and kind of fact; for rights on objects one for each set of privileges."""
    for (who, kind), group in groupby(sorted(facts), key=lambda one: (one.grantee, one.kind)):
        for text in _sentences(list(group)):
            yield Note(str(who), f"{TEXTS[kind].format(text)}; {_tail(who)}")


def _tail(who: Grantee) -> str:
    return f"{EVERYBODY_TEXT}; {LEFT_ALONE}" if who == EVERYBODY else LEFT_ALONE


def _sentences(facts: list[Beyond]) -> Iterator[str]:
    if not facts[0].on:
        yield listed_names([one.what for one in facts])
        return
    by_object: dict[tuple[str, str], list[str]] = {}
    for one in facts:
        by_object.setdefault((one.on, one.within), []).append(one.what)
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for on, privileges in by_object.items():
        alike.setdefault(tuple(privileges), []).append(on)
    for shared, places in alike.items():
        yield f"{', '.join(shared)} on {listed_names(_places(places))}"


def _places(places: list[tuple[str, str]]) -> list[str]:
    named: list[str] = []
    for within, group in groupby(sorted(places, key=lambda one: (one[1], one[0])), key=lambda one: one[1]):
        objects = [on for on, _ in group]
        named += [f"{len(objects):,} {within}"] if within and len(objects) > ALIKE else objects
    return named
