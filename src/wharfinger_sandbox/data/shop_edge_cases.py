"""Edge cases of `dev.raw_shop`: extreme values, names that need quoting, very wide, empty and all-null tables."""

from __future__ import annotations

from wharfinger_sandbox.data import personal_values as p
from wharfinger_sandbox.data import values as v
from wharfinger_sandbox.data.shop_core import flag, key, money, number, one_of, stamp, text
from wharfinger_sandbox.data.spec import Column, Table, ValueGenerator

LONGEST_NAME = "the_longest_name_the_engine_below_takes_has_just_63_bytes_ä_ö"
"""63 bytes in UTF-8."""

_LARGEST = "9999999999999999999999999999.9999999999"
_WIDE_KINDS: tuple[tuple[str, str, ValueGenerator], ...] = (
    ("count", "integer", v.integers(0, 9_999)),
    ("ratio", "double precision", v.decimals(0, 1, 6)),
    ("label", "varchar(60)", v.words("low", "medium", "high", "unknown")),
    ("share", "numeric(9,4)", v.decimals(0, 100, 4)),
    ("seen", "date", v.dates()),
)


def _wide_columns(count: int) -> tuple[Column, ...]:
    kinds = (_WIDE_KINDS[place % len(_WIDE_KINDS)] for place in range(count))
    return tuple(
        Column(f"feature_{place:03d}_{kind}", type_name, make, nulls=(place % 10) / 10)
        for place, (kind, type_name, make) in enumerate(kinds, 1)
    )


def _edge(name: str, type_name: str, *values: str | None) -> Column:
    return Column(name, type_name, v.exactly(*values))


EXTREMES = (
    _edge("id", "integer", *[str(row) for row in range(1, 13)]),
    _edge("smallest_int", "smallint", "-32768", "32767", None),
    _edge("whole", "integer", "-2147483648", "2147483647", "0"),
    _edge("large", "bigint", "-9223372036854775808", "9223372036854775807", None, "0"),
    _edge("exact", "numeric(38,10)", _LARGEST, f"-{_LARGEST}", "0.0000000001", None),
    _edge("whole_38", "numeric(38,0)", "9" * 38, "-" + "9" * 38, None, "0"),
    _edge("single", "real", "NaN", "Infinity", "-Infinity", "3.4028235e+38", "1e-37", None),
    _edge("double", "double precision", "NaN", "-Infinity", "Infinity", "1.7976931348623157e+308", "0.1", None),
    _edge("finite_double", "double precision", "0.1", "-2.5e-300", "1e+300", "0.30000000000000004"),
    _edge("day", "date", "9999-12-31", "5874897-12-31", "4713-01-01 BC", "0001-01-01", None),
    _edge("moment", "timestamp", "9999-12-31 23:59:59.999999", "294276-12-31 23:59:59", "0044-03-15 12:00:00 BC", None),
    _edge("zoned", "timestamptz", "2024-03-31 01:30:00+00", "9999-12-31 23:59:59+00", "2024-10-27 02:30:00+02", None),
    _edge("clock", "time", "00:00:00", "23:59:59.999999", "24:00:00", None),
    _edge("zoned_clock", "timetz", "00:00:00+14", "23:59:59.999999-12", None),
    _edge("truth", "boolean", "t", "f", None),
    _edge("blank_or_null", "varchar(20)", "", None, " ", "NULL", "null"),
    _edge("padded", "char(10)", "a", "", None, "ten chars!"),
    _edge(
        "unicode",
        "varchar(200)",
        "Ünïcödé",
        "日本語のテキスト",
        "👩‍🚀🛒🇸🇪",
        "مرحبا",
        "e\u0301",
        "\u00e9",
        "\u200b",
        "Ω≈ç√",
    ),
    _edge(
        "quoting",
        "varchar(200)",
        "it's",
        '"double"',
        "back\\slash",
        "tab\there",
        "line\nbreak",
        "a|b,c;d",
        "%s :name $1",
        "<b>&amp;",
    ),
    _edge("long_text", "varchar(65535)", "x" * 60_000, "ä" * 30_000, "", None),
    _edge(
        "object", "super", '{"a": [1, 2, {"b": null}], "c": "ä"}', "[]", "null", '"text"', "12345678901234567890", None
    ),
    _edge("bytes", "varbyte(64)", "\\x00ff10", "\\x", "\\x" + "ab" * 64, None),
)

TABLES = (
    Table("raw_shop", "extreme_values", 12, EXTREMES, comment="Values at the edge of every type"),
    Table("raw_shop", "product_features_wide", 500, (key(), *_wide_columns(399)), attributes="diststyle all"),
    Table("raw_shop", "orders_archive", 0, (key(), money("total"), one_of("status", "paid"), stamp())),
    Table(
        "raw_shop",
        "legacy_import",
        800,
        (
            key(),
            text("old_customer_code", v.nothing()),
            Column("old_total", "numeric(12,2)", v.nothing()),
            Column("old_date", "date", v.nothing()),
            Column("old_email", "varchar(320)", v.nothing(), personal="email"),
            flag("checked"),
        ),
    ),
    Table("raw_shop", "all_null", 100, (Column("a", "integer", v.nothing()), Column("b", "varchar(10)", v.nothing()))),
    Table(
        "raw_shop",
        "select",
        300,
        (key("from", "integer"), number("where", 0, 9), text("group", v.words("a", "b")), flag("user")),
    ),
    Table(
        "raw_shop",
        'order "items" of 2019',
        400,
        (
            key('the "id"'),
            text("two words", v.words("x", "y")),
            money("price; drop table x"),
            text("col.with.dots", v.words("1.2.3")),
        ),
    ),
    Table(
        "raw_shop",
        "käufe – größen",
        250,
        (
            key("schlüssel"),
            text("größe", v.words("klein", "groß")),
            Column("名前", "varchar(256)", p.full_names(), personal="person_name"),
            number("🛒", 1, 9),
        ),
    ),
    Table(
        "raw_shop", "100% real_table", 200, (key("%s"), number("50%", 0, 50), text("like_%_this", v.words("100%", "_")))
    ),
    Table("raw_shop", "back\\slash", 150, (key("c:\\temp"), text("a\\'b", v.words("\\", "\\n")))),
    Table("raw_shop", "dotted.name", 150, (key("a.b.c"), text("'quoted'", v.words("'", "''")))),
    Table(
        "raw_shop",
        " padded name ",
        120,
        (key(" id "), text("tab\tin name", v.words("x")), text("line\nin name", v.words("y"))),
    ),
    Table(
        "raw_shop", LONGEST_NAME, 110, (key(LONGEST_NAME), text("$1", v.words("one")), text(":name", v.words("two")))
    ),
)
