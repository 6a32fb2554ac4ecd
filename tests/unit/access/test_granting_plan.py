"""Which statements a database user needs for some patterns."""

from __future__ import annotations

import re

import pytest

from wharfinger.access.granting.plan import GrantPlan, Recipient, plan_grants, script
from wharfinger.access.model import Inventory, Object, Schema
from wharfinger.connections.model import Connection
from wharfinger.core.errors import NotFound
from wharfinger.core.names import parse_pattern

SHOP = Connection("shop", "cluster", "demo", "us-east-1", "dev")
ANALYST = Recipient("IAM:analyst", exists=True)
INFO = ("dev", 'GRANT SELECT ON TABLE "svv_table_info" TO "IAM:analyst"')


def tables(database: str, *names: tuple[str, str], external: tuple[str, ...] = ()) -> Inventory:
    return Inventory(
        databases=frozenset({database}),
        schemas=frozenset(Schema(database, schema, schema in external) for schema, _ in names),
        tables=frozenset(Object("table", database, schema, name) for schema, name in names),
    )


def both(*inventories: Inventory) -> Inventory:
    return Inventory(
        databases=frozenset().union(*(one.databases for one in inventories)),
        schemas=frozenset().union(*(one.schemas for one in inventories)),
        tables=frozenset().union(*(one.tables for one in inventories)),
    )


DEV = tables(
    "dev", ("shop", "orders"), ("shop", "order_items"), ("raw", "events"), ("lake", "clicks"), external=("lake",)
)
MARKETING = tables("marketing", ("crm", "leads"))
ALL = both(DEV, MARKETING)


def plan(*patterns: str, who: Recipient = ANALYST, inventory: Inventory = ALL) -> GrantPlan:
    return plan_grants(who, [parse_pattern(text) for text in patterns], inventory, SHOP)


def sql(made: GrantPlan) -> list[tuple[str, str]]:
    return [(step.database, step.sql) for step in made.steps]


def test_a_whole_schema_takes_usage_and_all_its_tables() -> None:
    assert sql(plan("shop.*")) == [
        ("dev", 'GRANT USAGE ON SCHEMA "shop" TO "IAM:analyst"'),
        INFO,
        ("dev", 'GRANT SELECT ON ALL TABLES IN SCHEMA "shop" TO "IAM:analyst"'),
    ]


def test_a_whole_schema_stays_whole_when_one_of_its_tables_is_named_too() -> None:
    assert sql(plan("shop.*", "shop.orders")) == sql(plan("shop.orders", "shop.*")) == sql(plan("shop.*"))


def test_single_tables_are_granted_one_by_one() -> None:
    assert sql(plan("shop.ord*s", "raw.events")) == [
        ("dev", 'GRANT USAGE ON SCHEMA "raw" TO "IAM:analyst"'),
        ("dev", 'GRANT USAGE ON SCHEMA "shop" TO "IAM:analyst"'),
        INFO,
        ("dev", 'GRANT SELECT ON TABLE "raw"."events" TO "IAM:analyst"'),
        ("dev", 'GRANT SELECT ON TABLE "shop"."order_items" TO "IAM:analyst"'),
        ("dev", 'GRANT SELECT ON TABLE "shop"."orders" TO "IAM:analyst"'),
    ]


def test_an_external_schema_takes_usage_only() -> None:
    assert sql(plan("lake.*")) == [("dev", 'GRANT USAGE ON SCHEMA "lake" TO "IAM:analyst"'), INFO]


def test_each_database_gets_its_own_statements_the_connections_own_first() -> None:
    made = sql(plan("marketing.crm.*", "shop.orders"))

    assert [database for database, _ in made] == ["dev"] * 3 + ["marketing"] * 3
    assert ("marketing", INFO[1]) in made


def test_a_pattern_over_every_database_reaches_all() -> None:
    assert {database for database, _ in sql(plan("*.*.*"))} == {"dev", "marketing"}


