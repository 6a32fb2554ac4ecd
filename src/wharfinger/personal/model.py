"""The kinds of personal data, and the choices of a column's owner. Frozen values and parsing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from wharfinger.core.errors import Invalid

PersonalKind = Literal[
    "email", "phone", "card", "iban", "person_name", "address", "ip_address", "national_id", "date_of_birth", "secret"
]
Choice = PersonalKind | Literal["none"]
"""What the owner of a column may decide: the kind it holds, or that it holds no personal data."""

KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)

NOUNS: dict[PersonalKind, str] = {
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
"""Each kind as a plural noun, for reasons shown to people."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A column looks personal: its kind, and the reason in general words that hold no value."""

    kind: PersonalKind
    reason: str


def parse_choice(text: str) -> Choice | None:
    """The owner's choice from its name: a kind, `none`, or `auto`.

    Returns None for `auto`: the column is recognised automatically. Raises Invalid for any other text.
    """
    if text == "auto":
        return None
    if text not in (*KINDS, "none"):
        raise Invalid(
            "Not a kind of personal data",
            subject=text,
            next_step=f"Choose one of {', '.join(KINDS)}, none, auto",
            fields=["personal"],
        )
    return cast(Choice, text)
