"""Numbers and names of things in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

IN_SENTENCE = 20
"""The most names that a sentence lists."""


def counted(number: int, noun: str) -> str:
    """`number` with `noun`, which is in the singular: `1 table`, `2 tables`, `1,200 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def some(names: Iterable[str], most: int = 10) -> str:
    """The first names, separated by commas, and how many more there are: `a, b, …and 12 more`.

    One name more than `most` is shown rather than counted.
    """
    known = list(names)
    if len(known) <= most + 1:
        return ", ".join(known)
    return f"{', '.join(known[:most])}, …and {len(known) - most:,} more"


def listed_names(names: Iterable[str]) -> str:
    """Names in a sentence: `a, b and c`; of more than IN_SENTENCE the first ones, as `some` has them."""
    known = list(names)
    if len(known) > IN_SENTENCE + 1:
        return some(known, IN_SENTENCE)
    return " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))
