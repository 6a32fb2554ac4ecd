"""What people wrote and decided survives a deselection, sealed and unseen, and is deleted only where this was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import Run
from tests.described_home import CUSTOMERS, HOSTILE, ODD, ORDERS, Home, table

from wharfinger.core.acting import Actor
from wharfinger.core.errors import Conflict, Refused
from wharfinger.core.session import Usage
from wharfinger.store.models import ColumnChoice, KeptByPeople, TableText

MINE, OF_ID = "Orders as the shop sees them", "The number on the receipt"


@pytest.fixture
def shop(home: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Two selected tables; people wrote two texts and one choice about `orders`, and nothing about `customers`."""
    made = Home(home)
    made.refresh(ORDERS, CUSTOMERS, ODD)
    made.select(table(ORDERS), table(CUSTOMERS))
    descriptions = made.app.descriptions
    descriptions.set_text(made.shop, "raw_shop.orders", MINE)
    descriptions.set_text(made.shop, "raw_shop.orders", OF_ID, "id")
    descriptions.choose_personal(made.shop, "raw_shop.orders", HOSTILE, "person_name")
    # Selecting reads the details of a table in the warehouse, which these tests do without.
    monkeypatch.setattr("wharfinger.catalog.service.CatalogService.read_selected", lambda *_: None)
    return made


def by_people(cli: Run, *arguments: str) -> dict[str, int]:
    answer = cli("tables", *arguments, "--json")
    assert answer.code == 0, answer
    return dict(answer.document["by_people"])


def written(home: Home) -> tuple[object, object, dict[str, str]]:
    found = home.described("raw_shop.orders"), home.described("raw_shop.orders", "id")
    return *(one.text if one else None for one in found), dict(home.app.parts.choices.of(home.connection, ORDERS))


def test_what_people_wrote_is_back_when_the_table_is_selected_again(cli: Run, shop: Home) -> None:
    kept = by_people(cli, "deselect", "shop", "raw_shop.*")
    brought_back = by_people(cli, "select", "shop", "raw_shop.orders")
    shop.catalog.save(shop.connection, [table(ORDERS)])

    assert kept == brought_back == {"texts": 2, "choices": 1}
    assert written(shop) == (MINE, OF_ID, {HOSTILE: "person_name"})
    assert KeptByPeople.objects.count() == 0


def test_what_people_wrote_is_back_after_the_table_was_gone(cli: Run, shop: Home) -> None:
    cli("tables", "deselect", "shop", "raw_shop.*")
    shop.refresh(CUSTOMERS)
    shop.refresh(CUSTOMERS)
    assert cli("tables", "select", "shop", "raw_shop.orders").code == 2
    shop.refresh(ORDERS, CUSTOMERS)

    assert by_people(cli, "select", "shop", "raw_shop.orders") == {"texts": 2, "choices": 1}
    assert written(shop)[2] == {HOSTILE: "person_name"}


def test_while_the_table_is_not_selected_nothing_shows_what_was_written(cli: Run, shop: Home, home: Path) -> None:
    cli("tables", "deselect", "shop", "raw_shop.*")
    answers = [
        cli("tables", "list", "shop", "--search", "orders", "--json"),
        cli("show", "shop", "raw_shop.orders", "--json"),
        cli("connection", "show", "shop", "--json"),
    ]
    (row,) = KeptByPeople.objects.all()

    assert [one.code for one in answers] == [0, 2, 0]
    assert not any(text in one.out for one in answers for text in (MINE, OF_ID, "person_name"))
    assert MINE.encode() not in bytes(row.sealed)
    assert (TableText.objects.count(), ColumnChoice.objects.count()) == (0, 0)
    assert shop.app.descriptions.coverage(shop.shop).tables == 0


def test_what_is_kept_opens_for_its_own_table_only(cli: Run, shop: Home) -> None:
    cli("tables", "deselect", "shop", "raw_shop.*")
    KeptByPeople.objects.update(name="customers")

    with pytest.raises(Conflict, match="cannot be opened"):
        shop.app.catalog.select(shop.shop, ["raw_shop.customers"], Usage())
    assert KeptByPeople.objects.count() == 1
    assert not list(shop.app.catalog.entries(shop.shop, selected=True))


@pytest.mark.parametrize("before", [[], ["raw_shop.orders"]])
def test_forget_deletes_it_also_after_the_deselection(cli: Run, shop: Home, before: list[str]) -> None:
    if before:
        cli("tables", "deselect", "shop", *before)
        shop.refresh(CUSTOMERS)
        shop.refresh(CUSTOMERS)
    assert by_people(cli, "deselect", "shop", "raw_shop.*", "--forget") == {"texts": 2, "choices": 1}
    shop.refresh(ORDERS, CUSTOMERS)

    assert by_people(cli, "select", "shop", "raw_shop.orders") == {"texts": 0, "choices": 0}
    assert written(shop) == (None, None, {})
    event = next(one for one in shop.app.audit.events() if one.action == "tables:deselect")
    assert event.detail.endswith("2 texts and 1 choice about personal data deleted")


def test_selecting_with_forget_begins_without_the_former_texts(cli: Run, shop: Home) -> None:
    cli("tables", "deselect", "shop", "raw_shop.*")
    cli("tables", "select", "shop", "raw_shop.orders", "--forget")

    assert written(shop) == (None, None, {})
    assert KeptByPeople.objects.count() == 0


def test_the_record_of_a_selection_counts_what_was_kept_and_brought_back(cli: Run, shop: Home) -> None:
    cli("tables", "deselect", "shop", "raw_shop.*")
    cli("tables", "select", "shop", "raw_shop.*")
    details = [event.detail for event in shop.app.audit.events() if event.action.startswith("tables:")]

    assert details == [
        "2 tables, 2 texts and 1 choice about personal data brought back",
        "2 tables, 2 texts and 1 choice about personal data kept",
    ]


@pytest.mark.parametrize("deselected", [False, True])
def test_a_connection_with_texts_of_people_is_not_removed_without_being_asked(
    cli: Run, shop: Home, deselected: bool
) -> None:
    if deselected:
        cli("tables", "deselect", "shop", "raw_shop.*")
    answer = cli("connection", "remove", "shop", "--json")

    assert (answer.code, answer.error["kind"]) == (3, "refused")
    assert answer.error["why"].startswith("2 texts and 1 choice about personal data would be deleted")
    assert "--yes" in answer.error["next_step"]
    assert cli("connection", "show", "shop").code == 0
    assert cli("connection", "remove", "shop", "--yes", "--json").document == {"removed": "shop"}
    assert KeptByPeople.objects.count() == 0
    event = cli("audit", "list", "--json").document["events"][0]
    assert event["detail"] == "with 2 texts and 1 choice about personal data"


def test_a_member_may_not_even_count_what_a_removal_would_delete(shop: Home) -> None:
    with pytest.raises(Refused):
        shop.app.acting(Actor("anna@example.com", "member")).connections.by_people(shop.shop)
