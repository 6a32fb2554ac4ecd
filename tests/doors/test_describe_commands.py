"""`describe` and `dbt import` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import Run
from tests.described_home import CUSTOMERS, HOSTILE, ODD, ORDERS, Home, table
from tests.unit.adapters.test_manifests import Server

from wharfinger.describing.model import Description


@pytest.fixture
def shop(home: Path) -> Home:
    made = Home(home)
    made.refresh(ORDERS, CUSTOMERS, ODD)
    made.select(table(ORDERS, "All orders"), table(ODD))
    return made


def test_a_text_is_set_and_taken_back(cli: Run, shop: Home) -> None:
    done = cli("describe", "shop", "raw_shop.orders", "--text", "Every order we took", "--json")
    back = cli("describe", "shop", "raw_shop.orders", "--clear", "--json")

    assert (done.code, back.code) == (0, 0)
    assert done.document == {
        "table": "dev.raw_shop.orders",
        "database": "dev",
        "schema": "raw_shop",
        "name": "orders",
        "column": None,
        "description": {"text": "Every order we took", "source": "human"},
    }
    assert back.document["description"] == {"text": "All orders", "source": "comment"}


def test_a_column_is_found_without_case_and_named_as_it_is(cli: Run, shop: Home) -> None:
    done = cli("describe", "shop", "raw_shop.orders", "--column", "TOTAL", "--text", "What was paid", "--json")
    cleared = cli("describe", "shop", "raw_shop.orders", "--column", "id", "--clear", "--json")
    assert done.document["column"] == "total"
    assert cleared.document["description"] is None


def test_a_hostile_name_is_described_and_printed_quoted(cli: Run, shop: Home) -> None:
    quoted = '"raw shop.2"."' + HOSTILE.replace('"', '""') + '"'
    done = cli("describe", "shop", quoted, "--column", HOSTILE, "--text", "odd", "--json")
    assert done.document["table"] == f"dev.{quoted}"
    assert (done.document["name"], done.document["column"]) == (HOSTILE, HOSTILE)


def test_people_read_subject_text_and_source(cli: Run, shop: Home) -> None:
    answer = cli("describe", "shop", "raw_shop.orders", "--text", "Every order")
    assert answer.out == "dev.raw_shop.orders: Every order  (human)\n"
    assert cli("describe", "shop", "raw_shop.orders", "--column", "id", "--clear").out.endswith("id: no description\n")


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (["raw_shop.orders"], "invalid", 2),
        (["raw_shop.orders", "--text", "a", "--clear"], "invalid", 2),
        (["raw_shop.orders", "--text", "  "], "invalid", 2),
        (["raw_shop.orders", "--column", "nope", "--text", "a"], "not_found", 2),
        (["raw_shop.customers", "--text", "a"], "not_found", 2),
        (["orders", "--text", "a"], "invalid", 2),
        (["raw_shop.*", "--text", "a"], "not_found", 2),
        (["raw_shop.orders", "--personal", "none"], "invalid", 2),
        (["raw_shop.orders", "--column", "id", "--personal", "gossip"], "invalid", 2),
    ],
)
def test_what_cannot_be_described_is_told_by_kind(
    cli: Run, shop: Home, arguments: list[str], kind: str, code: int
) -> None:
    if arguments[0] == "raw_shop.*":
        shop.select(table(CUSTOMERS))
        kind = "invalid"
    answer = cli("describe", "shop", *arguments, "--json")
    assert (answer.code, answer.error["kind"]) == (code, kind)


def test_the_owner_says_what_a_column_holds(cli: Run, shop: Home) -> None:
    answer = cli("describe", "shop", "raw_shop.orders", "--column", "id", "--personal", "none", "--json")
    again = cli("describe", "shop", "raw_shop.orders", "--column", "id", "--personal", "auto", "--json")
    assert (answer.code, again.code) == (0, 0)


def test_dbts_texts_are_taken_over(cli: Run, shop: Home, tmp_path: Path) -> None:
    manifest = shop.manifest(
        tmp_path / "target",
        orders={"description": "As modelled", "columns": {"id": "Its number"}},
        customers={"description": "People"},
        left_over={"description": "Dropped"},
    )
    by_file = cli("dbt", "import", "shop", "--manifest", manifest, "--json")
    by_project = cli("dbt", "import", "shop", "--manifest", tmp_path, "--json")

    assert by_file.document == by_project.document
    assert by_file.document == {
        "matched": 1,
        "unmatched": ['"DEV"."Raw_Shop".left_over'],
        "unselected": ["dev.raw_shop.customers"],
        "described": 1,
        "columns": 1,
        "unmatched_columns": [],
        "replaced": [],
        "shortened": [],
        "ephemeral": 0,
        "disabled": 0,
    }
    assert cli("describe", "shop", "raw_shop.orders", "--clear", "--json").document["description"]["source"] == "dbt"


@pytest.mark.parametrize(
    ("manifest", "kind"),
    [
        ("/nowhere/at/all", "not_found"),
        ("http://host.example/manifest.json", "invalid"),
        ("https://user:password@host.example/manifest.json", "invalid"),
        ("ftp://host.example/manifest.json", "invalid"),
        ("https://host.example", "invalid"),
        ("s3://bucket/", "invalid"),
        ("s3:///manifest.json", "invalid"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_told(cli: Run, shop: Home, manifest: str, kind: str) -> None:
    answer = cli("dbt", "import", "shop", "--manifest", manifest, "--json")
    assert (answer.code, answer.error["kind"]) == (2, kind)
    assert answer.error["next_step"]


def test_a_manifest_on_a_server_is_taken_over_and_its_place_remembered(cli: Run, shop: Home, tmp_path: Path) -> None:
    words = shop.manifest(tmp_path / "target", orders={"description": "From afar"}, customers={"description": "People"})
    server = Server(lambda _: (200, {}, Path(words).read_bytes()))
    try:
        imported = cli("dbt", "import", "shop", "--manifest", f"{server.address}/manifest.json", "--json")
        shop.select(table(CUSTOMERS))
        assert shop.app.descriptions.describe(shop.app.connections.get("shop"), [CUSTOMERS]) == {}
    finally:
        server.stop()

    assert imported.document["matched"] == 1
    assert shop.described("raw_shop.customers") == Description("People", "dbt")
    assert len(server.asked) == 2  # by the command, and for the table that was selected later


def test_an_unknown_connection_is_not_found(cli: Run, shop: Home) -> None:
    assert cli("describe", "nobody", "a.b", "--text", "x", "--json").error["kind"] == "not_found"
    assert cli("dbt", "import", "nobody", "--manifest", "x", "--json").error["kind"] == "not_found"


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("none", "no personal data"),
        ("email", "personal data, email"),
        ("auto", "personal data is recognized automatically"),
    ],
)
def test_people_read_the_choice_about_personal_data(cli: Run, shop: Home, kind: str, says: str) -> None:
    answer = cli("describe", "shop", "raw_shop.orders", "--column", "total", "--personal", kind)
    assert answer.out == f"dev.raw_shop.orders.total: {says}\n"


def test_people_read_how_many_tables_dbt_knows(cli: Run, shop: Home, tmp_path: Path) -> None:
    about = {"description": "As modelled"}
    manifest = shop.manifest(tmp_path / "target", orders=about, customers=about, left_over=about)
    answer = cli("dbt", "import", "shop", "--manifest", manifest)

    assert answer.out.splitlines() == [
        "dbt knows 1 selected table: texts for 1 of them and for 0 columns",
        "Not in the warehouse: 1 relation of dbt",
        '  "DEV"."Raw_Shop".left_over',
    ]
    assert answer.err == "dbt knows 1 table more that you did not select; once selected, they get dbt's texts\n"
