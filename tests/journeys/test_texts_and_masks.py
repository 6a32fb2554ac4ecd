"""Descriptions and masks on a real warehouse: every source, and no personal value stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.command_line import Run
from tests.journeys.tiny_schema import TinySchema, tiny_schema
from tests.journeys.warehouse import Warehouse

from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.profiling.model import TableProfile
from wharfinger_sandbox.data.labels import Label, labels
from wharfinger_sandbox.data.manifest import PROJECT


@pytest.fixture
def schema(warehouse: Warehouse) -> Iterator[TinySchema]:
    with tiny_schema(warehouse) as schema:
        yield schema


def choose(warehouse: Warehouse, *patterns: str) -> list[TableName]:
    warehouse.app.catalog.refresh(warehouse.connection("admin"), Usage())
    warehouse.app.catalog.select(warehouse.connection("admin"), patterns, Usage())
    return [table.name for table in warehouse.app.catalog.selected(warehouse.connection("admin"))]


def profiles(warehouse: Warehouse) -> dict[TableName, TableProfile]:
    """Profile what is selected, and read back what was stored."""
    app = warehouse.app
    tables = [table for table in app.catalog.selected(app.connections.get("admin")) if table.kind == "table"]
    for unit in app.profiles.plan_units(app.connections.get("admin"), tables, "basic"):
        assert app.profiles.profile_unit(app.connections.get("admin"), unit.tables, "basic", Usage()) == {}
    found = {table.name: app.profiles.get(app.connections.get("admin"), table.name) for table in tables}
    return {name: profile for name, profile in found.items() if profile is not None}


def described(cli: Run, table: str) -> dict[str, Any]:
    """The table's description under "", and each column's."""
    document = cli("show", "admin", table, "--json").document
    return {"": document["description"], **{one["name"]: one["description"] for one in document["columns"]}}


def test_every_personal_column_of_the_shop_is_kept_masked_and_no_other(warehouse: Warehouse) -> None:
    choose(warehouse, "raw_stripe.*", "raw_shop.*", "marketing.*.*")
    found = profiles(warehouse)
    truth = labels()
    kept = {one: found[TableName(one.database, one.schema, one.table)].column(one.column) for one in truth}
    masked = {one for one, facts in kept.items() if facts is not None and facts.masked}

    assert len(truth) > 900
    assert masked == {one for one in truth if one.personal is not None}
    for one in masked:
        assert_nothing_is_told(warehouse, one, found[TableName(one.database, one.schema, one.table)])


def assert_nothing_is_told(warehouse: Warehouse, label: Label, profile: TableProfile) -> None:
    facts = profile.column(label.column)
    assert facts is not None
    told = [text for text in (facts.min, facts.max, *facts.samples) if text is not None]
    table = TableName(label.database, label.schema, label.table)
    column = '"' + label.column.replace('"', '""') + '"'
    values = {value for (value,) in warehouse.expression(table, [f"{column}::text"], f"where {column} is not null")}
    assert not any(mark.isalnum() for text in told for mark in text), label
    assert values.isdisjoint(told), label
    assert bool(told) == bool(values), label


def test_texts_of_every_source_stand_side_by_side(warehouse: Warehouse, cli: Run) -> None:
    names = choose(warehouse, "raw_shop.orders", "raw_stripe.charges", "analytics.*", "marketing.ads.*")
    assert warehouse.app.descriptions.describe(warehouse.connection("admin"), names) == {}
    before = described(cli, "raw_shop.orders")
    imported = cli("dbt", "import", "admin", "--manifest", str(PROJECT), "--json").document
    cli("describe", "admin", "raw_shop.orders", "--column", "shipping", "--text", "What we charge for the parcel")
    after = described(cli, "raw_shop.orders")

    assert {name: before[name]["source"] for name in ("", "id", "status", "shipping")} == {
        "": "comment", "id": "rules", "status": "comment", "shipping": "rules",
    }  # fmt: skip
    assert {name: after[name]["source"] for name in ("", "id", "status", "shipping")} == {
        "": "dbt", "id": "dbt", "status": "comment", "shipping": "human",
    }  # fmt: skip
    assert len(before["status"]["text"]) > 256
    assert (imported["matched"], imported["unmatched"]) == (13, ["dev.raw_shop.orders_2018"])
    assert len(imported["unselected"]) == 5
    assert described(cli, "marketing.ads.daily_spend")[""]["source"] == "dbt"
    assert described(cli, "analytics.store_revenue")[""]["source"] == "rules"


def test_what_rules_say_is_what_the_warehouse_holds(warehouse: Warehouse, cli: Run) -> None:
    choose(warehouse, "raw_shop.returns", "raw_shop.orders")
    profiles(warehouse)
    warehouse.app.descriptions.describe(warehouse.connection("admin"), [TableName("dev", "raw_shop", "returns")])
    texts = described(cli, "raw_shop.returns")
    table = TableName("dev", "raw_shop", "returns")
    ((rows, low, high, nulls, first, last),) = warehouse.expression(
        table,
        [
            "count(*)",
            "min(order_id)",
            "max(order_id)",
            "count(*) filter (where comment is null)",
            "min(received_at)",
            "max(received_at)",
        ],
    )

    assert texts[""]["text"] == (
        f"Returns: table with 5 columns and {rows} rows when it was profiled; declared primary key: id; "
        f"refers to raw_shop.orders; received_at runs from {first} to {last}."
    )
    assert texts["order_id"]["text"] == (
        f"Order id: whole number; refers to raw_shop.orders.id by a declared foreign key; from {low} to {high}; "
        f"no nulls in {rows} rows."
    )
    assert texts["comment"]["text"] == f"Comment: text of up to 2000 bytes; null in {nulls} of {rows} rows."


def test_a_table_that_vanishes_and_comes_back_has_its_human_text(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    name = schema.table("orders")
    choose(warehouse, f"{schema.name}.*")
    assert cli("describe", "admin", name, "--text", "Ours for good").code == 0
    assert cli("describe", "admin", name, "--column", "b", "--text", "A label").code == 0

    warehouse.execute(f"drop table {schema.name}.orders")
    gone = cli("tables", "refresh", "admin", "--json").document["gone"]
    while_gone = described(cli, name)
    schema.table("orders")
    cli("tables", "refresh", "admin")
    back = described(cli, name)

    assert gone == [name]
    assert while_gone[""] == back[""] == {"text": "Ours for good", "source": "human"}
    assert back["b"] == {"text": "A label", "source": "human"}


def test_a_new_comment_shows_after_the_next_refresh(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    name = schema.table("items")
    choose(warehouse, f"{schema.name}.items")
    warehouse.execute(f"comment on column {schema.name}.items.a is 'How many there are'")
    cli("tables", "refresh", "admin")
    assert described(cli, name)["a"] == {"text": "How many there are", "source": "comment"}


def test_the_owners_word_on_a_column_holds_at_once_and_for_every_profile(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    warehouse.execute(
        f"create table {schema.name}.people (email varchar(60), remark varchar(60))",
        f"insert into {schema.name}.people values ('anna.bell@example.com', 'blue'), ('ben.carr@example.com', 'red')",
    )
    name = TableName("dev", schema.name, "people")
    choose(warehouse, f"{schema.name}.people")
    first = profiles(warehouse)[name]
    cli("describe", "admin", f"{schema.name}.people", "--column", "email", "--personal", "none")
    cli("describe", "admin", f"{schema.name}.people", "--column", "remark", "--personal", "person_name")
    shown = cli("show", "admin", f"{schema.name}.people", "--json").document["columns"]
    second = profiles(warehouse)[name]

    assert [(one.name, one.masked) for one in first.columns] == [("email", True), ("remark", False)]
    assert [(one["profile"]["samples"], one["profile"]["masked"]) for one in shown] == [
        (["•••@•••.•••"], True), (["••• •••"], True),
    ]  # fmt: skip
    assert [(one.name, one.masked) for one in second.columns] == [("email", False), ("remark", True)]
    assert second.columns[0].samples == ("anna.bell@example.com", "ben.carr@example.com")
    assert second.columns[1].samples == ("••• •••",)
