"""Which columns hold personal data, told by name and by values; and the masks that stand for their values.

Nothing here stores, logs or sends a value: values come in, a kind and a reason in general words go out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from wharfinger.catalog.types import TEXTS, base_of
from wharfinger.personal import formats
from wharfinger.personal.names import promised, says_version

PersonalKind = Literal[
    "email", "phone", "card", "iban", "person_name", "address", "ip_address", "national_id", "date_of_birth", "secret"
]
Choice = PersonalKind | Literal["none"]
"""What an owner may say of a column: its kind, or that it holds nothing personal."""

WORDS: dict[PersonalKind, str] = {
    "email": "mail addresses",
    "phone": "telephone numbers",
    "card": "payment card numbers",
    "iban": "bank accounts",
    "person_name": "names of people",
    "address": "street addresses",
    "ip_address": "IP addresses",
    "national_id": "national identity or tax numbers",
    "date_of_birth": "dates of birth",
    "secret": "passwords, keys and tokens",
}
_MASKS: dict[PersonalKind, str] = {
    "email": "•••@•••.•••",
    "phone": "+•• ••• ••••",
    "card": "•••• •••• •••• ••••",
    "iban": "•••• •••• •••• ••••",
    "person_name": "••• •••",
    "address": "••• ••• ••",
    "ip_address": "•••.•••.•••.•••",
    "national_id": "•••-••-••••",
    "date_of_birth": "••••-••-••",
    "secret": "••••••••",
}

_NUMBERS = frozenset({"bigint", "integer", "numeric"})
"""Numbers wide enough for a telephone, a card or a person's number."""
_DAYS = frozenset({"date", "timestamp", "timestamptz"})
_FEW = 3
"""From so many values on, numbers that prove themselves by a check digit only are believed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A column looks personal: of which kind, and why, in words without values."""

    kind: PersonalKind
    reason: str


def recognise(
    name: str, type_name: str, values: Sequence[str], *, table: str = "", choice: Choice | None = None
) -> Finding | None:
    """Whether a column looks personal.

    `name` and `table` are the column's and its table's name, `type_name` the Redshift type as `catalog.types.normalise`
    spells it, `values` what is known of its values: the sample of a text column, min and max of another. `choice` is
    the owner's word, which settles it.
    """
    if choice is not None:
        return None if choice == "none" else Finding(choice, "the owner says so")
    seen = [value.strip() for value in values if value.strip()]
    by_values = _by_values(name, seen) if base_of(type_name) in TEXTS else None
    return by_values or _by_name(name, type_name, seen, table)


def mask(kind: PersonalKind) -> str:
    """What is kept instead of a value of that kind: the same for every value, so nothing of it can be recovered."""
    return _MASKS[kind]


def masked(kind: PersonalKind, values: Sequence[str]) -> tuple[str, ...]:
    """What is kept instead of a sample: one mask, or nothing when there was no value. Not even the number is told."""
    return (_MASKS[kind],) if values else ()


_WHOLE: tuple[tuple[PersonalKind, Callable[[str], bool], float, int], ...] = (
    ("email", formats.is_email, 0.3, 1),
    ("iban", formats.is_iban, 0.5, 1),
    ("card", formats.is_card, 0.6, _FEW),
    ("phone", formats.is_phone, 0.6, 2),
    ("national_id", formats.is_document, 0.7, _FEW),
)
"""Kind, test of a value, share of values that must pass it, and how few of them are enough."""
_INSIDE: tuple[tuple[PersonalKind, Callable[[str], bool]], ...] = (
    ("email", formats.holds_email),
    ("iban", formats.holds_iban),
    ("phone", formats.holds_phone),
    ("card", formats.holds_card),
    ("national_id", formats.holds_document),
)


def _by_values(name: str, values: Sequence[str]) -> Finding | None:
    if not values or all(formats.is_digest(value) for value in values):
        return None
    for kind, test, share, fewest in _WHOLE:
        if len(values) >= fewest and _share(test, values) >= share:
            return Finding(kind, f"its values have the form of {WORDS[kind]}")
    if (
        not says_version(name)
        and _share(lambda value: formats.is_ip(value) and formats.is_no_version(value), values) > 0.5
    ):
        return Finding("ip_address", f"its values have the form of {WORDS['ip_address']}")
    return _inside(values) or _names_or_streets(values)


def _inside(values: Sequence[str]) -> Finding | None:
    """One value that gives away a person is enough to mask a column of longer texts."""
    for kind, test in _INSIDE:
        if any(test(value) for value in values if len(value) > 12):
            return Finding(kind, f"{WORDS[kind]} stand inside its texts")
    return None


def _names_or_streets(values: Sequence[str]) -> Finding | None:
    if len(values) < _FEW:
        return None
    if _share(formats.is_known_name, values) >= 0.5:
        return Finding("person_name", "its values read like names of people")
    if _share(formats.is_street, values) >= 0.6:
        return Finding("address", "its values read like street addresses")
    return None


def _share(test: Callable[[str], bool], values: Sequence[str]) -> float:
    return sum(test(value) for value in values) / len(values)


_PLAUSIBLE: dict[PersonalKind, Callable[[str], bool]] = {
    "email": lambda value: "@" in value,
    "phone": lambda value: 6 <= formats.digits_of(value) <= 18 and formats.letters_of(value) <= 4,
    "card": lambda value: 12 <= formats.digits_of(value) <= 19 and formats.letters_of(value) == 0,
    "iban": lambda value: len(value) >= 15 and value[:2].isalpha(),
    "person_name": formats.is_titled,
    "address": lambda value: len(value) > 5 and formats.letters_of(value) > 2 and "@" not in value,
    "ip_address": formats.is_ip,
    "national_id": lambda value: formats.digits_of(value) >= 5 and formats.letters_of(value) <= 12,
    "date_of_birth": formats.is_birth_date,
    "secret": bool,
}


def _by_name(name: str, type_name: str, values: Sequence[str], table: str) -> Finding | None:
    """A name's promise stands unless type or values speak against it; a weak one needs values that speak for it."""
    promise = promised(name, table)
    if promise is None:
        return None
    kind, firm = cast(PersonalKind, promise[0]), promise[1]
    if not _fits(kind, type_name) or (not values and not firm):
        return None
    share = _share(_PLAUSIBLE[kind], values) if values else 1.0
    if kind == "person_name" and firm:
        share = (
            _share(lambda value: not formats.is_digest(value) and formats.letters_of(value) > 0, values)
            if values
            else 1.0
        )
    if share < (0.3 if firm else 0.7):
        return None
    return Finding(kind, f"its name speaks of {WORDS[kind]}")


def _fits(kind: PersonalKind, type_name: str) -> bool:
    base = base_of(type_name)
    if kind == "date_of_birth":
        return base in TEXTS | _DAYS
    return base in (TEXTS | _NUMBERS if kind in ("phone", "card", "national_id", "secret") else TEXTS)
