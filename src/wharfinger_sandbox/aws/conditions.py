"""The Condition block of IAM policies: operators, quantifiers and policy variables."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

Context = Mapping[str, "str | Sequence[str]"]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class UnknownOperator(ValueError):
    """A condition operator that the sandbox does not support."""


class ConditionKeys(Mapping[str, tuple[str, ...]]):
    """A request's condition keys: names are case-insensitive, every value is a tuple."""

    def __init__(self, context: Context) -> None:
        self._values = {
            key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in context.items()
        }

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self._values[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def like(pattern: str, value: str) -> bool:
    """IAM's wildcard match: `*` matches any text, `?` one character."""
    return _compiled(pattern).fullmatch(value) is not None


def substitute(text: str, keys: ConditionKeys) -> str | None:
    """`text` with its `${key}` variables replaced; None when a variable has no single value, so nothing matches."""
    missing = False

    def value_of(match: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = match.group(1).partition(",")
        if name in ("*", "?", "$"):
            return name
        values = keys.get(name.strip(), ())
        if len(values) == 1:
            return values[0]
        if default:
            return default.strip().strip("'")
        missing = True
        return ""

    filled = _VARIABLE.sub(value_of, text)
    return None if missing else filled


def check(operator: str, wanted: Mapping[str, Sequence[str]], keys: ConditionKeys) -> bool:
    """Whether `keys` match every key of the block `wanted` under `operator`. Raises UnknownOperator."""
    quantifier, _, rest = operator.rpartition(":")
    name, if_exists = (rest[: -len("IfExists")], True) if rest.endswith("IfExists") else (rest, False)
    if name == "Null":
        return all((key not in keys) == (values[0].lower() == "true") for key, values in wanted.items())
    compare, negated = _operator(name)
    return all(
        _one_key(compare, negated, quantifier, if_exists, keys.get(key), _filled(values, keys))
        for key, values in wanted.items()
    )


def is_known(operator: str) -> bool:
    """Whether `check` supports `operator`."""
    name = operator.rpartition(":")[2].removesuffix("IfExists")
    return name == "Null" or name in _POSITIVE or name in _NEGATED


def _one_key(
    compare: Callable[[str, str], bool],
    negated: bool,
    quantifier: str,
    if_exists: bool,
    actual: tuple[str, ...] | None,
    wanted: Sequence[str],
) -> bool:
    if actual is None:
        return if_exists or negated or quantifier == "ForAllValues"
    matches = [any(compare(pattern, value) for pattern in wanted) != negated for value in actual]
    # A negated operator without a quantifier must hold for all values, a positive one for any.
    if quantifier == "ForAllValues" or (negated and not quantifier):
        return all(matches)
    return any(matches)


def _filled(values: Sequence[str], keys: ConditionKeys) -> list[str]:
    return [filled for filled in (substitute(value, keys) for value in values) if filled is not None]


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = {"*": ".*", "?": "."}
    return re.compile("".join(pieces.get(character) or re.escape(character) for character in pattern), re.DOTALL)


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def run(wanted: str, actual: str) -> bool:
        try:
            return compare(float(actual), float(wanted))
        except ValueError:
            return False

    return run


def _moment(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _date(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool]:
    def run(wanted: str, actual: str) -> bool:
        try:
            return compare(_moment(actual), _moment(wanted))
        except ValueError:
            return False

    return run


def _in_network(wanted: str, actual: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


_POSITIVE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, actual: wanted == actual,
    "StringEqualsIgnoreCase": lambda wanted, actual: wanted.lower() == actual.lower(),
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda wanted, actual: wanted.lower() == actual.lower(),
    "NumericEquals": _number(lambda a, b: a == b),
    "NumericLessThan": _number(lambda a, b: a < b),
    "NumericLessThanEquals": _number(lambda a, b: a <= b),
    "NumericGreaterThan": _number(lambda a, b: a > b),
    "NumericGreaterThanEquals": _number(lambda a, b: a >= b),
    "DateEquals": _date(lambda a, b: a == b),
    "DateLessThan": _date(lambda a, b: a < b),
    "DateLessThanEquals": _date(lambda a, b: a <= b),
    "DateGreaterThan": _date(lambda a, b: a > b),
    "DateGreaterThanEquals": _date(lambda a, b: a >= b),
    "IpAddress": _in_network,
}

_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}


def _operator(name: str) -> tuple[Callable[[str, str], bool], bool]:
    if name in _NEGATED:
        return _POSITIVE[_NEGATED[name]], True
    try:
        return _POSITIVE[name], False
    except KeyError:
        raise UnknownOperator(f"the condition operator {name} is not supported by the sandbox") from None
