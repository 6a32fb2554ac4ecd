"""The masks that replace personal values. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from wharfinger.personal.model import PersonalKind

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


def mask(kind: PersonalKind) -> str:
    """The mask stored in place of a value of `kind`: the same for every value, so that none can be recovered."""
    return _MASKS[kind]


def masked_sample(kind: PersonalKind, values: Sequence[str]) -> tuple[str, ...]:
    """The mask stored in place of a whole sample: one, or none for an empty sample, so that the number of different
    values is not revealed."""
    return (_MASKS[kind],) if values else ()
