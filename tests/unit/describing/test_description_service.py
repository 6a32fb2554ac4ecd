"""Texts of people, dbt and rules in an encrypted home, for tables that are dropped and created again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.described_home import CUSTOMERS, HOSTILE, ODD, ORDERS, SIGNATURE, Home, table

from wharfinger.core.errors import Conflict, Invalid, NotFound, Unavailable
from wharfinger.core.names import TableName
from wharfinger.describing.model import Description, Texts
from wharfinger.describing.rules import Evidence, RulesWriter
from wharfinger.describing.service import DescriptionService
from wharfinger.describing.store import DescriptionStore
from wharfinger.personal.store import ChoiceStore
from wharfinger.store.models import TableText


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.refresh(ORDERS, CUSTOMERS, ODD)
    made.select(table(ORDERS, "All orders"), table(ODD))
    return made


def test_each_stronger_source_shows_and_clearing_it_shows_the_next(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    seen = [home.source("raw_shop.orders", "total")]
    assert descriptions.describe(home.shop, [ORDERS]) == {}
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", orders={"columns": {"TOTAL": "As billed"}}))
    seen.append(home.source("raw_shop.orders", "total"))
    done = descriptions.set_text(home.shop, "raw_shop.orders", " What was paid ", "total")
    seen.append(home.source("raw_shop.orders", "total"))
    cleared = descriptions.clear_text(home.shop, "raw_shop.orders", "total")

    assert seen == ["comment", "dbt", "human"]
    assert done.description == Description("What was paid", "human")
    assert cleared.description == Description("As billed", "dbt")
    assert home.source("raw_shop.orders", "id") == "rules"


def test_nothing_weaker_overwrites_what_a_person_wrote(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    descriptions.set_text(home.shop, "raw_shop.orders", "By hand")
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", orders={"description": "By dbt"}))
    descriptions.describe(home.shop, [ORDERS])
    home.refresh(ORDERS, CUSTOMERS, ODD)

    assert home.described("raw_shop.orders") == Description("By hand", "human")


def test_a_human_text_can_be_changed_and_stands_beside_those_of_other_columns(home: Home) -> None:
    descriptions = home.app.descriptions
    descriptions.set_text(home.shop, "raw_shop.orders", "one", "id")
    descriptions.set_text(home.shop, "raw_shop.orders", "two", "total")
    descriptions.set_text(home.shop, "raw_shop.orders", "three", "ID")

    assert home.described("raw_shop.orders", "id") == Description("three", "human")
    assert home.described("raw_shop.orders", "total") == Description("two", "human")
    assert TableText.objects.filter(source="human").count() == 1


def test_hostile_names_are_described_like_any_other(home: Home) -> None:
    escaped = HOSTILE.replace('"', '""')
    done = home.app.descriptions.set_text(home.shop, f'"raw shop.2"."{escaped}"', "Odd but ours", HOSTILE)
    assert (done.table, done.column) == (ODD, HOSTILE)
    assert done.description == Description("Odd but ours", "human")


def test_a_vanished_table_keeps_its_human_text_and_has_it_when_it_is_back(home: Home) -> None:
    home.app.descriptions.set_text(home.shop, "raw_shop.orders", "By hand")
    home.refresh(CUSTOMERS, ODD)
    gone = home.app.catalog.table(home.shop, "raw_shop.orders")
    text_while_gone = home.described("raw_shop.orders")
    home.refresh(ORDERS, CUSTOMERS, ODD)

    assert gone.state == "gone"
    assert text_while_gone == home.described("raw_shop.orders") == Description("By hand", "human")


def test_deselecting_deletes_every_text_that_no_person_wrote(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", orders={"description": "By dbt"}))
    descriptions.describe(home.shop, [ORDERS, ODD])
    home.app.catalog.deselect(home.shop, ["raw_shop.orders"])
    home.select(table(ORDERS))

    assert set(DescriptionStore(home.app.parts.sealer).all(home.connection)) == {ODD}
    assert home.described("raw_shop.orders") is None


def test_a_table_that_is_not_selected_is_neither_described_nor_kept(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    with pytest.raises(NotFound, match="not selected"):
        descriptions.set_text(home.shop, "raw_shop.customers", "text")
    done = descriptions.import_dbt(
        home.shop,
        home.manifest(
            tmp_path / "p", orders={"description": "o"}, customers={"description": "c"}, lost={"description": "l"}
        ),
    )
    errors = descriptions.describe(home.shop, [CUSTOMERS])

    assert (done.matched, done.unselected) == (1, (CUSTOMERS,))
    assert [str(name) for name in done.unmatched] == ['"DEV"."Raw_Shop".lost']
    assert [type(error) for error in errors.values()] == [NotFound]
    assert set(DescriptionStore(home.app.parts.sealer).all(home.connection)) == {ORDERS}


def test_dbts_words_reach_a_table_that_is_selected_after_the_import(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", customers={"description": "All customers"}))
    home.select(table(CUSTOMERS))
    assert descriptions.describe(home.shop, [CUSTOMERS]) == {}
    assert home.described("raw_shop.customers") == Description("All customers", "dbt")


def test_a_manifest_that_has_gone_since_leaves_what_was_imported(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", orders={"description": "By dbt"}))
    shutil.rmtree(tmp_path / "p")
    assert descriptions.describe(home.shop, [ORDERS]) == {}
    assert home.described("raw_shop.orders") == Description("By dbt", "dbt")


def test_a_second_import_of_a_project_replaces_the_first_and_leaves_other_projects(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    home.select(table(CUSTOMERS))
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "a", orders={"description": "old"}))
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "b", "other", customers={"description": "theirs"}))
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "a", orders={"columns": {"id": "number"}}))

    assert home.source("raw_shop.orders") == "comment"
    assert home.described("raw_shop.orders", "id") == Description("number", "dbt")
    assert home.described("raw_shop.customers") == Description("theirs", "dbt")


def test_a_column_that_does_not_exist_is_told_with_names_near_to_it(home: Home) -> None:
    with pytest.raises(NotFound) as caught:
        home.app.descriptions.set_text(home.shop, "raw_shop.orders", "text", "totals")
    assert "total" in caught.value.why


def test_an_empty_text_is_no_way_to_clear(home: Home) -> None:
    with pytest.raises(Invalid, match="remove the present one") as caught:
        home.app.descriptions.set_text(home.shop, "raw_shop.orders", "  ")
    assert caught.value.fields == ("text", "clear")


def test_texts_with_measured_values_are_sealed_in_the_store(home: Home) -> None:
    home.app.descriptions.describe(home.shop, [ORDERS])
    home.app.descriptions.set_text(home.shop, "raw_shop.orders", "By hand")
    rows = {row.source: row for row in TableText.objects.all()}

    assert rows["rules"].texts is None
    assert b"declared not null" not in bytes(rows["rules"].sealed or b"")
    assert rows["human"].texts == {"table": "By hand", "columns": {}}


def test_a_sealed_text_moved_to_another_table_is_not_believed(home: Home) -> None:
    home.app.descriptions.describe(home.shop, [ORDERS])
    TableText.objects.filter(source="rules").update(schema="raw shop.2", name=HOSTILE)
    with pytest.raises(Conflict):
        DescriptionStore(home.app.parts.sealer).of(home.connection, ODD)


def test_describing_again_writes_the_same_words(home: Home) -> None:
    texts = DescriptionStore(home.app.parts.sealer)
    home.app.descriptions.describe(home.shop, [ORDERS, ODD])
    first = texts.all(home.connection)
    home.app.descriptions.describe(home.shop, [ORDERS, ODD])
    assert texts.all(home.connection) == first
    assert isinstance(first[ODD]["rules"], Texts)


class Mute(RulesWriter):
    """A writer that cannot write."""

    def write(self, evidence: Evidence) -> Texts:
        raise Unavailable("No words", subject=str(evidence.table.name))


def test_a_view_that_could_not_be_described_is_not_taken_for_processed(home: Home) -> None:
    home.select(replace(table(CUSTOMERS), kind="view"))
    app, texts = home.app, DescriptionStore(home.app.parts.sealer)
    writing = DescriptionService(
        app.catalog, app.profiles, texts, ChoiceStore(), Mute(), app.acts, lambda: app.parts.manifests
    )

    assert set(writing.describe(app.connections.get("shop"), [CUSTOMERS])) == {CUSTOMERS}
    assert app.catalog.table(app.connections.get("shop"), "raw_shop.customers").processed is None
    assert app.descriptions.describe(app.connections.get("shop"), [CUSTOMERS]) == {}
    assert app.catalog.table(app.connections.get("shop"), "raw_shop.customers").processed == SIGNATURE


def test_coverage_leaves_out_what_adds_nothing(home: Home) -> None:
    before = home.app.descriptions.coverage(home.shop)
    home.app.descriptions.describe(home.shop, [ORDERS, ODD])
    home.app.descriptions.set_text(home.shop, "raw_shop.orders", "Orders table")
    after = home.app.descriptions.coverage(home.shop)

    assert (before.tables, before.columns) == (after.tables, after.columns) == (2, 6)
    assert (before.described_tables, before.described_columns) == (1, 2)
    assert (after.described_tables, after.described_columns) == (0, 4)


def test_the_owners_word_on_personal_data_reaches_profiling_and_can_be_taken_back(home: Home) -> None:
    choices = ChoiceStore()
    home.app.descriptions.choose_personal(home.shop, "raw_shop.orders", "ID", "none")
    home.app.descriptions.choose_personal(home.shop, "raw_shop.orders", "total", "card")
    chosen = choices.of(home.connection, ORDERS)
    home.app.descriptions.choose_personal(home.shop, "raw_shop.orders", "id", None)

    assert chosen == {"id": "none", "total": "card"}
    assert choices.of(home.connection, ORDERS) == {"total": "card"}


def test_what_people_do_is_in_the_audit_log_without_the_text(home: Home) -> None:
    home.app.descriptions.set_text(home.shop, "raw_shop.orders", "A word of mine", "total")
    event = home.app.audit.events(limit=1)[0]
    assert (event.action, event.subject) == ("describe:set", "dev.raw_shop.orders.total")
    assert "A word of mine" not in f"{event}"


def test_many_tables_are_described_at_once(home: Home) -> None:
    names = [TableName("dev", "raw_shop", f"t{number:03d}") for number in range(450)]
    home.refresh(ORDERS, CUSTOMERS, ODD, *names)
    home.select(*(replace(table(ORDERS), name=name) for name in names))

    assert home.app.descriptions.describe(home.shop, names) == {}
    assert len(DescriptionStore(home.app.parts.sealer).all(home.connection)) == 450


def test_what_a_dbt_project_says_no_more_goes_with_its_next_import(home: Home, tmp_path: Path) -> None:
    descriptions = home.app.descriptions
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", orders={"columns": {"id": "By dbt"}}))
    before = home.source("raw_shop.orders", "id")
    descriptions.import_dbt(home.shop, home.manifest(tmp_path / "p", customers={"description": "Others"}))

    assert (before, home.source("raw_shop.orders", "id")) == ("dbt", None)
