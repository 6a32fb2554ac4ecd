"""Generators of personal data of invented people, in real formats with valid checksums.

Mail addresses use domains reserved for examples, telephone numbers are in ranges reserved for fiction, and card
numbers begin like test cards.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from wharfinger_sandbox.data.spec import ValueGenerator
from wharfinger_sandbox.data.values import below, each, pick, word_list

GIVEN = word_list("given_names")
FAMILY = word_list("family_names")
STREETS = word_list("streets")
STRASSEN = word_list("strassen")
RUES = word_list("rues")
CITIES = word_list("cities")
COUNTRIES = ("US", "GB", "DE", "FR", "NL", "ES", "IT", "PL", "SE", "BR")
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.org")


def _plain(text: str) -> str:
    text = text.replace("ø", "o").replace("Ø", "O").replace("ß", "ss").replace("ł", "l")
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in decomposed.lower() if mark.isascii() and mark.isalnum())


def given_names() -> ValueGenerator:
    """Given names."""
    return each(lambda rng: pick(rng, GIVEN))


def family_names() -> ValueGenerator:
    """Family names."""
    return each(lambda rng: pick(rng, FAMILY))


def _full_name(rng: Random) -> str:
    return f"{pick(rng, GIVEN)} {pick(rng, FAMILY)}"


def full_names() -> ValueGenerator:
    """Given name and family name."""
    return each(_full_name)


def _email(rng: Random) -> str:
    given, family = _plain(pick(rng, GIVEN)), _plain(pick(rng, FAMILY))
    local = pick(rng, (f"{given}.{family}", f"{given[0]}{family}", f"{given}{below(rng, 99)}", f"{family}_{given}"))
    return f"{local}@{pick(rng, _DOMAINS)}"


def emails() -> ValueGenerator:
    """Mail addresses."""
    return each(_email)


def letters(vocabulary: Sequence[str]) -> ValueGenerator:
    """Texts of some words; about a third of them contain a mail address."""

    def one(rng: Random) -> str:
        text = " ".join(pick(rng, vocabulary) for _ in range(6 + below(rng, 20)))
        return f"{text}, please write to {_email(rng)}, thanks" if rng.random() < 0.35 else text + "."

    return each(one)


def _digits(rng: Random, count: int) -> str:
    return "".join(str(below(rng, 10)) for _ in range(count))


def _phone(rng: Random) -> str:
    line = f"{below(rng, 100):02d}"
    area = pick(rng, ("202", "212", "303", "415", "617"))
    return pick(
        rng,
        (
            f"+1 {area}-555-01{line}",
            f"+1{area}55501{line}",
            f"({area}) 555-01{line}",
            f"+44 20 7946 0{_digits(rng, 3)}",
            f"+49 30 23125 {_digits(rng, 3)}",
            f"+33 1 99 00 {line} {_digits(rng, 2)}",
            f"+61 491 570 1{line}",
        ),
    )


def phones() -> ValueGenerator:
    """Telephone numbers in various spellings."""
    return each(_phone)


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` a valid card number."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _card(rng: Random) -> str:
    body = pick(rng, ("424242", "400005", "555555", "510510")) + _digits(rng, 9)
    if rng.random() < 0.1:
        body = "378282" + _digits(rng, 8)
    return body + luhn_digit(body)


def cards() -> ValueGenerator:
    """Card numbers of 15 or 16 digits with a valid check digit."""
    return each(_card)


def grouped_cards() -> ValueGenerator:
    """Card numbers written in groups of four."""

    def one(rng: Random) -> str:
        card = _card(rng)
        return " ".join(card[start : start + 4] for start in range(0, len(card), 4))

    return each(one)


def unlike_cards() -> ValueGenerator:
    """Numbers of 16 digits with a wrong check digit: order numbers, not cards."""

    def one(rng: Random) -> str:
        body = "4" + _digits(rng, 14)
        return body + str((int(luhn_digit(body)) + 1 + below(rng, 9)) % 10)

    return each(one)


def iban(country: str, account: str) -> str:
    """The IBAN of an account, with its two check digits (ISO 13616)."""
    number = "".join(str(int(mark, 36)) for mark in f"{account}{country}00")
    return f"{country}{98 - int(number) % 97:02d}{account}"


def _iban(rng: Random) -> str:
    accounts: tuple[Callable[[], tuple[str, str]], ...] = (
        lambda: ("DE", "37040044" + _digits(rng, 10)),
        lambda: ("GB", "WEST123456" + _digits(rng, 8)),
        lambda: ("IE", "AIBK931152" + _digits(rng, 8)),
        lambda: ("AT", "19043" + _digits(rng, 11)),
    )
    return iban(*accounts[below(rng, len(accounts))]())


def ibans() -> ValueGenerator:
    """Bank accounts as IBAN."""
    return each(_iban)


def _address(rng: Random) -> str:
    number = 1 + below(rng, 250)
    return pick(
        rng,
        (
            f"{number} {pick(rng, STREETS)}",
            f"{pick(rng, STRASSEN)} {number}",
            f"{number} {pick(rng, RUES)}",
            f"{number} {pick(rng, STREETS)}, Apt {1 + below(rng, 40)}",
        ),
    )


def addresses() -> ValueGenerator:
    """Street addresses."""
    return each(_address)


def cities() -> ValueGenerator:
    """Names of cities."""
    return each(lambda rng: pick(rng, CITIES))


def countries() -> ValueGenerator:
    """Two-letter country codes."""
    return each(lambda rng: pick(rng, COUNTRIES))


def ip_addresses() -> ValueGenerator:
    """IP addresses, nine tenths of version 4, one tenth of version 6."""

    def one(rng: Random) -> str:
        if rng.random() < 0.1:
            return f"2001:db8:{below(rng, 65536):x}::{1 + below(rng, 65535):x}"
        return ".".join(str(1 + below(rng, 254)) for _ in range(4))

    return each(one)


def social_security_numbers() -> ValueGenerator:
    """US social security numbers."""
    return each(
        lambda rng: f"{1 + below(rng, 664):03d}-{1 + below(rng, 98):02d}-{1 + below(rng, 9998):04d}".replace(
            "666", "667"
        )
    )


def dnis() -> ValueGenerator:
    """Spanish identity numbers (DNI) with their check letter."""

    def one(rng: Random) -> str:
        number = 10_000_000 + below(rng, 80_000_000)
        return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"

    return each(one)


def bsns() -> ValueGenerator:
    """Dutch citizen service numbers (BSN) that pass the eleven test."""

    def one(rng: Random) -> str:
        while True:
            body = str(1 + below(rng, 9)) + _digits(rng, 7)
            check = sum(int(digit) * weight for digit, weight in zip(body, range(9, 1, -1), strict=True)) % 11
            if check < 10:
                return f"{body}{check}"

    return each(one)


def cpfs() -> ValueGenerator:
    """Brazilian taxpayer numbers (CPF) with their two check digits and punctuation."""

    def check(digits: str) -> str:
        total = sum(int(digit) * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        return str((total * 10 % 11) % 10)

    def one(rng: Random) -> str:
        body = _digits(rng, 9)
        body += check(body)
        body += check(body)
        return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"

    return each(one)


def birth_dates() -> ValueGenerator:
    """Dates of birth of adults."""
    return each(lambda rng: (date(1945, 1, 1) + timedelta(days=below(rng, 22_000))).isoformat())
