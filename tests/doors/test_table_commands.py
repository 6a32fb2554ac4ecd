"""`tables` and `show` on the command line, on a home that needs no warehouse: the documents, errors and permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.command_line import Run
from tests.described_home import CUSTOMERS, HOSTILE, ODD, ORDERS, SIGNATURE, Home, table

from wharfinger.app import App
from wharfinger.catalog.model import Keys
from wharfinger.core.acting import Actor
from wharfinger.core.errors import Refused
from wharfinger.core.session import Usage
from wharfinger.describing.edits import ClearText
from wharfinger.describing.rules import Evidence, RulesWriter
from wharfinger.jobs.store_statuses import StatusStore
from wharfinger.profiling.model import ColumnProfile, TableProfile


@pytest.fixture
def shop(home: Path) -> Home:
    made = Home(home)
    made.refresh(ORDERS, CUSTOMERS, ODD)
    made.select(replace(table(ORDERS, "All orders"), keys=Keys(primary=("id",))))
    return made


def test_the_tree_is_listed_with_names_selection_and_state(cli: Run, shop: Home) -> None:
    everything = cli("tables", "list", "shop", "--json").document["tables"]
    found = cli("tables", "list", "shop", "--search", "ORDER", "--json").document["tables"]
    selected = cli("tables", "list", "shop", "--selected", "--json").document["tables"]

    assert [one["name"] for one in everything] == [HOSTILE, "customers", "orders"]
    assert found == selected
    assert found == [
        {
            "table": "dev.raw_shop.orders",
            "database": "dev",
            "schema": "raw_shop",
            "name": "orders",
            "kind": "table",
            "selected": True,
            "state": "ok",
        }
    ]


def test_a_table_is_shown_with_texts_figures_and_signal(cli: Run, shop: Home) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    columns = (ColumnProfile("id", 0, "1", "9", 9), ColumnProfile(HOSTILE, 2, samples=("blue", "red")))
    assert shop.app.parts.profiles.save(shop.connection, TableProfile(ORDERS, 9, columns, "full", SIGNATURE, at))
    document = cli("show", "shop", "raw_shop.orders", "--json").document
    columns_shown = document.pop("columns")
    signal = document.pop("signal")

    assert document == {
        "table": "dev.raw_shop.orders",
        "database": "dev",
        "schema": "raw_shop",
        "name": "orders",
        "kind": "table",
        "state": "ok",
        "rows": 9,
        "description": {"text": "All orders", "source": "comment"},
        "profiled_at": "2026-11-21T12:00:00+00:00",
        "jobs": {},
        "columns_unknown": None,
    }
    assert (signal["name"], bool(signal["misses"])) == ("age", True)
    assert columns_shown[0] == {
        "name": "id",
        "type": "bigint",
        "nullable": False,
        "key": "primary",
        "description": None,
        "profile": {"nulls": 0, "min": "1", "max": "9", "distinct": 9, "samples": [], "masked": False},
    }
    assert columns_shown[1]["description"] == {"text": "Gross of tax", "source": "comment"}
    assert columns_shown[1]["profile"] is None
    assert columns_shown[2]["profile"]["samples"] == ["blue", "red"]


def fail(shop: Home, kind: str) -> None:
    error = Refused("No right to read", why="permission denied", next_step="Grant select", fields=["yes"])
    StatusStore().set_statuses(shop.connection, kind, [ORDERS], "completed", {ORDERS: error.record()})


def test_a_failed_attempt_is_shown_with_its_cause_and_next_step(cli: Run, shop: Home) -> None:
    fail(shop, "profile")
    shown = cli("show", "shop", "raw_shop.orders").out
    job = cli("show", "shop", "raw_shop.orders", "--json").document["jobs"]["profile"]

    assert "profiled\tnot yet: it failed\n" in shown
    assert re.search(r"profile failed at \d{4}-\d\d-\d\d \d\d:\d\d UTC: No right to read\n", shown)
    assert "  Why: permission denied\n  Next: Grant select\n" in shown
    assert (job["status"], job["error"]["why"], bool(job["at"])) == ("failed", "permission denied", True)


def test_a_good_profile_stays_beside_a_later_failure_and_is_called_out_of_date(cli: Run, shop: Home) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    shop.app.parts.profiles.save(shop.connection, TableProfile(ORDERS, 9, (), "basic", SIGNATURE, at))
    fail(shop, "profile")
    shown = cli("show", "shop", "raw_shop.orders").out

    assert "profiled\t2026-11-21 12:00 UTC, basic, out of date: a later attempt failed\n" in shown
    assert "No right to read" in shown


def test_a_failed_description_is_shown_too_and_a_deselection_deletes_the_status(cli: Run, shop: Home) -> None:
    fail(shop, "describe")
    assert "describe failed at" in cli("show", "shop", "raw_shop.orders").out
    cli("tables", "deselect", "shop", "raw_shop.orders")
    shop.select(table(ORDERS))

    assert cli("show", "shop", "raw_shop.orders", "--json").document["jobs"] == {}


def test_a_view_that_cannot_be_expanded_has_unknown_columns_with_the_cause(cli: Run, shop: Home) -> None:
    shop.select(replace(table(CUSTOMERS), kind="late_binding_view", columns=()))
    shown = cli("show", "shop", "raw_shop.customers")
    document = cli("show", "shop", "raw_shop.customers", "--json").document
    written = RulesWriter().write(Evidence(replace(table(CUSTOMERS), kind="late_binding_view", columns=())))

    assert "Columns unknown: the warehouse cannot expand this view" in shown.out
    assert "wharfinger tables refresh shop" in shown.out
    assert document["columns"] == []
    assert document["columns_unknown"].startswith("the warehouse cannot expand this view")
    assert written.table == "Customers: late-binding view with unknown columns."


def test_a_selected_table_that_is_gone_says_what_is_shown_and_what_to_do(cli: Run, shop: Home) -> None:
    shop.refresh(CUSTOMERS)
    shown = cli("show", "shop", "raw_shop.orders").out

    assert "The last refresh did not find this table; what is shown is older." in shown
    assert "wharfinger tables refresh shop" in shown


def test_a_table_that_is_not_selected_is_refused_with_the_command_that_selects_it(cli: Run, shop: Home) -> None:
    error = cli("show", "shop", "raw_shop.customers", "--json").error

    assert error["kind"] == "not_found"
    assert error["next_step"] == "Select it first: wharfinger tables select shop dev.raw_shop.customers"


def test_a_name_of_several_tables_is_answered_with_the_command_that_lists_them(cli: Run, shop: Home) -> None:
    shop.select(table(CUSTOMERS))
    error = cli("show", "shop", "raw_shop.*", "--json").error

    assert error["kind"] == "invalid"
    assert error["next_step"].endswith("(TABLE): wharfinger tables list shop")


def test_deselecting_counts_what_matched_and_what_is_left(cli: Run, shop: Home) -> None:
    nothing = {"texts": 0, "choices": 0}
    first = cli("tables", "deselect", "shop", "raw_shop.*", "--json").document
    assert first == {"selected": 0, "matched": 2, "changed": 1, "by_people": nothing}
    again = cli("tables", "deselect", "shop", "raw_shop.*", "--json").document
    assert again == {"selected": 0, "matched": 2, "changed": 0, "by_people": nothing}


def test_people_read_what_a_selection_has_changed(cli: Run, shop: Home) -> None:
    shop.select(table(ODD))

    def says(*arguments: str) -> str:
        return cli("tables", *arguments).out.rstrip("\n")

    assert says("select", "shop", "raw_shop.orders") == (
        "Nothing to select: the matching table is selected already; 2 tables are selected now."
    )
    assert says("deselect", "shop", "raw_shop.*") == "Deselected 1 of 2 matching tables; 1 table is selected now."
    assert says("deselect", "shop", "raw_shop.*") == (
        "Nothing to deselect: none of the 2 matching tables is selected; 1 table is selected now."
    )
    assert says("deselect", "shop", "raw_shop.orders") == (
        "Nothing to deselect: the matching table is not selected; 1 table is selected now."
    )


def test_what_changes_nothing_is_not_recorded(cli: Run, shop: Home) -> None:
    shop.app.catalog.select(shop.shop, ["raw_shop.orders"], Usage())
    shop.app.catalog.deselect(shop.shop, ["raw_shop.customers"])
    assert [event for event in shop.app.audit.events() if event.action.startswith("tables:")] == []


CHANGES: list[Callable[[App, Home], object]] = [
    lambda app, home: app.catalog.refresh(home.shop, Usage()),
    lambda app, home: app.catalog.select(home.shop, ["raw_shop.orders"], Usage()),
    lambda app, home: app.catalog.deselect(home.shop, ["raw_shop.customers"]),
    lambda app, home: app.descriptions.set_text(home.shop, "raw_shop.orders", "Mine"),
    lambda app, home: app.descriptions.edit(home.shop, "raw_shop.orders", ClearText()),
    lambda app, home: app.descriptions.choose_personal(home.shop, "raw_shop.orders", "id", "card"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_member_reads_tables_and_may_change_nothing(shop: Home, change: Callable[[App, Home], object]) -> None:
    member = shop.app.acting(Actor("anna@example.com", "member"))

    assert len(member.catalog.list_tables(shop.shop)) == 3
    assert member.details.show(shop.shop, "raw_shop.orders").table.name == ORDERS
    with pytest.raises(Refused, match="needs the role editor"):
        change(member, shop)
    assert shop.app.audit.events() == []


def test_an_empty_list_says_whether_the_tables_are_unknown_or_none_matches(cli: Run, home: Path) -> None:
    made = Home(home)
    for filters in ([], ["--selected"], ["--search", "nothing"]):
        assert "wharfinger tables refresh shop" in cli("tables", "list", "shop", *filters).out
    made.refresh(ORDERS)

    for filters in (["--selected"], ["--search", "nothing"]):
        assert cli("tables", "list", "shop", *filters).out == (
            "No table matches. To show all tables: wharfinger tables list shop\n"
        )


def test_the_audit_log_counts_one_table_in_the_singular(cli: Run, shop: Home) -> None:
    cli("tables", "deselect", "shop", "raw_shop.orders")
    assert cli("audit", "list", "--json").document["events"][0]["detail"] == "1 table"
