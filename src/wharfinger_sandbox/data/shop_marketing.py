"""Tables of the second database, `marketing`: advertising, mail and web data."""

from __future__ import annotations

from wharfinger_sandbox.data import personal_values as p
from wharfinger_sandbox.data import values as v
from wharfinger_sandbox.data.shop_core import VOCABULARY, flag, number, one_of, stamp, text
from wharfinger_sandbox.data.spec import Column, Serial, Table

QUOTED_SCHEMA = 'ünits & "odd". names'


def _table(schema: str, name: str, rows: int, *columns: Column, comment: str = "") -> Table:
    key = Column("id", "bigint", Serial(), primary_key=True, not_null=True)
    return Table(schema, name, rows, (key, *columns), comment, database="marketing")


def _refers(name: str, target: str) -> Column:
    return Column(name, "bigint", references=target)


def _spend(name: str) -> Column:
    return Column(name, "numeric(14,4)", v.decimals(0, 4_000, 4))


TABLES = (
    _table(
        "ads",
        "accounts",
        15,
        text("name", v.words("Quay EU", "Quay US")),
        Column("currency", "char(3)", v.words("EUR", "USD")),
    ),
    _table(
        "ads",
        "campaigns",
        240,
        _refers("account_id", "ads.accounts.id"),
        text("name", v.sentences(VOCABULARY, 2, 4)),
        one_of("objective", "awareness", "traffic", "sales", comment="What the campaign is optimised for"),
        Column("starts_on", "date", v.dates()),
        Column("ends_on", "date", v.dates(), nulls=0.3),
        _spend("budget"),
        comment="Paid campaigns over all networks",
    ),
    _table(
        "ads",
        "ad_groups",
        900,
        _refers("campaign_id", "ads.campaigns.id"),
        text("name", v.sentences(VOCABULARY, 2, 3)),
        flag("paused"),
    ),
    _table(
        "ads",
        "keywords",
        3_200,
        _refers("ad_group_id", "ads.ad_groups.id"),
        text("keyword", v.words("rope", "tea chest", "mug")),
        one_of("match_type", "exact", "phrase", "broad"),
    ),
    _table(
        "ads",
        "daily_spend",
        9_000,
        _refers("campaign_id", "ads.campaigns.id"),
        Column("day", "date", v.dates()),
        number("impressions", 0, 90_000),
        number("clicks", 0, 4_000),
        _spend("cost"),
        number("conversions", 0, 80),
    ),
    _table(
        "email",
        "contacts",
        4_000,
        Column("address", "varchar(320)", p.emails(), personal="email"),
        Column("display_name", "varchar(200)", p.full_names(), nulls=0.2, personal="person_name"),
        Column("birthday", "date", p.birth_dates(), nulls=0.8, personal="date_of_birth"),
        flag("subscribed", 0.7),
        stamp("imported_at"),
    ),
    _table(
        "email",
        "templates",
        130,
        text("subject", v.sentences(VOCABULARY, 3, 7)),
        text("html_path", v.pattern("t/????-##.html")),
        Column("email_type", "varchar(20)", v.words("welcome", "win-back", "receipt"), resembles="email"),
    ),
    _table(
        "email",
        "sends",
        9_500,
        _refers("contact_id", "email.contacts.id"),
        _refers("template_id", "email.templates.id"),
        stamp("sent_at"),
        stamp("opened_at", 0.6),
        flag("bounced", 0.02),
    ),
    _table(
        "email",
        "unsubscribes",
        350,
        _refers("contact_id", "email.contacts.id"),
        text("reason", v.words("too many", "other"), nulls=0.5),
        stamp(),
    ),
    _table("web", "landing_pages", 95, text("url", v.pattern("https://shop.example/lp/????-##"), 512), flag("live")),
    _table(
        "web",
        "utm_visits",
        8_800,
        _refers("landing_page_id", "web.landing_pages.id"),
        one_of("utm_source", "search", "social", "mail"),
        text("utm_campaign", v.pattern("cmp-####"), 60, nulls=0.3),
        Column("client_ip", "varchar(45)", p.ip_addresses(), personal="ip_address"),
        stamp("at"),
    ),
    _table(
        "web",
        "form_submissions",
        600,
        Column("fullname", "varchar(200)", p.full_names(), personal="person_name"),
        Column("tel", "varchar(40)", p.phones(), nulls=0.5, personal="phone"),
        Column("answers", "super", v.objects(("size", v.words("S", "L")), ("offers", v.words("yes", "no")))),
        stamp(),
    ),
    _table(
        "web",
        "experiments",
        45,
        text("name", v.pattern("exp_????_##")),
        one_of("variant", "a", "b"),
        Column("uplift", "real", v.decimals(-1, 1, 4)),
    ),
    _table(QUOTED_SCHEMA, 'table "one"', 130, text('col "a"', v.words("x", "y")), number("order", 1, 3)),
    _table(QUOTED_SCHEMA, "empty one", 0, text("nothing here", v.words("x"))),
)
