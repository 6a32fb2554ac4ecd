"""Tables of `dev.raw_stripe`: a payment service's data as a loader delivers it, without comments, with text keys."""

from __future__ import annotations

from wharfinger_sandbox.data import personal_values as p
from wharfinger_sandbox.data import values as v
from wharfinger_sandbox.data.spec import Column, Serial, Table

CURRENCIES = v.words("usd", "eur", "gbp", "sek", "pln")
MODE = Column("livemode", "boolean", v.booleans(0.98))
CREATED = Column("created", "integer", v.epochs())
SYNCED = Column("_synced_at", "timestamptz", v.zoned_timestamps(), not_null=True)


def _table(name: str, rows: int, prefix: str, *columns: Column, attributes: str = "") -> Table:
    key = Column("id", "varchar(64)", Serial(v.stripe_id(prefix)), not_null=True)
    return Table("raw_stripe", name, rows, (key, *columns, MODE, CREATED, SYNCED), attributes=attributes)


def _refers(name: str, table: str, nulls: float = 0.0) -> Column:
    return Column(name, "varchar(64)", references=f"raw_stripe.{table}.id", nulls=nulls)


def _amount(name: str = "amount", high: int = 90_000, nulls: float = 0.0) -> Column:
    return Column(name, "bigint", v.integers(50, high), nulls=nulls)


