"""Finds what a misspelt word may have meant. Pure.

The distance counts letters that are added, left out or replaced, and neighbours that are swapped: swapped neighbours
are the most frequent slip, and difflib, which looks for common pieces, prefers other words to them.
"""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST_START = 3
"""The fewest letters of a word that count as its start."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The `known` word that `word` was probably meant to be; "" where none is near. Never the word itself.

    Upper and lower case make no difference. A word that begins with `word` counts as near too, after those with few
    slips. Of equally near words the first in the alphabet is taken.
    """
    typed, allowed = word.casefold(), _allowed(word)
    ranked: list[tuple[int, str]] = []
    for candidate in {one for one in known if one != word}:
        folded = candidate.casefold()
        apart = distance(typed, folded, allowed)
        if apart <= allowed:
            ranked.append((apart, candidate))
        elif len(typed) >= SHORTEST_START and folded.startswith(typed):
            ranked.append((allowed + 1, candidate))
    return min(ranked)[1] if ranked else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """The next step for a word that is not known: the word that was probably meant, else `otherwise`."""
    meant = nearest(word, known)
    return f"Did you mean {meant}?" if meant else otherwise


def distance(one: str, other: str, most: int) -> int:
    """How many slips apart two words are, as far as it is at most `most`; beyond that, some number above `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, above = above, line
    return above[-1]


def _allowed(word: str) -> int:
    """How many slips a word of this length may have: one in a short word, three in a long one."""
    return 1 if len(word) <= 4 else 2 if len(word) <= 8 else 3
