"""Tests of single values: addresses and numbers of people, recognised by their format and check digits. Pure.

Check digits and number plans are those of python-stdnum, phonenumbers and email-validator, which are imported when
first needed. Every function takes one value as text.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import cache
from importlib import import_module
from importlib.resources import files

_EMAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_CUT = 150
"""The length in characters from which a sampled value may have been cut off at its end."""
_EMAIL_AT_END = re.compile(r"[\w.+%'-]{2,64}@[\w.-]*\Z")
_ROLES = re.compile(
    r"(?:no-?_?reply|do-?not-?reply|info|support|sales|billing|admin|contact|hello|help|orders?|newsletter|news|office|"
    r"postmaster|webmaster|hostmaster|abuse|marketing|service|team|accounts?|jobs|press|privacy|security)@",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w+])(?:\+|(?<![-./])00)[1-9](?:[ ().\-/]{0,2}\d){6,14}(?!\w)")
_NATIONAL_PHONE = re.compile(r"(?:\(\d{2,5}\) ?|0?\d{2,4}[ .\-/])\d{3,4}[ .\-]\d{3,4}\Z")
_GROUPED_CARD = re.compile(r"(?<!\d)(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5})(?!\d)")
_CARD = re.compile(r"\d{13,19}\Z")
_CARD_START = re.compile(
    r"4(?:.{12}|.{15}|.{18})\Z|5[1-5].{14}\Z|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720).{12,14}\Z|3[47].{13}\Z|"
    r"6(?:011|5|4[4-9]).{12,17}\Z|35(?:2[89]|[3-8]).{12,16}\Z|3(?:0[0-5]|[689]).{11,12}\Z|62.{14,17}\Z",
    re.DOTALL,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_STREET_WORDS = (
    r"street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|boulevard|blvd|court|ct|way|terrace|place|pl|square|sq|close|"
    r"crescent|highway|hwy|parkway|pkwy|row|walk|quay|gata|gatan|vej|vägen|vei|katu|ulica|ul|utca|calle|carrer|avenida|"
    r"avda|plaza|paseo|rua|praça|travessa|via|viale|piazza|corso|vicolo|rue|allée|chemin|impasse|quai|cours|straat|laan|"
    r"plein|weg|gracht|kade"
)
_STREET = re.compile(
    rf"(?:\b(?:{_STREET_WORDS})\b\.?|\w+(?:straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|straat|laan|gatan"
    rf"|vägen|gade|vej|gata|katu)\b|\bp\.?\s?o\.?\s?box\b)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}))(?:[ T].*)?\Z")
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\Z")
_DOCUMENTS: tuple[tuple[str, str], ...] = (
    ("es.dni", r"\d{8}-?[A-Z]"), ("es.nie", r"[XYZ]-?\d{7}-?[A-Z]"), ("fr.nir", r"[1278][\d ]{4,}[\dAB][\d ]{8,14}"),
    ("it.codicefiscale", r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]"), ("de.idnr", r"[1-9]\d[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}"),
    ("nl.bsn", r"\d{4}\.?\d{2}\.?\d{3}"), ("be.nn", r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}"), ("pl.pesel", r"\d{11}"),
    ("se.personnummer", r"(?:\d\d)?\d{6}[-+]\d{4}"), ("no.fodselsnummer", r"\d{6}[ ]?\d{5}"),
    ("fi.hetu", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"), ("pt.cc", r"\d{8}[ ]?\d[ ]?[A-Z0-9]{2}\d"),
    ("ch.ssn", r"756\.?\d{4}\.?\d{4}\.?\d{2}"), ("ie.pps", r"\d{7}[A-W][ABHWTX]?"), ("cz.rc", r"\d{6}/\d{3,4}"),
    ("ro.cnp", r"[1-9]\d{12}"), ("br.cpf", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"),
    ("mx.curp", r"[A-Z]{4}\d{6}[A-Z]{6}[A-Z0-9]\d"),
    ("cl.rut", r"\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]"), ("in_.aadhaar", r"[2-9]\d{3}[ ]?\d{4}[ ]?\d{4}"),
    ("tr.tckimlik", r"[1-9]\d{10}"), ("cn.ric", r"\d{17}[\dX]"), ("za.idnr", r"\d{13}"),
    ("kr.rrn", r"\d{6}-[0-8]\d{6}"),
)  # fmt: skip
"""National identity numbers that can be checked: the module of python-stdnum, and the form in which it is tried."""


def is_email(value: str) -> bool:
    """Whether the whole value is a mail address of a person, not of a role such as `info@`."""
    return bool(_EMAIL.fullmatch(value)) and not _ROLES.match(value) and _valid_email(value)


def contains_email(value: str) -> bool:
    """Whether the value contains a mail address of a person, or a part of one that was cut off at the end."""
    if len(value) >= _CUT and _EMAIL_AT_END.search(value):
        return True
    return any(not _ROLES.match(found[0]) and _valid_email(found[0].rstrip(".")) for found in _EMAIL.finditer(value))


def _valid_email(value: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def is_phone(value: str) -> bool:
    """Whether the whole value is a telephone number in international form, or in a national form with separators."""
    return bool(_PHONE.fullmatch(value) or _NATIONAL_PHONE.match(value)) and _possible_phone(value)


def contains_phone(value: str) -> bool:
    """Whether the value contains a telephone number in international form."""
    return any(_possible_phone(found[0]) for found in _PHONE.finditer(value))


def _possible_phone(value: str) -> bool:
    import phonenumbers

    number = "+" + value[2:] if value.startswith("00") else value
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, "US"))
    except phonenumbers.NumberParseException:
        return False


def is_card(value: str) -> bool:
    """Whether the whole value is a payment card number: first digits of an issuer, length and check digit (Luhn)."""
    from stdnum import luhn

    digits = value.replace(" ", "").replace("-", "")
    return bool(_CARD.match(digits) and _CARD_START.match(digits)) and bool(luhn.is_valid(digits))


def contains_card(value: str) -> bool:
    """Whether the value contains a card number written in groups."""
    return any(is_card(found[0]) for found in _GROUPED_CARD.finditer(value))


def is_iban(value: str) -> bool:
    """Whether the whole value is an IBAN with valid check digits."""
    return bool(_IBAN.fullmatch(value.upper())) and bool(
        import_module("stdnum.iban").is_valid(value, check_country=False)
    )


def contains_iban(value: str) -> bool:
    """Whether the value contains an IBAN."""
    return any(is_iban(found[0]) for found in _IBAN.finditer(value))


def is_ip(value: str) -> bool:
    """Whether the whole value is an address or network of IP version 4 or 6."""
    if "." not in value and value.count(":") < 2:
        return False
    try:
        ipaddress.ip_interface(value.strip("[]"))
    except ValueError:
        return False
    return True


def is_unlike_version(value: str) -> bool:
    """Whether an IP address cannot be a version number such as 4.3.17.5: it has a colon or a part of three digits."""
    return ":" in value or any(len(part) > 2 for part in value.partition("/")[0].split("."))


def is_national_id(value: str) -> bool:
    """Whether the whole value is a national identity number of some country, valid by its check digits or its form."""
    if _SSN.fullmatch(value):
        return bool(import_module("stdnum.us.ssn").is_valid(value))
    return bool(_NINO.match(value)) or any(
        shape.fullmatch(value) and import_module(f"stdnum.{name}").is_valid(value) for name, shape in _shapes()
    )


def contains_national_id(value: str) -> bool:
    """Whether the value contains a US social security number written with dashes."""
    return any(import_module("stdnum.us.ssn").is_valid(found[0]) for found in _SSN.finditer(value))


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(shape)) for name, shape in _DOCUMENTS)


def is_street(value: str) -> bool:
    """Whether the value looks like a street with a house number, or a post office box."""
    return len(value) <= 120 and any(mark.isdigit() for mark in value) and bool(_STREET.search(value))


def is_name_shaped(value: str) -> bool:
    """Whether the value has the form of a person's name: one to five capitalised words without digits."""
    words = re.split(r"[ ,\-]+", value.strip())
    return 0 < len(words) <= 5 and all(_is_name_word(word) for word in words if word) and len(value) <= 60


