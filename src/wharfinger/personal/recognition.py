"""Which columns hold personal data, by their names, types and values. Pure.

Nothing here stores, logs or sends a value: values come in, a kind and a reason in general words go out. The rules and
their thresholds are our own; `tests/unit/personal` measures them on labelled columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wharfinger.catalog.types import TEXTS, base_of
from wharfinger.personal import formats
from wharfinger.personal.column_names import is_about_versions, kind_from_name
from wharfinger.personal.model import NOUNS, Choice, Finding, PersonalKind

_NUMBERS = frozenset({"bigint", "integer", "numeric"})
"""Number types wide enough for a telephone number, a card number or a national identity number."""
_DAYS = frozenset({"date", "timestamp", "timestamptz"})
_FEW = 3
"""The fewest values that count as evidence for kinds that only a check digit identifies."""


def recognise(
    name: str, type_name: str, values: Sequence[str], *, table: str = "", choice: Choice | None = None
) -> Finding | None:
    """What personal data a column holds; None when it does not look personal.

    `name` and `table` are the names of the column and its table, `type_name` the Redshift type as
    `catalog.types.normalise` spells it, `values` the known values: the sample of a text column, minimum and maximum of
    another. A `choice` of the owner decides alone.
    """
    if choice is not None:
        return None if choice == "none" else Finding(choice, "its owner says so")
    seen = [value.strip() for value in values if value.strip()]
    by_values = _by_values(name, seen) if base_of(type_name) in TEXTS else None
    return by_values or _by_name(name, type_name, seen, table)


_WHOLE: tuple[tuple[PersonalKind, Callable[[str], bool], float, int], ...] = (
    ("email", formats.is_email, 0.3, 1),
    ("iban", formats.is_iban, 0.5, 1),
    ("card", formats.is_card, 0.6, _FEW),
    ("phone", formats.is_phone, 0.6, 2),
    ("national_id", formats.is_national_id, 0.7, _FEW),
)
"""Kind, test of a whole value, share of the values that must pass it, and the fewest values that are enough."""
_INSIDE: tuple[tuple[PersonalKind, Callable[[str], bool]], ...] = (
    ("email", formats.contains_email),
    ("iban", formats.contains_iban),
    ("phone", formats.contains_phone),
    ("card", formats.contains_card),
    ("national_id", formats.contains_national_id),
)


def _by_values(name: str, values: Sequence[str]) -> Finding | None:
    if not values or all(formats.is_hash(value) for value in values):
        return None
    for kind, test, share, fewest in _WHOLE:
        if len(values) >= fewest and _share(test, values) >= share:
            return Finding(kind, f"its values have the form of {NOUNS[kind]}")
    if (
        not is_about_versions(name)
        and _share(lambda value: formats.is_ip(value) and formats.is_unlike_version(value), values) > 0.5
    ):
        return Finding("ip_address", f"its values have the form of {NOUNS['ip_address']}")
    return _inside(values) or _names_or_streets(values)


def _inside(values: Sequence[str]) -> Finding | None:
    """Personal data inside longer texts: a single value with some is enough."""
    for kind, test in _INSIDE:
        if any(test(value) for value in values if len(value) > 12):
            return Finding(kind, f"its texts contain {NOUNS[kind]}")
    return None


def _names_or_streets(values: Sequence[str]) -> Finding | None:
    if len(values) < _FEW:
        return None
    if _share(formats.is_known_name, values) >= 0.5:
        return Finding("person_name", "its values look like names of people")
    if _share(formats.is_street, values) >= 0.6:
        return Finding("address", "its values look like street addresses")
    return None


def _share(test: Callable[[str], bool], values: Sequence[str]) -> float:
    return sum(test(value) for value in values) / len(values)


_PLAUSIBLE: dict[PersonalKind, Callable[[str], bool]] = {
    "email": lambda value: "@" in value,
    "phone": lambda value: 6 <= formats.digits_of(value) <= 18 and formats.letters_of(value) <= 4,
    "card": lambda value: 12 <= formats.digits_of(value) <= 19 and formats.letters_of(value) == 0,
    "iban": lambda value: len(value) >= 15 and value[:2].isalpha(),
    "person_name": formats.is_name_shaped,
    "address": lambda value: len(value) > 5 and formats.letters_of(value) > 2 and "@" not in value,
    "ip_address": formats.is_ip,
    "national_id": lambda value: formats.digits_of(value) >= 5 and formats.letters_of(value) <= 12,
    "date_of_birth": formats.is_birth_date,
    "secret": bool,
}


def _by_name(name: str, type_name: str, values: Sequence[str], table: str) -> Finding | None:
    """The kind that the name means, unless type or values contradict it; a vague name needs values that confirm it."""
    meant = kind_from_name(name, table)
    if meant is None:
        return None
    kind = meant.kind
    if not _fits(kind, type_name) or (not values and meant.vague):
        return None
    test = _PLAUSIBLE[kind]
    if kind == "person_name" and not meant.vague:
        test = _may_be_name
    share = _share(test, values) if values else 1.0
    if share < (0.7 if meant.vague else 0.3):
        return None
    return Finding(kind, f"its name means {NOUNS[kind]}")


def _may_be_name(value: str) -> bool:
    return not formats.is_hash(value) and formats.letters_of(value) > 0


def _fits(kind: PersonalKind, type_name: str) -> bool:
    base = base_of(type_name)
    if kind == "date_of_birth":
        return base in TEXTS | _DAYS
    return base in (TEXTS | _NUMBERS if kind in ("phone", "card", "national_id", "secret") else TEXTS)
