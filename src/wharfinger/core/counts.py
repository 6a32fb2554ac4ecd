"""Numbers of things in a sentence."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`number` with `noun`, which is in the singular: `1 table`, `2 tables`, `1,200 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
