"""Tables of `dev.raw_shop` from the web shop's own database, with comments and declared keys."""

from __future__ import annotations

from wharfinger_sandbox.data import personal_values as p
from wharfinger_sandbox.data import values as v
from wharfinger_sandbox.data.spec import Column, Serial, Table, ValueGenerator
from wharfinger_sandbox.data.values import word_list

VOCABULARY = word_list("goods")
_LONG_COMMENT = (
    "One row for each order a customer has placed in the web shop or at a till, from the moment it is confirmed. "
    "An order that is changed later keeps its row and its id; the former state is in order_events. Amounts are in the "
    "order's own currency, gross of tax and net of discounts, and never include shipping, which has its own column. "
    "Orders made before the move to the present shop system were carried over with status 'imported'."
)
_LONG_COLUMN_COMMENT = (
    "How the order stands: placed (waiting for payment), paid, packed, shipped, delivered, returned, cancelled, or "
    "imported. A cancelled order may have been paid; its refund is then in raw_stripe.refunds. It is written by "
    "the shop only, so it can lag some minutes behind the carrier's own messages about the parcel."
)


def key(name: str = "id", type_name: str = "bigint") -> Column:
    """A declared primary key with the row number as its value."""
    return Column(name, type_name, Serial(), primary_key=True, not_null=True)


def refers(name: str, target: str, nulls: float = 0.0, type_name: str = "bigint") -> Column:
    """A declared foreign key to `target`, written `table.column`, in this schema."""
    return Column(name, type_name, references=f"raw_shop.{target}", nulls=nulls)


def stamp(name: str = "created_at", nulls: float = 0.0) -> Column:
    """A timestamp without time zone."""
    return Column(name, "timestamp", v.timestamps(), nulls=nulls)


def money(name: str, high: float = 900, nulls: float = 0.0, comment: str = "") -> Column:
    """An amount in the order's currency."""
    return Column(name, "numeric(12,2)", v.decimals(0.5, high), nulls=nulls, comment=comment)


def one_of(name: str, *choices: str, nulls: float = 0.0, comment: str = "") -> Column:
    """A short text, one of `choices`."""
    return Column(name, "varchar(40)", v.words(*choices), nulls=nulls, comment=comment)


def number(name: str, low: int, high: int, nulls: float = 0.0) -> Column:
    """An integer."""
    return Column(name, "integer", v.integers(low, high), nulls=nulls)


def flag(name: str, share: float = 0.5) -> Column:
    """A boolean, true in about `share` of the rows."""
    return Column(name, "boolean", v.booleans(share))


def text(name: str, make: ValueGenerator, length: int = 256, nulls: float = 0.0, comment: str = "") -> Column:
    """A text of up to `length` bytes."""
    return Column(name, f"varchar({length})", make, nulls=nulls, comment=comment)


def _table(name: str, rows: int, *columns: Column, comment: str = "", attributes: str = "") -> Table:
    return Table("raw_shop", name, rows, columns, comment, attributes)


