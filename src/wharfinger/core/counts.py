"""Numbers and names of things in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """`number` with `noun`, which is in the singular: `1 table`, `2 tables`, `1,200 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def some(names: Sequence[str], most: int = 10) -> str:
    """The first names, separated by commas, and how many more there are: `a, b, …and 12 more`.

    One name more than `most` is shown rather than counted.
    """
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])}, …and {len(names) - most:,} more"


def listed_names(names: Sequence[str], most: int = 20) -> str:
    """Names in a sentence: `a, b and c`; of more than `most` the first ones, as `some` has them."""
    if len(names) > most + 1:
        return some(names, most)
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