def test_without_patterns_only_svv_table_info_is_opened() -> None:
    assert sql(plan()) == [INFO]


def test_a_missing_user_is_made_first_without_a_password() -> None:
    made = plan("shop.orders", who=Recipient("IAM:analyst", exists=False))

    assert sql(made)[0] == ("dev", 'CREATE USER "IAM:analyst" PASSWORD DISABLE')
    assert sum("CREATE USER" in text for _, text in sql(made)) == 1


def test_a_user_that_may_exist_is_made_with_a_word_of_caution() -> None:
    assert "leave it out" in plan(who=Recipient("IAM:analyst", exists=None)).steps[0].why


def test_a_user_with_a_password_is_left_to_an_administrator() -> None:
    made = plan("shop.*", who=Recipient("reader", exists=False, makeable=False))

    assert not any("CREATE USER" in text for _, text in sql(made))
    assert any("administrator" in note for note in made.notes)


def test_a_superuser_needs_nothing() -> None:
    made = plan("shop.*", who=Recipient("IAM:admin", exists=True, superuser=True))

    assert made.steps == ()
    assert "superuser" in made.notes[0]


def test_a_pattern_that_matches_nothing_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"shop\.nothing"):
        plan("shop.*", "shop.nothing")


HOSTILE = ['a"b', "a b", "a.b", "select", "häuser", "back\\slash", "x'; drop table t; --", "n" * 127]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    made = plan(f"{quoted}.{quoted}", who=Recipient(name, True), inventory=tables("dev", (name, name)))

    assert {step.sql for step in made.steps} == {
        f"GRANT USAGE ON SCHEMA {quoted} TO {quoted}",
        f"GRANT SELECT ON TABLE {quoted}.{quoted} TO {quoted}",
        f'GRANT SELECT ON TABLE "svv_table_info" TO {quoted}',
    }


def test_the_order_of_patterns_changes_nothing() -> None:
    assert plan("shop.*", "raw.events", "marketing.*.*") == plan("marketing.*.*", "raw.events", "shop.*")


def test_tables_made_later_are_not_promised() -> None:
    assert any("later" in note for note in plan("shop.*").notes)


def test_a_name_made_to_break_out_of_a_comment_runs_nothing() -> None:
    hostile = ('s"\n; grant all on schema raw to public; --', 't\r\ndrop table "orders"; --')
    pattern = '*."' + hostile[1].replace('"', '""') + '"'
    made = plan(pattern, who=Recipient("reader", exists=True), inventory=tables("dev", hostile))
    lines = "\n".join(script(made))

    assert re.search(r'"s""\n; grant all on schema raw to public; --"\."t\r\ndrop table ""orders""; --"', lines)
    outside = re.sub(r'"(?:[^"]|"")*"|--[^\n]*', lambda found: '""' if found[0].startswith('"') else "", lines)
    assert [line.strip() for line in outside.splitlines() if line.strip()] == [
        'GRANT USAGE ON SCHEMA "" TO "";',
        'GRANT SELECT ON TABLE "" TO "";',
        'GRANT SELECT ON TABLE ""."" TO "";',
    ]


def test_a_script_keeps_capitals_only_where_a_name_has_some() -> None:
    existing = both(tables("dev", ("Sales", "Orders")), MARKETING)
    made = plan('"Sales".*', "marketing.crm.leads", who=Recipient("reader", exists=True), inventory=existing)

    assert [line for line in script(made) if line.startswith(("--", "SET"))] == [
        "-- in database dev, for reader",
        "SET enable_case_sensitive_identifier TO true;",
        "-- in database marketing, for reader",
    ]


def test_nothing_is_ever_taken_away() -> None:
    made = plan("*.*.*", who=Recipient("IAM:analyst", exists=None))

    assert not any(step.destructive for step in made.steps)
    assert {text.split()[0] for _, text in sql(made)} == {"CREATE", "GRANT"}
