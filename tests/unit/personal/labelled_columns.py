"""Columns with their labels: many names, formats and countries, personal columns and columns that resemble them.

The shop's people come from the sandbox's generators; all other values are listed or generated here, so that the
recognisers are tested with values for which they were not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from wharfinger.catalog.types import normalise
from wharfinger.personal.model import PersonalKind
from wharfinger_sandbox.data import personal_values as personal
from wharfinger_sandbox.data import values as plain
from wharfinger_sandbox.data.spec import ValueGenerator

PEOPLE = (
    "Aurélie Thibault",
    "Bronwyn Cadwallader",
    "Cosima Ebersbach",
    "Dashiell Hathaway",
    "Eirik Nordgaard",
    "Farouk Benslimane",
    "Ginevra Pellegrini",
    "Hyacinth Okonjo",
    "Ignatius Vandermeer",
    "Jolanta Wiśniewska",
    "Kestrel Adebayo",
    "Ludovica Ferraro",
    "Maria Antonescu",
    "Thomas Ballantyne",
    "Anna Lindgren",
    "Peter Stuyvesant-Kool",
    "Sarah O'Malley",
    "José Luis Quiroga",
    "Nguyen Van Minh",
    "Paul de la Cruz",
    "Laura Schönfeld",
    "David Cohen",
    "Emily Carstairs",
    "Mohammed Al-Farsi",
)
GIVEN_ALONE = [name.split(" ")[0] for name in PEOPLE]
FAMILY_ALONE = [name.split(" ")[-1] for name in PEOPLE]


@dataclass(frozen=True)
class Case:
    """One column: the input of a recogniser, and the kind it should return."""

    table: str
    name: str
    type: str
    values: tuple[str, ...]
    kind: PersonalKind | None

    def __str__(self) -> str:
        return f"{self.table}.{self.name} {self.type}"


def from_list(*values: str) -> ValueGenerator:
    """Values drawn from a written list."""
    return plain.words(*values)


def bounds(maker: ValueGenerator) -> ValueGenerator:
    """Only minimum and maximum, as a profile has them for a column that is not text."""

    def make(rng: Random, count: int) -> Sequence[str | None]:
        values = sorted(value for value in maker(rng, 200) if value is not None)
        return [values[0], values[-1]][:count]

    return make


def prose(inside: ValueGenerator) -> ValueGenerator:
    """Sentences, every fourth of which contains a value of `inside`."""

    def make(rng: Random, count: int) -> Sequence[str | None]:
        return [
            f"Spoke to them on Tuesday, reach them at {value}, they agreed."
            if row % 4 == 0
            else "Closed, nothing to do."
            for row, value in enumerate(inside(rng, count))
        ]

    return make


def check_digit(weights: Sequence[int], modulus: int) -> Callable[[str], int]:
    """A weighted check digit."""
    return lambda body: sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % modulus


def pesels(rng: Random, count: int) -> list[str | None]:
    """Polish numbers."""
    weigh = check_digit((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), 10)
    bodies = [
        f"{50 + row % 49:02d}{1 + row % 12:02d}{1 + row % 28:02d}{plain.below(rng, 10_000):04d}" for row in range(count)
    ]
    return [f"{body}{(10 - weigh(body)) % 10}" for body in bodies]


def swedish(rng: Random, count: int) -> list[str | None]:
    """Swedish numbers."""
    bodies = [
        f"{50 + row % 49:02d}{1 + row % 12:02d}{1 + row % 28:02d}{plain.below(rng, 1_000):03d}" for row in range(count)
    ]
    return [f"{body[:6]}-{body[6:]}{personal.luhn_digit(body)}" for body in bodies]


def isbns(rng: Random, count: int) -> list[str | None]:
    """Book numbers of 13 digits, valid."""
    bodies = ["978" + "".join(str(plain.below(rng, 10)) for _ in range(9)) for _ in range(count)]
    weigh = check_digit((1, 3) * 6, 10)
    return [f"{body}{(10 - weigh(body)) % 10}" for body in bodies]


def imeis(rng: Random, count: int) -> list[str | None]:
    """Device numbers that pass the same check as cards, but begin otherwise."""
    bodies = ["35" + "".join(str(plain.below(rng, 10)) for _ in range(12)) for _ in range(count)]
    return [body + personal.luhn_digit(body) for body in bodies]


def bare(maker: ValueGenerator) -> ValueGenerator:
    """Only the digits of the values."""
    return lambda rng, count: ["".join(mark for mark in value or "" if mark.isdigit()) for value in maker(rng, count)]


_TEXT = "character varying(256)"
_PERSONAL: tuple[tuple[PersonalKind, ValueGenerator, str, str], ...] = (
    (
        "email",
        personal.emails(),
        _TEXT,
        "email|e_mail|Email Address|customerEmail|contact_mail|c_17|login|value|owner|user_id",
    ),
    ("email", prose(personal.emails()), _TEXT, "notes|ticket_text|message|comment"),
    (
        "email",
        from_list("a.b@uni-köln.de", "x+tag@sub.example.co.uk", "o'neil@example.ie", "info@example.com"),
        _TEXT,
        "to|reply",
    ),
    (
        "phone",
        personal.phones(),
        _TEXT,
        "phone|phone_number|mobile|Telephone No|cell_phone|fax|contactNumber|c_18|value|callback",
    ),
    (
        "phone",
        from_list("030 1234567", "0171/5551234", "040-55512345"),
        _TEXT,
        "telefon|telefonnummer_tel|handy|rufnummer",
    ),
    (
        "phone",
        bounds(plain.integers(2_025_550_100, 9_995_550_199)),
        "bigint",
        "phone|mobile_number|msisdn|Phone_Number",
    ),
    ("phone", prose(personal.phones()), _TEXT, "remarks"),
    ("card", personal.cards(), _TEXT, "card_number|cc_number|creditCard|pan_clear|c_19|payment_ref|cardno"),
    ("card", personal.grouped_cards(), _TEXT, "card|paid_with|credit_card|c_20"),
    ("card", bounds(personal.cards()), "numeric(19,0)", "card_number|credit_card_number|cc_num|CardNumber"),
    (
        "iban",
        personal.ibans(),
        _TEXT,
        "iban|salary_account|bankIban|c_21|account|payout_to|debtor|counterparty_account",
    ),
    (
        "iban",
        from_list("NL91 ABNA 0417 1643 00", "FR14 2004 1010 0505 0001 3M02 606", "SE45 5000 0000 0583 9825 7466"),
        _TEXT,
        "konto",
    ),
    (
        "person_name",
        from_list(*PEOPLE),
        _TEXT,
        "full_name|customer_name|contact|recipient|author|c_22|assigned_to|Cardholder Name",
    ),
    ("person_name", from_list(*GIVEN_ALONE), _TEXT, "first_name|givenName|vorname|fname|prénom|voornaam|firstname"),
    (
        "person_name",
        from_list(*FAMILY_ALONE),
        _TEXT,
        "last_name|surname|familyName|nachname|apellido|lname|cognome|maiden_name",
    ),
    ("person_name", personal.full_names(), _TEXT, "name_of_guest|display_name|signed_by|c_23|employee|manager"),
    (
        "address",
        personal.addresses(),
        _TEXT,
        "address|street|address_line_1|home_address|shippingAddress|c_24|adresse|line1|deliver_to",
    ),
    (
        "address",
        from_list("Calle Mayor 4", "Via Roma 12", "Storgatan 3", "12 Rue Cler", "Keizersgracht 174"),
        _TEXT,
        "direccion|c_25|locatie",
    ),
    (
        "address",
        from_list("PO Box 114", "P.O. Box 9", "221b Baker Street", "1 Infinite Loop Way"),
        _TEXT,
        "mailing_address|where",
    ),
    (
        "ip_address",
        personal.ip_addresses(),
        _TEXT,
        "ip|ip_address|client_ip|remote_addr|lastIp|c_26|source_host|visitor",
    ),
    ("ip_address", from_list("2001:db8::1", "2001:db8:0:1::42", "fe80::1ff:fe23:4567:890a"), _TEXT, "ipv6|addr6|peer"),
    ("national_id", personal.social_security_numbers(), "char(11)", "ssn|social_security_number|c_27|SSN|taxpayer"),
    ("national_id", bare(personal.social_security_numbers()), _TEXT, "ssn|social_security_no"),
    ("national_id", personal.dnis(), _TEXT, "dni|documento|c_28"),
    ("national_id", personal.bsns(), _TEXT, "bsn|burgerservicenummer|c_29"),
    ("national_id", personal.cpfs(), _TEXT, "cpf|c_30|tax_id"),
    ("national_id", pesels, _TEXT, "pesel|c_31"),
    ("national_id", swedish, _TEXT, "personnummer|c_32"),
    ("national_id", from_list("AB123456C", "JG103759A", "CE 12 34 56 D"), _TEXT, "nino|c_33|national_insurance_number"),
    ("national_id", from_list("RSSMRA85T10A562S", "VRDLGI80A01F205M"), _TEXT, "codice_fiscale"),
    ("national_id", from_list("C01X00T47", "L8T0R2919", "K13572468"), _TEXT, "passport_number|passport_no"),
    (
        "date_of_birth",
        bounds(personal.birth_dates()),
        "date",
        "date_of_birth|dob|birth_date|birthday|Geburtsdatum|bornOn|bday",
    ),
    ("date_of_birth", personal.birth_dates(), _TEXT, "dob|birthdate|fecha_nacimiento"),
    ("date_of_birth", from_list("03/14/1988", "12.01.1975", "1999-05-05 00:00:00"), _TEXT, "birth_date|geburtstag"),
)

_SECRETS: tuple[tuple[PersonalKind, ValueGenerator, str, str], ...] = (
    (
        "secret",
        from_list("hunter2", "correct horse", "pa$$w0rd"),
        _TEXT,
        "password|passwd|userPassword|pwd|wifi_password",
    ),
    ("secret", plain.sha256s(), "char(64)", "password_hash|api_key|client_secret|secret_key|password_md5"),
    ("secret", bounds(plain.integers(100, 999)), "integer", "cvv|card_cvc|security_code"),
    ("secret", plain.uuids(), _TEXT, "access_token|refreshToken"),
)

_ALIKE: tuple[tuple[str, ValueGenerator, str], ...] = (
    ("email_count|emails_sent_total|email_opens", bounds(plain.integers(0, 400)), "integer"),
    ("email_verified|has_phone|is_ip_blocked|mobile", bounds(from_list("t", "f")), "boolean"),
    ("email_template|email_type|email_status|email_category", from_list("welcome", "win-back", "receipt"), _TEXT),
    ("email_hash|email_sha256|phone_hash|ssn_digest|name_hash|ip_hash", plain.sha256s(), "char(64)"),
    ("email_domain|provider|domain", from_list("example.com", "example.org", "uni.example.edu"), _TEXT),
    (
        "sender|from_address|reply_to",
        from_list("noreply@example.com", "support@example.com", "info@example.org"),
        _TEXT,
    ),
    ("phone_model|device|handset", from_list("Pixel 8", "iPhone 15 Pro", "Galaxy S24", "3310"), _TEXT),
    ("phone_type|mobile|telephone_kind", from_list("home", "work", "mobile"), _TEXT),
    ("phone_country_code|dial_code", from_list("+1", "+44", "+49", "+358"), _TEXT),
    (
        "phone_verified_at|email_confirmed_at|address_changed_at|birthday_mail_sent_at",
        bounds(plain.timestamps()),
        "timestamp without time zone",
    ),
    ("order_number|reference|invoice_ref|booking", personal.unlike_cards(), _TEXT),
    ("order_id|id|external_id", bounds(plain.integers(10**15, 10**16 - 1)), "bigint"),
    ("card_brand|card_type|card_network", from_list("visa", "mastercard", "amex"), _TEXT),
    ("card_last4|last_four", plain.pattern("####"), "char(4)"),
    ("card_exp_month|card_exp_year", bounds(plain.integers(1, 12)), "smallint"),
    ("gift_card_code|voucher", plain.pattern("GIFT-####-####-####"), _TEXT),
    ("imei|device_serial", imeis, _TEXT),
    ("tracking_number|parcel", plain.codes("00340", 15), _TEXT),
    ("barcode|ean|gtin", plain.codes("400", 10), _TEXT),
    ("isbn|book", isbns, _TEXT),
    ("sku|article|part_number", plain.pattern("SKU-####-??"), _TEXT),
    ("uuid|session_id|request_id|user_uuid", plain.uuids(), _TEXT),
    ("token_md5|checksum|etag", plain.md5s(), _TEXT),
    ("password_policy|api_key_id|secret_scope|password_type", from_list("strict", "lax", "read"), _TEXT),
    ("app_version|os_version|firmware|release", plain.pattern("4.#.1#.#"), _TEXT),
    ("c_90|engine", plain.pattern("#.#.#.#"), _TEXT),
    ("mac_address|mac", plain.pattern_hex("##:##:##:##:##:##"), _TEXT),
    ("wallet_address|contract_address", plain.pattern_hex("0x########################################"), _TEXT),
    ("web_address|url|link|homepage_url", plain.pattern("https://example.com/p/????-##"), _TEXT),
    ("address_type|address_kind", from_list("billing", "shipping"), _TEXT),
    ("address_city|city|town", personal.cities(), _TEXT),
    ("address_country|country|nationality", from_list("Germany", "France", "Brazil", "Japan"), _TEXT),
    ("postal_code|zip|address_zip", plain.pattern("#####"), _TEXT),
    ("address_id|customer_name_id|phone_id", bounds(plain.integers(1, 90_000)), "bigint"),
    ("product_name|title|item", from_list("Oak Table", "Brass Lamp", "Linen Towel", "Tea Chest", "Rope"), _TEXT),
    ("company_name|vendor|supplier_name", from_list("Blue Tin Ltd", "Rope & Sons", "Nordlys AB", "Acme GmbH"), _TEXT),
    ("campaign_name|segment_name|group_name", from_list("Spring Sale", "Win-back 2024", "Loyal"), _TEXT),
    ("file_name|path", from_list("report_2024.csv", "/var/log/app.log", "s3://bucket/key.parquet"), _TEXT),
    ("job_title|department|team", from_list("Clerk", "Head of Sales", "Logistics", "Finance"), _TEXT),
    ("month_name|weekday|season", from_list("January", "Monday", "Winter", "Friday"), _TEXT),
    ("table_name|column_name|schema_name", from_list("orders", "customer_email", "raw_shop"), _TEXT),
    ("name|label", from_list("Kitchen", "Deck", "Office", "Gifts"), _TEXT),
    ("event_name|event", from_list("page_view", "add_to_cart", "Checkout Started"), _TEXT),
    ("status|state|flag", from_list("new", "paid", "shipped"), _TEXT),
    ("description|body|review", plain.sentences(("rope", "tea", "lamp", "good", "arrived", "2", "late")), _TEXT),
    ("user_agent|browser", from_list("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "curl/8.5.0"), _TEXT),
    ("amount|price|total", bounds(plain.decimals(1, 900)), "numeric(12,2)"),
    ("created_at|updated_at|born_digital_at", bounds(plain.timestamps()), "timestamp without time zone"),
    ("created|epoch|ts", bounds(plain.epochs()), "bigint"),
    ("event_date|due|valid_from", bounds(plain.dates()), "date"),
    ("period|day_text", plain.dates(), _TEXT),
    ("timestamp_text|logged", plain.timestamps(), _TEXT),
    ("coordinates|location", from_list("52.520008,13.404954", "48.8566,2.3522"), _TEXT),
    ("vat_number|vat", plain.pattern("XY#########"), _TEXT),
    ("bic|swift", from_list("DEUTDEFF", "BNPAFRPP", "NWBKGB2L"), _TEXT),
    ("currency|iso", from_list("EUR", "USD", "SEK"), "char(3)"),
    ("member_number|customer_number", bounds(plain.integers(2_000_000_000, 2_999_999_999)), "bigint"),
    ("customer_code|account_no", plain.pattern("C#######"), _TEXT),
    ("colour|hex", from_list("#ff8800", "#00AAFF", "#123456"), _TEXT),
    ("percent|share_text", plain.decimals(0, 100), _TEXT),
    ("json|payload", from_list('{"a": 1, "b": [2, 3]}', '{"step": "paid"}'), _TEXT),
    ("sql|query_text", from_list("select id from orders where total > 10", "update t set a = 1"), _TEXT),
    ("flight|gate", from_list("LH2020", "SK1418", "B12"), _TEXT),
    ("ship|vessel", from_list("Cutty Sark", "Vasa", "Mayflower", "HMS Victory"), _TEXT),
    ("song|album", from_list("Blue Train", "Kind of Blue", "Aja", "Rumours"), _TEXT),
    ("score|result", from_list("3-1", "2-2", "0-4"), _TEXT),
    ("phone_number_count|fax_pages", bounds(plain.integers(0, 12)), "integer"),
    ("all_blank|empty", from_list("", " "), _TEXT),
)


def cases() -> Iterator[Case]:
    """A case for every name of every row above, each with its own sample."""
    for kind, maker, type_name, names in (*_PERSONAL, *_SECRETS):
        for name in names.split("|"):
            yield _case("records", name, type_name, maker, kind)
    for names, maker, type_name in _ALIKE:
        for name in names.split("|"):
            yield _case("facts", name, type_name, maker, None)


def _case(table: str, name: str, type_name: str, maker: ValueGenerator, kind: PersonalKind | None) -> Case:
    made = maker(Random(f"{name}{type_name}{kind}"), 40)  # noqa: S311
    values = sorted({value for value in made if value is not None})[:20]
    return Case(table, name, normalise(type_name), tuple(values), kind)