TABLES = (
    _table(
        "customers",
        3_000,
        key(),
        Column("email", "varchar(320)", p.emails(), personal="email", comment="Where receipts go"),
        Column("first_name", "varchar(100)", p.given_names(), personal="person_name"),
        Column("last_name", "varchar(100)", p.family_names(), personal="person_name"),
        Column("phone_number", "varchar(40)", p.phones(), nulls=0.3, personal="phone"),
        Column("date_of_birth", "date", p.birth_dates(), nulls=0.5, personal="date_of_birth"),
        Column("email_count", "integer", v.integers(0, 40), resembles="email"),
        flag("email_verified", 0.8),
        flag("marketing_opt_in", 0.3),
        stamp(),
        stamp("last_seen_at", 0.1),
        comment="People who have an account or bought as guests",
        attributes="distkey(id) sortkey(created_at)",
    ),
    _table(
        "customer_addresses",
        4_000,
        key(),
        refers("customer_id", "customers.id"),
        one_of("kind", "billing", "shipping"),
        Column("recipient", "varchar(200)", p.full_names(), personal="person_name"),
        Column("street", "varchar(256)", p.addresses(), personal="address"),
        text("city", p.cities(), 128),
        text("postal_code", v.pattern("#####"), 12),
        Column("country_code", "char(2)", p.countries()),
    ),
    _table(
        "orders",
        10_000,
        key(),
        refers("customer_id", "customers.id"),
        Column(
            "order_number", "varchar(16)", p.unlike_cards(), resembles="card", comment="Sixteen digits, on the receipt"
        ),
        one_of(
            "status",
            "placed",
            "paid",
            "packed",
            "shipped",
            "delivered",
            "returned",
            "cancelled",
            "imported",
            comment=_LONG_COLUMN_COMMENT,
        ),
        Column("currency", "char(3)", v.words("USD", "EUR", "GBP"), comment="ISO 4217"),
        money("total", 2_000, comment="Gross of tax, net of discounts, without shipping"),
        money("shipping", 40),
        refers("store_id", "stores.id", nulls=0.8),
        text("note", v.sentences(VOCABULARY), 1_000, nulls=0.9),
        Column("placed_at", "timestamptz", v.zoned_timestamps(), not_null=True),
        stamp("updated_at"),
        comment=_LONG_COMMENT,
        attributes="diststyle key distkey(customer_id) compound sortkey(placed_at)",
    ),
    _table(
        "order_items",
        120_000,
        key(),
        refers("order_id", "orders.id"),
        refers("product_id", "products.id"),
        number("quantity", 1, 9),
        money("unit_price", 300),
        money("discount", 20, nulls=0.7),
        one_of("tax_class", "standard", "reduced", "zero"),
        flag("gift_wrapped", 0.05),
        comment="The lines of each order",
        attributes="distkey(order_id) sortkey(order_id)",
    ),
    _table(
        "page_views",
        150_000,
        key(),
        refers("session_id", "sessions.id"),
        text("path", v.words("/", "/search", "/basket", "/checkout", "/p/rope", "/p/tea-chest", "/help/returns"), 512),
        text("referrer", v.words("https://search.example/", "https://news.example/quay", ""), 512, nulls=0.5),
        number("load_ms", 40, 9_000),
        Column("scroll_share", "real", v.decimals(0, 1, 4), nulls=0.2),
        stamp("viewed_at"),
        attributes="diststyle even sortkey(viewed_at)",
    ),
    _table(
        "order_events",
        9_000,
        key(),
        refers("order_id", "orders.id"),
        one_of("event", "placed", "paid", "packed", "shipped", "delivered"),
        stamp("happened_at"),
        Column("payload", "super", v.objects(("by", v.words("shop", "carrier")), ("step", v.integers(1, 5)))),
    ),
    _table(
        "products",
        600,
        key(),
        text("sku", v.pattern("SKU-####-??"), 20, comment="Stock keeping unit"),
        text("title", v.sentences(VOCABULARY, 2, 4)),
        text("description", v.sentences(VOCABULARY, 10, 40), 4_000, nulls=0.1),
        refers("category_id", "categories.id", type_name="integer"),
        refers("supplier_id", "suppliers.id"),
        money("list_price", 400),
        Column("weight_kg", "double precision", v.decimals(0.01, 40, 3)),
        Column("barcode", "varchar(13)", v.codes("400", 10), resembles="phone"),
        flag("active", 0.9),
        stamp(),
        comment="What the shop sells or has sold",
    ),
    _table(
        "product_variants",
        1_800,
        key(),
        refers("product_id", "products.id"),
        one_of("size", "XS", "S", "M", "L", "XL", nulls=0.4),
        one_of("colour", "navy", "rope", "brass", "white"),
        Column(
            "phone_model", "varchar(40)", v.words("Pixel 8", "iPhone 15", "Galaxy S24"), nulls=0.8, resembles="phone"
        ),
        text("sku", v.pattern("SKU-####-??-#"), 24),
    ),
    _table(
        "categories",
        40,
        key(type_name="integer"),
        text("name", v.words("Kitchen", "Deck", "Office", "Gifts", "Prints")),
        refers("parent_id", "categories.id", nulls=0.2, type_name="integer"),
        number("position", 1, 40),
        comment="A tree; the root has no parent_id",
    ),
    _table(
        "suppliers",
        90,
        key(),
        text("company_name", v.words("Rope & Sons", "Oak Works", "Blue Tin Ltd", "Nordlys AB")),
        Column("contact_person", "varchar(200)", p.full_names(), personal="person_name"),
        Column("contact_email", "varchar(320)", p.emails(), personal="email"),
        Column("contact_phone", "varchar(40)", p.phones(), personal="phone"),
        text("vat_number", v.pattern("XY#########"), 20),
        Column("bank_iban", "varchar(34)", p.ibans(), personal="iban"),
        Column("country_code", "char(2)", p.countries()),
    ),
    _table(
        "stores",
        25,
        key(),
        text("name", v.words("Quay 1", "Old Harbour", "Airport", "Station")),
        text("city", p.cities()),
        Column("opens_at", "time", v.words("08:00:00", "09:30:00")),
        Column("closes_at", "time", v.words("18:00:00", "22:00:00")),
        text("geohash", v.words("u4pruydq", "gcpvj0du", "u09tvw0f"), 12),
    ),
    _table(
        "employees",
        320,
        key(),
        refers("store_id", "stores.id", nulls=0.3),
        Column("full_name", "varchar(200)", p.full_names(), personal="person_name"),
        Column("work_email", "varchar(320)", p.emails(), personal="email"),
        Column("ssn", "char(11)", p.social_security_numbers(), personal="national_id"),
        Column("birth_date", "date", p.birth_dates(), personal="date_of_birth"),
        Column("home_address", "varchar(256)", p.addresses(), personal="address"),
        Column("salary_iban", "varchar(34)", p.ibans(), personal="iban"),
        one_of("job_title", "Clerk", "Manager", "Packer", "Buyer"),
        Column("hired_on", "date", v.dates()),
        comment="Everyone on the pay roll",
    ),
)
