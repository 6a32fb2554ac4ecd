"""Generators of plain values: numbers, words, times.

They use only `Random.random()`, whose sequence is the same in all versions of Python.
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
"""The number of days it has been in business."""


_WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def word_list(name: str) -> list[str]:
    """The list `name` of `words.toml`."""
    return [word.strip() for word in _WORDS[name].split(",")]


def below(rng: Random, limit: int) -> int:
    """A random integer from 0 to `limit` - 1."""
    return int(rng.random() * limit)


def pick(rng: Random, choices: Sequence[str]) -> str:
    """One of `choices`, all equally likely."""
    return choices[below(rng, len(choices))]


def each(one: Callable[[Random], str]) -> ValueGenerator:
    """A value generator that calls `one` for each value."""
    return lambda rng, count: [one(rng) for _ in range(count)]


def integers(low: int, high: int) -> ValueGenerator:
    """Integers from `low` to `high`, both included."""
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
    """Timestamps without time zone, in the company's time in business."""
    return each(lambda rng: _moment(rng).strftime("%Y-%m-%d %H:%M:%S"))


def zoned_timestamps() -> ValueGenerator:
    """Timestamps with time zone, in the company's time in business."""
    return each(lambda rng: _moment(rng).strftime("%Y-%m-%d %H:%M:%S+00"))


def dates() -> ValueGenerator:
    """Dates in the company's time in business."""
    return each(lambda rng: _moment(rng).strftime("%Y-%m-%d"))


def epochs() -> ValueGenerator:
    """Timestamps as seconds since 1970."""
    return each(lambda rng: str(int(_moment(rng).timestamp())))


def codes(prefix: str, digits: int) -> ValueGenerator:
    """`prefix` and `digits` random digits, such as an article number."""
    return each(lambda rng: prefix + "".join(str(below(rng, 10)) for _ in range(digits)))


def pattern(text: str) -> ValueGenerator:
    """`text` with a random digit for each `#` and a random capital letter for each `?`."""

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
    """`text` with a random hexadecimal digit for each `#`."""
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
    """`values` in this order, repeated when there are more rows."""
    return lambda _rng, count: [values[row % len(values)] for row in range(count)]


def objects(*members: tuple[str, ValueGenerator]) -> ValueGenerator:
    """JSON objects for a SUPER column; each member is a JSON string from its generator."""

    def make(rng: Random, count: int) -> list[str | None]:
        columns = [(name, generator(rng, count)) for name, generator in members]
        return ["{" + ", ".join(f'"{name}": "{values[row]}"' for name, values in columns) + "}" for row in range(count)]

    return make


def stripe_id(prefix: str) -> Callable[[int], str]:
    """A function that makes a payment service's identifier from a row number: `prefix` and 24 letters and digits."""

    def text(number: int) -> str:
        return f"{prefix}_{md5(f'{prefix}{number}'.encode(), usedforsecurity=False).hexdigest()[:24]}"

    return text
