"""Manifests of dbt 1.5 to 1.11 and of v2 are read alike, and their relations find their tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wharfinger.catalog.model import Column, Entry, Table
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import TableName
from wharfinger.dbt.manifests.files import manifest_path, read_manifest
from wharfinger.dbt.manifests.manifest import Relation
from wharfinger.describing.dbt_texts import match, texts_of
from wharfinger.describing.model import LONGEST_TEXT, Texts
from wharfinger_sandbox.data.manifest import MANIFEST, PROJECT


def node(**members: Any) -> dict[str, Any]:
    plain = {"resource_type": "model", "database": "dev", "schema": "analytics", "name": "orders", "alias": "orders"}
    return {"description": "", "columns": {}, "package_name": "shop", **plain, **members}


def write(folder: Path, version: int = 12, nodes: dict[str, Any] | None = None, **members: Any) -> Path:
    schema = f"https://schemas.getdbt.com/dbt/manifest/v{version}.json"
    document = {"metadata": {"dbt_schema_version": schema}, "nodes": nodes or {}, "sources": {}, **members}
    path = folder / "manifest.json"
    path.write_text(json.dumps(document))
    return path


def entry(database: str, schema: str, name: str) -> Entry:
    return Entry(TableName(database, schema, name), "table")


def relation(database: str, schema: str, name: str, text: str = "", **columns: str) -> Relation:
    return Relation("model", database, schema, name, text, columns)


def test_the_manifest_that_dbt_itself_wrote_is_read_whole() -> None:
    read = read_manifest(MANIFEST)
    kinds = [one.resource for one in read.relations]
    orders = next(one for one in read.relations if one.name == "orders")

    assert read.project == "quayside"
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "source": 9,
        "seed": 1,
        "snapshot": 1,
        "model": 8,
    }
    assert orders.description == "Every order placed in the web shop or at a till, one row an order."
    assert set(orders.columns) == {"id", "total"}
    assert any(one.name == "store_revenue" for one in read.relations)


@pytest.mark.parametrize("version", [9, 10, 11, 12, 20])
def test_each_schema_version_since_dbt_1_5_is_known(tmp_path: Path, version: int) -> None:
    path = write(tmp_path, version, {"a": node(description="All orders")})
    assert read_manifest(path).relations[0].description == "All orders"
    assert read_manifest(path).project == "shop"


@pytest.mark.parametrize("version", [4, 8, 13, 19, 21])
def test_another_schema_version_is_named(tmp_path: Path, version: int) -> None:
    with pytest.raises(Invalid, match=f"v{version}"):
        read_manifest(write(tmp_path, version))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"metadata": {}}', '{"nodes": {}}', '"text"', "\ufeff{}", "[" * 100_000]
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(Invalid, match="Not a dbt manifest"):
        read_manifest(path)


def test_what_is_no_relation_is_left_out(tmp_path: Path) -> None:
    nodes = {
        "test": node(resource_type="test"),
        "analysis": node(resource_type="analysis"),
        "operation": node(resource_type="operation"),
        "unit": node(resource_type="unit_test"),
        "ephemeral": node(config={"materialized": "ephemeral"}),
        "model": node(alias="kept"),
    }
    assert [one.name for one in read_manifest(write(tmp_path, nodes=nodes)).relations] == ["kept"]


def test_the_v2_engine_leaves_empty_what_it_does_not_know(tmp_path: Path) -> None:
    columns = [{"name": "id", "description": "Its number"}, {"name": "total", "description": None}]
    nodes = {"m": node(config=None, description=None, columns=columns, database=None, meta=None)}
    read = read_manifest(write(tmp_path, 20, nodes, sources=None)).relations

    assert [(one.database, one.description, dict(one.columns)) for one in read] == [("", "", {"id": "Its number"})]


def test_a_relation_is_known_by_alias_or_identifier(tmp_path: Path) -> None:
    sources = {"s": node(resource_type="source", alias=None, identifier="orders_raw", name="orders")}
    assert [one.name for one in read_manifest(write(tmp_path, sources=sources)).relations] == ["orders_raw"]


@pytest.mark.parametrize("text", ["https://host.example/target/manifest.json?key=s3cret", "s3://bucket/manifest.json"])
def test_an_address_on_the_network_is_refused_without_its_query(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        manifest_path(text)
    assert "s3cret" not in str(caught.value)


def test_file_project_and_target_folder_lead_to_the_manifest() -> None:
    assert (
        manifest_path(str(MANIFEST))
        == manifest_path(str(PROJECT))
        == manifest_path(str(PROJECT / "target"))
        == MANIFEST
    )


def test_a_folder_without_a_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="dbt parse"):
        manifest_path(str(tmp_path))


def test_relations_find_tables_without_regard_to_case() -> None:
    entries = [entry("dev", "analytics", "dim_customers"), entry("marketing", "ads", "daily_spend")]
    found = match(
        [
            relation("DEV", "Analytics", "DIM_CUSTOMERS"),
            relation("marketing", "ads", "gone"),
            relation("", "analytics", "x"),
        ],
        entries,
        "dev",
    )
    assert set(found.tables) == {TableName("dev", "analytics", "dim_customers")}
    assert found.unmatched == (TableName("dev", "analytics", "x"), TableName("marketing", "ads", "gone"))


def test_a_relation_without_database_is_of_the_connections_own() -> None:
    assert set(match([relation("", "a", "b")], [entry("dev", "a", "b")], "dev").tables) == {TableName("dev", "a", "b")}


def test_tables_that_differ_in_case_only_match_exactly_or_not_at_all() -> None:
    entries = [entry("dev", "a", "Orders"), entry("dev", "a", "orders")]
    assert set(match([relation("dev", "a", "Orders")], entries, "dev").tables) == {TableName("dev", "a", "Orders")}
    assert match([relation("dev", "a", "ORDERS")], entries, "dev").unmatched == (TableName("dev", "a", "ORDERS"),)


def test_a_gone_table_matches_nothing() -> None:
    gone = Entry(TableName("dev", "a", "b"), "table", selected=True, state="gone")
    assert match([relation("dev", "a", "b")], [gone], "dev").tables == {}


def test_columns_are_matched_without_case_and_strangers_left_out() -> None:
    table = Table(
        TableName("dev", "a", "b"), "table", columns=(Column("Id", "integer", 1), Column("größe", "integer", 2))
    )
    taken = texts_of(table, [relation("dev", "a", "b", "T", ID="number", GRÖSSE="x", GRÖẞE="size", stranger="no")])
    found = taken.texts
    assert [place.column for place in taken.unmatched] == ["stranger"]
    assert [place.column for place in taken.replaced] == ["GRÖSSE"]
    assert found.columns["Id"] == "number"
    assert set(found.columns) == {"Id", "größe"}
    assert found.table == "T"


def test_a_models_words_go_before_a_sources() -> None:
    table = Table(TableName("dev", "a", "b"), "table", columns=(Column("id", "integer", 1), Column("n", "integer", 2)))
    source = Relation("source", "dev", "a", "b", "as source", {"id": "source id", "n": "source n"})
    model = Relation("model", "dev", "a", "b", "as model", {"id": "model id"})
    taken = texts_of(table, [source, model])
    assert [place.column for place in taken.replaced] == ["", "id"]
    assert taken.texts == Texts("as model", {"id": "model id", "n": "source n"})
    assert texts_of(table, [source, Relation("model", "dev", "a", "b", "", {})]).texts.table == "as source"


def test_quoted_columns_match_exactly_or_in_lower_case() -> None:
    table = Table(
        TableName("dev", "a", "b"),
        "table",
        columns=tuple(Column(name, "integer", 1) for name in ("Id", "orderid", "N")),
    )
    words = {'"Id"': "exact", "OrderId": "folded by Redshift", "id": "another", '"n"': "none", "n": "without case"}
    one = Relation("model", "dev", "a", "b", "", words, frozenset({"OrderId", "id"}))
    taken = texts_of(table, [one])

    assert taken.texts.columns == {"Id": "exact", "orderid": "folded by Redshift", "N": "without case"}
    assert [place.column for place in taken.unmatched] == ["id", '"n"']
    assert taken.replaced == ()


def test_of_two_texts_for_one_column_the_exact_one_stays_and_the_other_is_listed() -> None:
    table = Table(TableName("dev", "a", "b"), "table", columns=(Column("id", "integer", 1),))
    taken = texts_of(table, [relation("dev", "a", "b", id="exact", ID="folded")])
    assert taken.texts.columns == {"id": "exact"}
    assert [place.column for place in taken.replaced] == ["ID"]


def test_a_text_that_is_too_long_is_listed() -> None:
    table = Table(TableName("dev", "a", "b"), "table", columns=(Column("id", "integer", 1),))
    taken = texts_of(table, [relation("dev", "a", "b", "x" * (LONGEST_TEXT + 1), id="y" * (LONGEST_TEXT + 1))])
    assert [place.column for place in taken.shortened] == ["", "id"]
    assert len(taken.texts.table) == LONGEST_TEXT


def test_texts_of_nodes_without_a_relation_are_counted(tmp_path: Path) -> None:
    nodes = {
        "a": node(config={"materialized": "ephemeral"}, description="x"),
        "b": node(config={"materialized": "ephemeral"}),
        "c": node(resource_type="test", description="a test is no table"),
        "d": node(name="orders", alias="orders_v2", version=2, description="The second version"),
    }
    disabled = {"e": [node(columns={"id": {"name": "id", "description": "x"}})], "f": [node()], "g": "?"}
    semantic = {"s": {"name": "orders", "description": "not a table"}}
    read = read_manifest(write(tmp_path, nodes=nodes, disabled=disabled, semantic_models=semantic))

    assert [one.name for one in read.relations] == ["orders_v2"]
    assert (read.ephemeral, read.disabled) == (1, 1)


def test_which_columns_dbt_quotes_is_read(tmp_path: Path) -> None:
    columns = {
        name: {"name": name, "description": "x", **more} for name, more in {"A": {"quote": True}, "b": {}}.items()
    }
    source = node(
        resource_type="source", name="s", alias=None, identifier="s", columns=columns, quoting={"column": True}
    )
    read = read_manifest(write(tmp_path, nodes={"m": node(columns=columns)}, sources={"s": source}))
    assert {one.name: one.quoted for one in read.relations} == {"s": {"A", "b"}, "orders": {"A"}}
