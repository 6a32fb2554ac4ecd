"""Processing through the command line: what is due is profiled and described, and every statement is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.command_line import Run
from tests.journeys.places import fault
from tests.journeys.tiny_schema import TinySchema, operations, tiny_schema
from tests.journeys.warehouse import Warehouse

STATUSES = {"completed", "failed", "skipped", "queued", "running"}


@pytest.fixture
def schema(warehouse: Warehouse) -> Iterator[TinySchema]:
    with tiny_schema(warehouse) as schema:
        yield schema


def choose(cli: Run, *patterns: str, connection: str = "admin") -> None:
    assert cli("tables", "refresh", connection).code == 0
    answer = cli("tables", "select", connection, *patterns)
    assert answer.code == 0, answer


def process(warehouse: Warehouse, cli: Run, *arguments: str, connection: str = "admin") -> dict[str, Any]:
    """Process, and hold what was told against what the sandbox saw."""
    warehouse.forget_calls()
    answer = cli("process", connection, *arguments, "--json")
    assert answer.code in (0, 1), answer
    told = answer.document
    assert told["statements"] == len(warehouse.calls())
    assert told["api_calls"] == sum(operations(warehouse).values())
    assert answer.code == int("failed" in counts(told, "profile") + counts(told, "describe"))
    return dict(told)


def counts(told: dict[str, Any], kind: str) -> Counter[str]:
    return Counter(one[kind]["status"] for one in told["tables"])


def state(told: dict[str, Any], table: str, kind: str = "profile") -> dict[str, Any]:
    return next(dict(one[kind]) for one in told["tables"] if one["table"] == table)


def test_a_schema_is_processed_whole_and_a_second_time_not_at_all(warehouse: Warehouse, cli: Run) -> None:
    choose(cli, "analytics.*", "marketing.*.*")
    first = process(warehouse, cli)
    tables = len(first["tables"])
    assert tables > 20
    assert counts(first, "describe") == Counter(completed=tables)
    assert counts(first, "profile")["completed"] + counts(first, "profile")["skipped"] == tables

    warehouse.forget_calls()
    again = process(warehouse, cli)
    assert counts(again, "profile") == counts(again, "describe") == Counter(skipped=tables)
    profiling = first["statements"] - again["statements"]
    assert 0 < profiling <= 0.25 * tables
    assert again["run"] != first["run"]


def test_the_document_has_the_contracts_members(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    full = schema.table("orders")
    choose(cli, f"{schema.name}.orders")
    told = process(warehouse, cli)
    assert {"run", "tables", "statements", "api_calls", "seconds"} <= set(told)
    (one,) = told["tables"]
    assert one == {
        "table": full,
        "database": "dev",
        "schema": schema.name,
        "name": "orders",
        "profile": {"status": "completed", "error": None},
        "describe": {"status": "completed", "error": None},
    }


def test_only_what_changed_is_processed_again(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    changed, same = schema.table("changed"), schema.table("same")
    choose(cli, f"{schema.name}.changed", f"{schema.name}.same")
    process(warehouse, cli)
    warehouse.redshift(f"insert into {schema.name}.changed values (9, 'new')")
    told = process(warehouse, cli)
    assert (state(told, changed)["status"], state(told, same)["status"]) == ("completed", "skipped")
    assert (state(told, changed, "describe")["status"], state(told, same, "describe")["status"]) == (
        "completed",
        "skipped",
    )
    shown = cli("show", "admin", changed, "--json").document
    assert (shown["rows"], shown["columns"][0]["profile"]["max"]) == (4, "9")


def test_without_the_right_to_svv_table_info_another_signal_tells_that_nothing_changed(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    full = schema.table("orders")
    assert cli("tables", "refresh", "analyst").code == 0  # the user is made by its first login
    warehouse.redshift(
        f'grant usage on schema {schema.name} to "IAM:analyst"',
        f'grant select on {schema.name}.orders to "IAM:analyst"',
    )
    choose(cli, f"{schema.name}.orders", connection="analyst")
    first = process(warehouse, cli, connection="analyst")
    again = process(warehouse, cli, connection="analyst")
    assert (state(first, full)["status"], state(again, full)["status"]) == ("completed", "skipped")
    assert not [call for call in warehouse.calls() if f'"{schema.name}"."orders"' in call["sql"]]
    signal = cli("show", "analyst", full, "--json").document["signal"]
    assert signal["name"] in ("sys_query_detail", "last_modified_time")
    assert signal["misses"]


def test_an_estimate_sends_nothing_and_foretells_the_statements(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    schema.table("a")
    schema.table("b")
    choose(cli, f"{schema.name}.a", f"{schema.name}.b")
    warehouse.forget_calls()
    told = cli("process", "admin", "--estimate", "--json")
    assert (warehouse.calls(), operations(warehouse)) == ([], {})
    assert sorted(told.document) == ["api_calls", "megabytes", "seconds", "statements", "tables"]
    assert told.document["tables"] == 2
    assert told.document["statements"] == process(warehouse, cli)["statements"]
    assert "Nothing was sent" in cli("process", "admin", "--estimate").out


def test_one_bad_table_fails_alone_and_says_why(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    good, bad = schema.table("good"), schema.bad("bad")
    choose(cli, f"{schema.name}.good", f"{schema.name}.bad")
    told = process(warehouse, cli)
    assert state(told, good) == {"status": "completed", "error": None}
    failed = state(told, bad)
    assert failed["status"] == "failed"
    assert sorted(failed["error"]) == ["kind", "next_step", "subject", "what", "why"]
    assert (failed["error"]["kind"], failed["error"]["subject"]) == ("failed", bad)
    assert "division by zero" in failed["error"]["why"]
    assert failed["error"]["next_step"]
    assert state(told, bad, "describe")["status"] == "completed"

    answer = cli("process", "admin")
    assert answer.code == 1
    assert f"{bad}: profile failed" in answer.out
    assert "Why: division by zero" in answer.out
    assert "Next: " in answer.out


def test_a_table_that_failed_is_tried_again_when_it_is_mended(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    bad = schema.bad("bad")
    choose(cli, f"{schema.name}.bad")
    assert state(process(warehouse, cli), bad)["status"] == "failed"
    warehouse.execute(
        f"drop policy guard on {schema.name}.bad", f"create policy free on {schema.name}.bad using (true)"
    )
    assert state(process(warehouse, cli), bad) == {"status": "completed", "error": None}


def test_a_table_dropped_behind_our_back_stops_nobody(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    dropped, kept = schema.table("dropped"), schema.table("kept")
    choose(cli, f"{schema.name}.dropped", f"{schema.name}.kept")
    warehouse.redshift(f"drop table {schema.name}.dropped")
    told = process(warehouse, cli)
    assert state(told, kept)["status"] == "completed"
    assert state(told, dropped)["status"] == "skipped"
    assert cli("show", "admin", dropped, "--json").document["state"] == "gone"


def test_a_database_dropped_behind_our_back_fails_its_tables_and_stops_no_other(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    database, kept = f"db_{schema.name}", schema.table("kept")
    warehouse.execute(f"create database {database}")
    warehouse.execute("create table public.lost (a integer)", database=database)
    warehouse.close_engine(database)
    choose(cli, f"{schema.name}.kept", f"{database}.*.*")
    process(warehouse, cli)
    warehouse.execute(f"drop database {database} with (force)")
    warehouse.redshift(f"insert into {schema.name}.kept values (9)")

    told = process(warehouse, cli)
    assert state(told, kept) == {"status": "completed", "error": None}
    lost = state(told, f"{database}.public.lost")
    assert (lost["status"], lost["error"]["kind"]) == ("failed", "not_found")
    assert [note for note in told["notes"] if note.startswith(f"{database}: cannot be read: ")]

    assert f"{database}.public.lost" in cli("tables", "refresh", "admin", "--json").document["gone"]
    assert state(process(warehouse, cli), f"{database}.public.lost")["status"] == "skipped"


def test_a_right_that_was_taken_away_fails_its_table_with_the_grant_as_next_step(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    open_table, shut = schema.table("open"), schema.table("shut")
    assert cli("tables", "refresh", "analyst").code == 0  # the user is made by its first login
    warehouse.redshift(f'grant usage on schema {schema.name} to "IAM:analyst"')
    for name in ("open", "shut"):
        warehouse.redshift(f'grant select on {schema.name}.{name} to "IAM:analyst"')
    choose(cli, f"{schema.name}.open", f"{schema.name}.shut", connection="analyst")
    warehouse.redshift(f'revoke select on {schema.name}.shut from "IAM:analyst"')
    told = process(warehouse, cli, connection="analyst")
    assert state(told, open_table)["status"] == "completed"
    failed = state(told, shut)
    assert (failed["status"], failed["error"]["kind"]) == ("failed", "refused")
    assert f'GRANT SELECT ON {schema.name}.shut TO "IAM:analyst"' in failed["error"]["next_step"]


def test_one_job_of_the_two_and_some_tables_of_all(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    one, other = schema.table("one"), schema.table("other")
    choose(cli, f"{schema.name}.one", f"{schema.name}.other")
    told = process(warehouse, cli, f"{schema.name}.one", "--only", "describe")
    assert [table["table"] for table in told["tables"]] == [one]
    assert (state(told, one)["status"], state(told, one, "describe")["status"]) == ("skipped", "completed")
    assert told["statements"] == 0

    told = process(warehouse, cli, f"{schema.name}.oth*", "--only", "profile")
    assert [table["table"] for table in told["tables"]] == [other]
    assert (state(told, other)["status"], state(told, other, "describe")["status"]) == ("completed", "skipped")


def test_force_and_a_fuller_level_process_what_is_unchanged(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    full = schema.table("orders", rows=7)
    choose(cli, f"{schema.name}.orders")
    process(warehouse, cli)
    assert cli("show", "admin", full, "--json").document["columns"][0]["profile"]["distinct"] is None
    told = process(warehouse, cli, "--level", "full")
    assert state(told, full)["status"] == "completed"
    assert cli("show", "admin", full, "--json").document["columns"][0]["profile"]["distinct"] == 7
    told = process(warehouse, cli, "--force")
    assert (state(told, full)["status"], state(told, full, "describe")["status"]) == ("completed", "completed")


def test_a_ceiling_of_statements_is_kept_and_the_rest_is_done_next_time(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    schema.table("orders")
    choose(cli, f"{schema.name}.orders", "marketing.*.*")
    needed = cli("process", "admin", "--estimate", "--json").document["statements"]
    first = process(warehouse, cli, "--max-statements", str(needed - 1))
    assert first["statements"] < needed
    left = counts(first, "profile")["queued"]
    assert left > 0
    assert counts(first, "describe")["completed"] == len(first["tables"])
    second = process(warehouse, cli)
    assert counts(second, "profile")["completed"] == counts(second, "describe")["completed"] == left


def test_a_ceiling_too_low_to_see_what_changed_sends_nothing(
    warehouse: Warehouse, cli: Run, schema: TinySchema
) -> None:
    schema.table("orders")
    choose(cli, f"{schema.name}.orders")
    warehouse.forget_calls()
    answer = cli("process", "admin", "--max-statements", "1", "--json")
    assert answer.code == 2
    assert "statements to see which of these tables changed" in answer.error["why"]
    assert warehouse.calls() == []


def test_throttling_is_ridden_out_and_each_attempt_counted(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    full = schema.table("orders")
    choose(cli, f"{schema.name}.orders")
    warehouse.forget_calls()
    with fault(warehouse.sandbox, operation="BatchExecuteStatement", kind="throttle", count=3):
        answer = cli("process", "admin", "--json")
    assert answer.code == 0, answer
    assert state(answer.document, full)["status"] == "completed"
    assert answer.document["statements"] == len(warehouse.calls())


def test_nothing_selected_is_told_with_the_way_to_select(warehouse: Warehouse, cli: Run) -> None:
    for arguments in (["process", "admin"], ["process", "admin", "--estimate"]):
        answer = cli(*arguments, "--json")
        assert answer.code == 2
        assert answer.error["what"] == "No table is selected"
        assert "tables select admin" in answer.error["next_step"]


def test_a_pattern_that_means_nothing_selected_is_an_error(warehouse: Warehouse, cli: Run, schema: TinySchema) -> None:
    schema.table("orders")
    choose(cli, f"{schema.name}.orders")
    answer = cli("process", "admin", f"{schema.name}.ordres", "--json")
    assert (answer.code, answer.error["kind"]) == (2, "not_found")
    assert "orders" in answer.error["why"]


@pytest.mark.parametrize(
    "arguments",
    [["--only", "both"], ["--level", "some"], ["--max-age", "soon"], ["--max-statements", "0"], ["nodots"]],
)
def test_an_option_of_another_form_is_invalid(
    warehouse: Warehouse, cli: Run, schema: TinySchema, arguments: list[str]
) -> None:
    schema.table("orders")
    choose(cli, f"{schema.name}.orders")
    answer = cli("process", "admin", *arguments, "--json")
    assert (answer.code, answer.error["kind"]) == (2, "invalid")


def test_hostile_names_are_processed_and_shown(warehouse: Warehouse, cli: Run) -> None:
    assert cli("tables", "refresh", "admin").code == 0
    names = [one["table"] for one in cli("tables", "list", "admin", "--json").document["tables"]]
    hostile = [name for name in names if '"' in name]
    assert hostile
    choose(cli, *hostile)
    told = process(warehouse, cli)
    assert sorted(one["table"] for one in told["tables"]) == sorted(hostile)
    assert counts(told, "profile")["failed"] == 0
    for name in hostile:
        shown = cli("show", "admin", name, "--json")
        assert shown.code == 0, shown
        assert shown.document["table"] == name


def test_show_tells_texts_facts_and_what_the_signal_can_miss(warehouse: Warehouse, cli: Run) -> None:
    choose(cli, "raw_shop.orders")
    before = cli("show", "admin", "raw_shop.orders")
    assert "not yet" in before.out
    process(warehouse, cli)

    shown = cli("show", "admin", "raw_shop.orders", "--json").document
    assert {
        "table", "database", "schema", "name", "kind", "rows", "description", "signal", "profiled_at", "columns",
    } <= set(shown)  # fmt: skip
    assert shown["signal"]["name"] == "svv_table_info"
    assert shown["signal"]["misses"]
    assert sorted(shown["description"]) == ["source", "text"]
    for column in shown["columns"]:
        assert sorted(column) == ["description", "key", "name", "nullable", "profile", "type"]
        assert sorted(column["profile"]) == ["distinct", "masked", "max", "min", "nulls", "samples"]
    total = next(column for column in shown["columns"] if column["name"] == "total")
    ((low, high),) = warehouse.rows("select min(total)::text, max(total)::text from raw_shop.orders")
    assert (total["profile"]["min"], total["profile"]["max"]) == (low, high)

    for_people = cli("show", "admin", "raw_shop.orders")
    assert for_people.code == 0
    for words in ("10,000", "svv_table_info", "an update that leaves row counts", "comment", "rules", "EUR, GBP, USD"):
        assert words in for_people.out


def test_show_of_a_table_nobody_selected_says_how_to_select_it(warehouse: Warehouse, cli: Run) -> None:
    choose(cli, "raw_shop.orders")
    answer = cli("show", "admin", "raw_shop.customers", "--json")
    assert (answer.code, answer.error["kind"]) == (2, "not_found")
    assert "tables select" in answer.error["next_step"]


def test_tables_without_rights_are_one_group_with_one_grant(warehouse: Warehouse, cli: Run) -> None:
    warehouse.redshift("create schema shut_away")
    warehouse.redshift(*(f"create table shut_away.shut{number} (a integer)" for number in range(3)))
    assert cli("tables", "refresh", "analyst").code == 0  # the user is made by its first login
    warehouse.redshift(
        'grant usage on schema shut_away to "IAM:analyst"',
        *(f'grant select on shut_away.shut{number} to "IAM:analyst"' for number in range(3)),
    )
    cli("tables", "refresh", "analyst")
    cli("tables", "select", "analyst", "shut_away.shut*")
    warehouse.redshift(*(f'revoke select on shut_away.shut{number} from "IAM:analyst"' for number in range(3)))
    told = cli("process", "analyst")

    assert told.code == 1
    assert told.out.count("profile failed") == 1
    assert "3 tables: profile failed: No right to read these tables" in told.out
    tables = ", ".join(f"shut_away.shut{number}" for number in range(3))
    assert f'GRANT SELECT ON {tables} TO "IAM:analyst"' in told.out
    assert "wharfinger connection grants analyst 'dev.shut_away.*'" in told.out
    document = cli("process", "analyst", "--json").document
    assert ["shut_away" in one["profile"]["error"]["next_step"] for one in document["tables"]] == [True] * 3
