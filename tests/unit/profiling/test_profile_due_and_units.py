"""Which tables are due and why; small tables share statements, big ones do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wharfinger.catalog.model import Column, Kind, Signal, Signature, Size, State, Table
from wharfinger.core.names import TableName
from wharfinger.profiling.due import ProfileOptions, due
from wharfinger.profiling.model import TableProfile
from wharfinger.profiling.units import ProfileUnit, affordable, plan_units, statements_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNED = Signature("c", Signal("svv_table_info", "1/2/3/4"))


def table(
    name: str = "t", rows: int | None = 10, kind: Kind = "table", state: State = "ok",
    signature: Signature | None = SIGNED, database: str = "dev", width: int = 4, estimated: int | None = None,
) -> Table:  # fmt: skip
    columns = tuple(Column(f"column_{n}", ("integer", "varchar(20)")[n % 2], n) for n in range(width))
    return Table(
        TableName(database, "s", name), kind, state, columns=columns,
        size=Size(rows, 7, estimated), signature=signature,
    )  # fmt: skip


def profile(signature: Signature = SIGNED, age: timedelta = timedelta(0), level: str = "basic") -> TableProfile:
    return TableProfile(
        TableName("dev", "s", "t"), 10, (), "full" if level == "full" else "basic", signature, NOW - age
    )


AGED = Signature("c", Signal("age"))
CASES = [
    (table(), None, ProfileOptions(), True, "never"),
    (table(), profile(), ProfileOptions(), False, "unchanged"),
    (table(), profile(), ProfileOptions(force=True), True, "forced"),
    (table(), profile(Signature("c", Signal("svv_table_info", "other"))), ProfileOptions(), True, "changed"),
    (table(), profile(Signature("other", SIGNED.signal)), ProfileOptions(), True, "changed"),
    (table(), profile(), ProfileOptions(level="full"), True, "distinct"),
    (table(), profile(level="full"), ProfileOptions(level="full"), False, "unchanged"),
    (table(), profile(level="full"), ProfileOptions(), False, "unchanged"),
    (table(), profile(age=timedelta(days=100)), ProfileOptions(), False, "unchanged"),
    (table(signature=AGED), profile(AGED, timedelta(days=8)), ProfileOptions(), True, "maximum age"),
    (table(signature=AGED), profile(AGED, timedelta(days=6)), ProfileOptions(), False, "unchanged"),
    (
        table(signature=AGED),
        profile(AGED, timedelta(hours=2)),
        ProfileOptions(max_age=timedelta(hours=1)),
        True,
        "maximum age",
    ),
    (table(kind="view"), None, ProfileOptions(), False, "scanned only on request"),
    (table(kind="late_binding_view"), None, ProfileOptions(force=True), False, "scanned only on request"),
    (table(kind="external"), None, ProfileOptions(), False, "scanned only on request"),
    (table(kind="external"), None, ProfileOptions(scan_views=True), True, "never"),
    (table(kind="materialized_view"), None, ProfileOptions(), True, "never"),
    (table(state="gone"), None, ProfileOptions(force=True), False, "no longer exists"),
    (table(signature=None), None, ProfileOptions(), False, "not been read"),
]


@pytest.mark.parametrize(("one", "known", "options", "expected", "reason"), CASES)
def test_a_table_is_due_for_a_reason(
    one: Table, known: TableProfile | None, options: ProfileOptions, expected: bool, reason: str
) -> None:
    verdict = due(one, known, options, NOW)

    assert verdict.due is expected
    assert reason in verdict.reason


def sizes(units: list[ProfileUnit]) -> list[int]:
    return sorted(len(unit.tables) for unit in units)


def test_small_tables_share_and_a_big_one_stands_alone() -> None:
    tables = [table(f"t{n:03}", rows=99_999) for n in range(60)] + [table("big", rows=100_000)]

    assert sizes(plan_units(tables, "basic")) == [1, 20, 40]


def test_tables_of_unknown_size_share_in_small_groups() -> None:
    assert sizes(plan_units([table(f"t{n:03}", rows=None) for n in range(40)], "basic")) == [8, 16, 16]


def test_a_planners_guess_is_believed_for_big_tables_only() -> None:
    tables = [table(f"t{n:03}", rows=None, estimated=5) for n in range(20)] + [
        table("big", rows=None, estimated=100_000)
    ]

    assert sizes(plan_units(tables, "basic")) == [1, 4, 16]


def test_the_count_of_an_earlier_profile_stands_in_for_an_unknown_size() -> None:
    tables = [table(f"t{n:03}", rows=None) for n in range(20)]
    known = {one.name: 5 for one in tables} | {tables[0].name: 200_000}

    assert sizes(plan_units(tables, "basic", known)) == [1, 19]


def test_databases_do_not_mix_and_views_stand_alone() -> None:
    tables = [table("a"), table("b", database="marketing"), table("c", kind="view"), table("d", kind="external")]
    units = plan_units(tables, "basic")

    assert sizes(units) == [1, 1, 1, 1]
    assert {unit.database for unit in units} == {"dev", "marketing"}


def test_a_wide_table_leaves_the_others_their_statement() -> None:
    tables = [table(f"t{n:03}", width=10) for n in range(30)] + [table("wide", width=400)]
    units = plan_units(tables, "basic")

    assert sizes(units) == [1, 30]
    assert sum(unit.statements for unit in units) == 2 + 2


def test_every_table_is_in_one_unit_whose_statements_are_counted() -> None:
    tables = [table(f"t{n:03}", width=n % 37 + 1, rows=(n * 7919) % 200_000) for n in range(150)]
    units = plan_units(tables, "full")
    named = [name for unit in units for name in unit.tables]
    by_name = {one.name: one for one in tables}

    assert sorted(named) == sorted(by_name)
    for unit in units:
        assert unit.statements == len(statements_of([by_name[name] for name in unit.tables], "full"))
        assert unit.megabytes == 7 * len(unit.tables)


def test_order_of_tables_changes_no_unit() -> None:
    tables = [table(f"t{n:03}", width=n % 9 + 1) for n in range(90)]

    assert plan_units(tables, "basic") == plan_units(tables[::-1], "basic")


def test_units_are_taken_as_long_as_the_ceiling_allows() -> None:
    units = [ProfileUnit("dev", (TableName("dev", "s", str(n)),), cost) for n, cost in enumerate((2, 5, 1))]

    assert affordable(units, 3) == ([units[0], units[2]], [units[1]])
    assert affordable(units, 5) == ([units[0], units[2]], [units[1]])
    assert affordable(units, 8) == (units, [])
    assert affordable(units, 0) == ([], units)


def test_a_unit_foretells_its_statements_and_calls_the_setting_for_capitals_included() -> None:
    (plain,) = plan_units([table("plain")], "basic")
    (capitals,) = plan_units([table("Capitals")], "basic")

    assert (plain.statements, plain.api_calls) == (2, 4)
    assert (capitals.statements, capitals.api_calls) == (3, 4)


def test_further_pages_of_wide_samples_are_foretold_from_what_is_known_of_the_rows() -> None:
    wide = [table(f"t{n:02}", rows=rows, width=100) for n, rows in enumerate([5_000, 5_000, None])]
    small = [table(f"t{n:02}", rows=20, width=100) for n in range(3)]
    (unknown,) = plan_units([wide[2]], "basic")

    assert sum(unit.api_calls for unit in plan_units(small, "basic")) == 4
    assert sum(unit.api_calls for unit in plan_units(wide[:2], "basic")) == 4 + 3
    assert unknown.api_calls == 4
    (seen,) = plan_units([wide[2]], "basic", {wide[2].name: 5_000})
    assert seen.api_calls == 4 + 1
