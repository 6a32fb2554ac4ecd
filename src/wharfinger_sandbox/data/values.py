"""Makers of plain values: numbers, words, times.

Of `Random` only `random()` is used, whose stream Python promises to keep.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from random import Random

from wharfinger_sandbox.data.spec import ValueGenerator

START = datetime(2022, 1, 3, 8, 0, tzinfo=UTC)
"""The company's first day."""
DAYS = 1_200
"""How long it has been in business."""


_WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def word_list(name: str) -> list[str]:
    """A list of `words.toml`."""
    return [word.strip() for word in _WORDS[name].split(",")]


def below(rng: Random, limit: int) -> int:
    """A whole number from 0 to `limit` - 1."""
    return int(rng.random() * limit)


def pick(rng: Random, choices: Sequence[str]) -> str:
    """One of `choices`, each as likely as the next."""
    return choices[below(rng, len(choices))]


def each(one: Callable[[Random], str]) -> ValueGenerator:
    """A maker from a function that makes one value."""
    return lambda rng, count: [one(rng) for _ in range(count)]


def integers(low: int, high: int) -> ValueGenerator:
    """Whole numbers from `low` to `high`, both included."""
    return each(lambda rng: str(low + below(rng, high - low + 1)))


def decimals(low: float, high: float, places: int = 2) -> ValueGenerator:
    """Decimal numbers with `places` digits after the point."""
    return each(lambda rng: f"{low + rng.random() * (high - low):.{places}f}")


def words(*choices: str) -> ValueGenerator:
    """One of the given words."""
    return each(lambda rng: pick(rng, choices))


def booleans(share: float = 0.5) -> ValueGenerator:
    """`t` in about `share` of the rows, else `f`."""
    return each(lambda rng: "t" if rng.random() < share else "f")


def _moment(rng: Random) -> datetime:
    return START + timedelta(days=below(rng, DAYS), seconds=below(rng, 86_400))


def timestamps() -> ValueGenerator:
    """Moments in the company's life, to the second, without zone."""
    return each(lambda rng: _moment(rng).strftime("%Y-%m-%d %H:%M:%S"))


def zoned_timestamps() -> ValueGenerator:
    """Moments in the company's life with a zone."""
    return each(lambda rng: _moment(rng).strftime("%Y-%m-%d %H:%M:%S+00"))


def dates() -> ValueGenerator:
    """Days in the company's life."""
    return each(lambda rng: _moment(rng).strftime("%Y-%m-%d"))


def epochs() -> ValueGenerator:
    """Seconds since 1970."""
    return each(lambda rng: str(int(_moment(rng).timestamp())))


def codes(prefix: str, digits: int) -> ValueGenerator:
    """A prefix and so many digits, such as an article number."""
    return each(lambda rng: prefix + "".join(str(below(rng, 10)) for _ in range(digits)))


def pattern(text: str) -> ValueGenerator:
    """`text` with each `#` made a digit, each `?` a capital letter."""

    def one(rng: Random) -> str:
        marks = {"#": lambda: str(below(rng, 10)), "?": lambda: chr(65 + below(rng, 26))}
        return "".join(marks[mark]() if mark in marks else mark for mark in text)

    return each(one)


def md5s() -> ValueGenerator:
    """Hexadecimal md5 digests."""
    return each(lambda rng: md5(str(rng.random()).encode(), usedforsecurity=False).hexdigest())


def sha256s() -> ValueGenerator:
    """Hexadecimal SHA-256 digests."""
    return each(lambda rng: sha256(str(rng.random()).encode()).hexdigest())


def uuids() -> ValueGenerator:
    """Random (version 4) UUIDs."""
    return pattern_hex("########-####-4###-a###-############")


def pattern_hex(text: str) -> ValueGenerator:
    """`text` with each `#` made a hexadecimal digit."""
    return each(lambda rng: "".join("0123456789abcdef"[below(rng, 16)] if mark == "#" else mark for mark in text))


def sentences(vocabulary: Sequence[str], low: int = 4, high: int = 14) -> ValueGenerator:
    """Short texts of `low` to `high` words."""

    def one(rng: Random) -> str:
        text = " ".join(pick(rng, vocabulary) for _ in range(low + below(rng, high - low + 1)))
        return text[0].upper() + text[1:] + "."

    return each(one)


def nothing() -> ValueGenerator:
    """NULL in every row."""
    return lambda _rng, count: [None] * count


def exactly(*values: str | None) -> ValueGenerator:
    """The given values in this order, over again when there are more rows."""
    return lambda _rng, count: [values[row % len(values)] for row in range(count)]


def objects(*members: tuple[str, ValueGenerator]) -> ValueGenerator:
    """JSON objects for a SUPER column; a member's value is written as a JSON string."""

    def make(rng: Random, count: int) -> list[str | None]:
        columns = [(name, maker(rng, count)) for name, maker in members]
        return ["{" + ", ".join(f'"{name}": "{values[row]}"' for name, values in columns) + "}" for row in range(count)]

    return make


def stripe_id(prefix: str) -> Callable[[int], str]:
    """Identifiers in the payment service's manner: a prefix and 24 letters and digits, from a row's number."""

    def text(number: int) -> str:
        return f"{prefix}_{md5(f'{prefix}{number}'.encode(), usedforsecurity=False).hexdigest()[:24]}"

    return text