TABLES = (
    _table(
        "customers",
        2_000,
        "cus",
        Column("email", "varchar(320)", p.emails(), personal="email"),
        Column("name", "varchar(256)", p.full_names(), nulls=0.02, personal="person_name"),
        Column("phone", "varchar(40)", p.phones(), nulls=0.4, personal="phone"),
        Column("address_line1", "varchar(256)", p.addresses(), nulls=0.2, personal="address"),
        Column("address_city", "varchar(128)", p.cities(), nulls=0.2),
        Column("address_country", "char(2)", p.countries(), nulls=0.2),
        Column("balance", "bigint", v.integers(-5_000, 5_000)),
        Column("currency", "char(3)", CURRENCIES),
        Column("delinquent", "boolean", v.booleans(0.03)),
        Column("invoice_prefix", "varchar(12)", v.pattern("????####")),
        Column("metadata", "super", v.objects(("channel", v.words("web", "pos", "app")))),
    ),
    _table(
        "payment_intents",
        6_000,
        "pi",
        _refers("customer_id", "customers"),
        _amount(),
        Column("currency", "char(3)", CURRENCIES),
        Column("status", "varchar(40)", v.words("succeeded", "requires_payment_method", "canceled", "processing")),
        Column("capture_method", "varchar(20)", v.words("automatic", "manual")),
        Column("receipt_email", "varchar(320)", p.emails(), nulls=0.5, personal="email"),
        Column("client_secret_digest", "char(64)", v.sha256s(), personal="secret"),
        Column("statement_descriptor", "varchar(22)", v.words("QUAYSIDE GOODS", "QUAYSIDE GIFT CARD")),
    ),
    _table(
        "charges",
        8_000,
        "ch",
        _refers("payment_intent_id", "payment_intents"),
        _refers("customer_id", "customers"),
        _amount(),
        _amount("amount_refunded", 900),
        Column("currency", "char(3)", CURRENCIES),
        Column("paid", "boolean", v.booleans(0.95)),
        Column("status", "varchar(20)", v.words("succeeded", "failed", "pending")),
        Column("failure_code", "varchar(64)", v.words("card_declined", "expired_card", "processing_error"), nulls=0.95),
        Column("risk_score", "smallint", v.integers(0, 99)),
        Column("card_brand", "varchar(20)", v.words("visa", "mastercard", "amex"), resembles="card"),
        Column("card_last4", "char(4)", v.pattern("####"), resembles="card"),
        Column("order_reference", "varchar(16)", p.unlike_cards(), resembles="card"),
        attributes="diststyle key distkey(id) sortkey(created)",
    ),
    _table(
        "payment_methods",
        2_500,
        "pm",
        _refers("customer_id", "customers"),
        Column("type", "varchar(20)", v.words("card", "sepa_debit", "link")),
        Column("card_number_clear", "varchar(19)", p.cards(), nulls=0.3, personal="card"),
        Column("card_exp_month", "smallint", v.integers(1, 12), resembles="card"),
        Column("card_exp_year", "smallint", v.integers(2024, 2031), resembles="card"),
        Column("card_fingerprint", "char(32)", v.md5s(), resembles="card"),
        Column("billing_name", "varchar(256)", p.full_names(), personal="person_name"),
        Column("billing_email", "varchar(320)", p.emails(), nulls=0.1, personal="email"),
    ),
    _table(
        "bank_accounts",
        900,
        "ba",
        _refers("customer_id", "customers"),
        Column("iban", "varchar(34)", p.ibans(), personal="iban"),
        Column("account_holder_name", "varchar(256)", p.full_names(), personal="person_name"),
        Column("bank_name", "varchar(128)", v.words("First Quay Bank", "Harbour Savings", "Banque du Port")),
        Column("country", "char(2)", p.countries()),
        Column("status", "varchar(20)", v.words("new", "validated", "verified", "errored")),
    ),
    _table(
        "refunds",
        700,
        "re",
        _refers("charge_id", "charges"),
        _amount(high=20_000),
        Column("reason", "varchar(40)", v.words("duplicate", "fraudulent", "requested_by_customer"), nulls=0.2),
        Column("status", "varchar(20)", v.words("succeeded", "pending", "failed")),
    ),
    _table(
        "disputes",
        120,
        "dp",
        _refers("charge_id", "charges"),
        _amount(high=30_000),
        Column("reason", "varchar(40)", v.words("fraudulent", "product_not_received", "general")),
        Column("evidence_customer_ip", "varchar(45)", p.ip_addresses(), nulls=0.3, personal="ip_address"),
        Column("evidence_due_by", "timestamp", v.timestamps()),
    ),
    _table(
        "balance_transactions",
        9_000,
        "txn",
        Column("source_id", "varchar(64)", references="raw_stripe.charges.id"),
        _amount(),
        _amount("fee", 3_000),
        _amount("net", 87_000),
        Column("exchange_rate", "numeric(18,8)", v.decimals(0.7, 1.4, 8), nulls=0.6),
        Column("reporting_category", "varchar(40)", v.words("charge", "refund", "payout", "fee")),
    ),
    _table(
        "payouts",
        400,
        "po",
        _amount(high=5_000_000),
        Column("arrival_date", "date", v.dates()),
        Column("destination_iban", "varchar(34)", p.ibans(), personal="iban"),
        Column("status", "varchar(20)", v.words("paid", "in_transit", "failed")),
    ),
    _table(
        "products",
        180,
        "prod",
        Column("name", "varchar(256)", v.words("Tea chest", "Rope", "Anchor mug", "Harbour print", "Gift card")),
        Column("active", "boolean", v.booleans(0.9)),
        Column("tax_code", "varchar(20)", v.pattern("txcd_########")),
    ),
    _table(
        "prices",
        360,
        "price",
        _refers("product_id", "products"),
        _amount("unit_amount", 40_000),
        Column("recurring_interval", "varchar(10)", v.words("month", "year"), nulls=0.7),
    ),
    _table(
        "subscriptions",
        800,
        "sub",
        _refers("customer_id", "customers"),
        Column("status", "varchar(20)", v.words("active", "past_due", "canceled", "trialing")),
        Column("current_period_start", "timestamp", v.timestamps()),
        Column("current_period_end", "timestamp", v.timestamps()),
        Column("cancel_at_period_end", "boolean", v.booleans(0.1)),
    ),
    _table(
        "subscription_items",
        1_100,
        "si",
        _refers("subscription_id", "subscriptions"),
        _refers("price_id", "prices"),
        Column("quantity", "integer", v.integers(1, 5)),
    ),
    _table(
        "invoices",
        3_000,
        "in",
        _refers("customer_id", "customers"),
        _refers("subscription_id", "subscriptions", nulls=0.3),
        Column("number", "varchar(20)", v.pattern("INV-####-######")),
        _amount("total"),
        _amount("amount_due", nulls=0.1),
        Column("customer_email", "varchar(320)", p.emails(), personal="email"),
        Column("customer_tax_id", "varchar(20)", p.cpfs(), nulls=0.6, personal="national_id"),
        Column("due_date", "date", v.dates(), nulls=0.5),
    ),
    _table(
        "invoice_line_items",
        7_500,
        "il",
        _refers("invoice_id", "invoices"),
        _refers("price_id", "prices"),
        Column("quantity", "integer", v.integers(1, 12)),
        _amount(),
        Column("description", "varchar(512)", v.words("Tea chest × 1", "Rope, 20 m", "Subscription – monthly")),
    ),
    _table(
        "coupons",
        60,
        "co",
        Column("percent_off", "numeric(5,2)", v.decimals(5, 60)),
        Column("duration", "varchar(12)", v.words("once", "repeating", "forever")),
        Column("times_redeemed", "integer", v.integers(0, 900)),
    ),
    _table(
        "events",
        5_000,
        "evt",
        Column("type", "varchar(80)", v.words("charge.succeeded", "invoice.paid", "customer.updated")),
        Column("api_version", "date", v.exactly("2020-08-27", "2022-11-15")),
        Column("request_id", "varchar(40)", v.pattern("req_?#?#?#?#?#?#")),
        Column("data", "super", v.objects(("object", v.words("charge", "invoice")), ("id", v.md5s()))),
    ),
)