_PARTICLES = re.compile(r"(?:v[ao]n|de[rnl]?|di|da|della?|d[ao]s|du|l[ae]|el|al|bin|ibn|of|zu|y|e|te[rn])\Z")


def _is_name_word(word: str) -> bool:
    bare = word.rstrip(".").replace("'", "").replace("’", "")
    if _PARTICLES.match(word.lower()):
        return True
    return bool(bare) and bare.isalpha() and (bare[0].isupper() or not bare[0].islower())


def is_known_name(value: str) -> bool:
    """Whether the value has the form of a name and contains a common given name."""
    return is_name_shaped(value) and any(fold(word) in _given_names() for word in re.split(r"[ ,\-]+", value.strip()))


@cache
def _given_names() -> frozenset[str]:
    return frozenset(files("wharfinger.personal").joinpath("given_names.txt").read_text(encoding="utf-8").split())


def fold(text: str) -> str:
    """`text` in lower case without accents."""
    folded = text.casefold().replace("ø", "o").replace("ł", "l").replace("æ", "ae")
    return "".join(mark for mark in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(mark))


def is_birth_date(value: str) -> bool:
    """Whether the value is a date between 1890 and 2100: a possible date of birth of a living person."""
    match = _DATE.match(value)
    return match is not None and 1890 <= int(match[1] or match[6]) <= 2100


def digits_of(value: str) -> int:
    """How many digits the value has."""
    return sum(mark.isdigit() for mark in value)


def letters_of(value: str) -> int:
    """How many letters the value has."""
    return sum(mark.isalpha() for mark in value)


_HASH = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\$\w+\$.+)\Z")


def is_hash(value: str) -> bool:
    """Whether the value is a hash, a UUID or a password digest, which reveals nothing about a person."""
    return bool(_HASH.match(value))
