"""Numbers of things in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """`number` with `noun`, which is in the singular: `1 table`, `2 tables`, `1,200 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


MOST_NAMES = 20
"""How many names a sentence lists before it counts the rest."""


def listed_names(names: Sequence[str]) -> str:
    """Names in a sentence: `a, b and c`; of many the first ones, and how many more there are."""
    shown = list(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        return f"{', '.join(shown)} and {len(names) - MOST_NAMES:,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
