from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger.core.errors import Invalid
from wharfinger.core.names import (
    NamePart,
    TableName,
    display_part,
    is_system_schema,
    meant,
    outside_system,
    parse_pattern,
    quote_ident,
    quote_literal,
)

names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("orders", '"orders"'),
        ('say "hi"', '"say ""hi"""'),
        ("select", '"select"'),
        ("a.b c", '"a.b c"'),
        ("Größe", '"Größe"'),
        ("back\\slash", '"back\\slash"'),
        ("x" * 127, '"' + "x" * 127 + '"'),
    ],
)
def test_an_identifier_is_quoted_whatever_it_holds(name: str, quoted: str) -> None:
    assert quote_ident(name) == quoted


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 128, "ü" * 64])
def test_an_identifier_redshift_cannot_hold_is_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        quote_ident(name)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", "''"),
        ("it's", "'it''s'"),
        ("a\\b", "('a' || chr(92) || 'b')"),
        ("\\'", "('' || chr(92) || '''')"),
    ],
)
def test_a_literal_means_the_same_with_and_without_backslash_escapes(text: str, literal: str) -> None:
    assert quote_literal(text) == literal


def test_a_literal_with_a_nul_is_invalid() -> None:
    with pytest.raises(Invalid):
        quote_literal("\x00")


@pytest.mark.parametrize(
    ("pattern", "table", "matches"),
    [
        ("shop.orders", ("dev", "shop", "orders"), True),
        ("Shop.ORDERS", ("dev", "shop", "orders"), True),
        ("shop.orders", ("dev", "shop", "Orders"), True),
        ('shop."orders"', ("dev", "shop", "Orders"), False),
        ("shop.orders", ("other", "shop", "orders"), False),
        ("other.shop.orders", ("other", "shop", "orders"), True),
        ("*.shop.orders", ("other", "shop", "orders"), True),
        ("shop.*", ("dev", "shop", "a.b"), True),
        ("shop.ord*s", ("dev", "shop", "orders"), True),
        ("shop.ord*s", ("dev", "shop", "order"), False),
        ("shop.*", ("dev", "shopping", "orders"), False),
        ('shop."*"', ("dev", "shop", "orders"), False),
        ('shop."*"', ("dev", "shop", "*"), True),
        ('shop."say ""hi"""', ("dev", "shop", 'say "hi"'), True),
        ("shop.a[bc]", ("dev", "shop", "ab"), False),
        ("shop.*", ("dev", "shop", "two\nlines"), True),
        ("shop.STRASSE", ("dev", "shop", "straße"), True),
    ],
)
def test_a_pattern_matches_as_the_contract_says(pattern: str, table: tuple[str, str, str], matches: bool) -> None:
    assert parse_pattern(pattern).matches(TableName(*table), default_database="dev") is matches


@given(pattern=st.text("ab*", min_size=1, max_size=8), name=st.text("ab", min_size=1, max_size=10))
def test_a_star_stands_for_any_text(pattern: str, name: str) -> None:
    like = ".*".join(pattern.split("*"))
    assert NamePart(pattern, exact=False).matches(name) == bool(re.fullmatch(like, name))


def test_many_stars_cost_no_more_than_one() -> None:
    part = NamePart("a*" * 40 + "b", exact=False)
    assert not part.matches("a" * 127)
    assert part.matches("a" * 126 + "b")


@pytest.mark.parametrize("text", ["", "orders", "a.b.c.d", "a..b", ".a", "a.", 'a."b', 'a."b"c', 'a.b"c', '"".a'])
def test_what_is_no_table_name_is_invalid_and_says_so(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_pattern(text)
    assert refusal.value.subject == text
    assert refusal.value.why


@given(names, names, names)
def test_a_displayed_name_parses_back_to_exactly_itself(database: str, schema: str, name: str) -> None:
    table = TableName(database, schema, name)
    pattern = parse_pattern(str(table))
    assert pattern.matches(table, default_database="elsewhere")
    assert not pattern.matches(TableName(database, schema, name + "x"), default_database="elsewhere")


@given(names)
def test_only_plain_lower_case_stands_bare(name: str) -> None:
    assert (display_part(name) == name) == (
        name.isascii() and name[0] != "$" and name.replace("$", "_").isidentifier() and name == name.lower()
    )


@pytest.mark.parametrize(
    ("schema", "system"),
    [
        ("pg_catalog", True), ("pg_automv", True), ("information_schema", True), ("catalog_history", True),
        ("public", False), ("pgdata", False), ("history", False),
    ],
)  # fmt: skip
def test_which_schemas_are_redshifts_own(schema: str, system: bool) -> None:
    assert is_system_schema(schema) is system


def test_the_same_in_sql() -> None:
    assert outside_system("n.nspname") == (
        "(n.nspname not like 'pg!_%' escape '!' and n.nspname not in ('information_schema', 'catalog_history'))"
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("OrderId", ["OrderId"]),
        ("orderid", ["orderid"]),
        ("ORDERID", ["OrderId", "orderid"]),
        ('"OrderId"', ["OrderId"]),
        ('"ORDERID"', []),
        ('"in ""quotes"""', ['in "quotes"']),
        ('in "quotes"', ['in "quotes"']),
        ("a.b", ["a.b"]),
        ('"a.b"', ["a.b"]),
        ("*", []),
        ('"', []),
    ],
)
def test_one_name_alone_is_read_as_a_part_of_a_tables_name_is(typed: str, found: list[str]) -> None:
    assert meant(typed, ["OrderId", "orderid", 'in "quotes"', "a.b"]) == found


@given(names)
def test_a_quoted_name_means_itself(name: str) -> None:
    assert meant('"' + name.replace('"', '""') + '"', [name]) == [name]


def test_a_text_longer_than_any_name_is_refused_at_once() -> None:
    with pytest.raises(Invalid, match="Not a table name") as raised:
        parse_pattern("*a" * 50_000 + ".b")

    assert raised.value.why == "it has more than 1000 characters"
