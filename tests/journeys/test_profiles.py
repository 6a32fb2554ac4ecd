"""Every profiled value compared with hand-written SQL, and the cost of profiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.journeys.warehouse import Warehouse

from wharfinger.catalog.model import Column, Size, Table
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.profiling.due import ProfileOptions
from wharfinger.profiling.model import ColumnProfile, Level
from wharfinger.profiling.runner import Measured, measure
from wharfinger.profiling.units import ProfileUnit, plan_units

BOUNDED = (
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "real",
    "double precision",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
)
TEXTS = ("varchar", "char", "text")
NO_DISTINCT = ("super", "varbyte")


@pytest.fixture
def warehouse(sandbox: Sandbox, tmp_path: Path) -> Iterator[Warehouse]:
    made = Warehouse(sandbox, tmp_path / "home")
    yield made
    made.close()


def by_hand(warehouse: Warehouse, table: Table, level: Level = "basic") -> dict[str, ColumnProfile]:
    """The facts of a table: a plain statement for each kind of fact, which shares nothing with the product."""

    def ask(columns: list[Column], text: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(columns), 50):
            names = [column.name for column in columns[start : start + 50]]
            values = warehouse.expression(table.name, [text.format(quoted(name)) for name in names])[0]
            found |= dict(zip(names, values, strict=True))
        return found

    columns = list(table.columns)
    bounded = [column for column in columns if base_of(column) in BOUNDED]
    comparable = [column for column in columns if level == "full" and base_of(column) not in NO_DISTINCT]
    nulls = ask(columns, "count(*) filter (where {} is null)")
    low, high = ask(bounded, "min({})::text"), ask(bounded, "max({})::text")
    distinct = ask(comparable, "count(distinct {})")
    samples = first_values(warehouse, table)
    return {
        name: ColumnProfile(name, nulls[name], low.get(name), high.get(name), distinct.get(name), samples.get(name, ()))
        for name in nulls
    }


def first_values(warehouse: Warehouse, table: Table) -> dict[str, tuple[str, ...]]:
    """What a sample of each text column must be."""
    texts = [column.name for column in table.columns if base_of(column) in TEXTS]
    if not texts:
        return {}
    asked = [f"{quoted(name)}::text" for name in texts]
    rows = warehouse.expression(table.name, asked, "limit 1000")
    values = [{row[place][:200] for row in rows if row[place] is not None} for place in range(len(texts))]
    return {name: tuple(sorted(found)[:20]) for name, found in zip(texts, values, strict=True)}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def base_of(column: Column) -> str:
    return column.type.split("(")[0]


def count(warehouse: Warehouse, table: TableName) -> int:
    return int(warehouse.expression(table, ["count(*)"])[0][0])


def selected(warehouse: Warehouse, *patterns: str) -> list[Table]:
    """The stored tables that patterns mean, selected and read."""
    catalog = warehouse.app.catalog
    catalog.refresh(warehouse.connection("admin"), Usage())
    catalog.select(warehouse.connection("admin"), patterns, Usage())
    return [
        table
        for table in catalog.selected(warehouse.connection("admin"))
        if table.kind in ("table", "materialized_view")
    ]


def measured(warehouse: Warehouse, tables: list[Table], level: Level = "basic") -> Measured:
    session = warehouse.app.connections.open(warehouse.connection("admin"), Usage(), database=tables[0].name.database)
    try:
        return measure(session, tables, level, lambda _: True)
    finally:
        session.close()


def units_of(
    warehouse: Warehouse, tables: list[Table], level: Level = "basic"
) -> list[tuple[ProfileUnit, list[Table]]]:
    by_name = {table.name: table for table in tables}
    return [(unit, [by_name[name] for name in unit.tables]) for unit in plan_units(tables, level)]


def assert_true(warehouse: Warehouse, tables: list[Table], found: Measured, level: Level = "basic") -> int:
    """Compare every value of every column; returns the number of columns."""
    assert found.errors == {}
    compared = 0
    for table in tables:
        result = found.results[table.name]
        assert result.rows == count(warehouse, table.name), table.name
        truth = by_hand(warehouse, table, level)
        for column in result.columns(column.name for column in table.columns):
            assert column == truth[column.name], f"{table.name}.{column.name}"
            compared += 1
    return compared


LEVELS: dict[Level, int] = {"basic": 4, "full": 6}
SHOP = ("raw_stripe.*", "raw_shop.*", "analytics.*", "marketing.*.*")


def test_every_value_of_the_shop_is_what_plain_sql_says(warehouse: Warehouse) -> None:
    tables = selected(warehouse, *SHOP)
    units = units_of(warehouse, tables)

    compared = sum(assert_true(warehouse, group, measured(warehouse, group)) for _, group in units)

    assert compared == sum(len(table.columns) for table in tables) > 700
    assert any(len(group) > 20 for _, group in units)


def test_every_value_is_the_same_when_each_table_stands_alone(warehouse: Warehouse) -> None:
    tables = [replace(table, size=Size(rows=10**6)) for table in selected(warehouse, "raw_shop.*")]
    units = units_of(warehouse, tables, "full")

    assert [len(group) for _, group in units] == [1] * len(tables)
    for _, group in units:
        assert_true(warehouse, group, measured(warehouse, group, "full"), "full")


def test_a_table_of_1600_columns_is_measured_in_parts(warehouse: Warehouse) -> None:
    names = [f"c{number}" for number in range(1600)]
    warehouse.execute(
        "create schema very_wide",
        f"create table very_wide.t ({', '.join(f'{name} smallint' for name in names)})",
        *(
            f"insert into very_wide.t (c{number}, c{1599 - number}) values ({number}, -{number})"
            for number in range(0, 800, 7)
        ),
        "grant all on schema very_wide to public",
        "grant all on very_wide.t to public",
    )
    (table,) = selected(warehouse, "very_wide.t")

    for level, statements in LEVELS.items():
        unit, group = units_of(warehouse, [table], level)[0]
        assert unit.statements <= statements
        assert_true(warehouse, group, measured(warehouse, group, level), level)
    warehouse.execute("drop schema very_wide cascade")


def test_the_shop_takes_a_quarter_of_a_statement_a_table_and_one_scan(warehouse: Warehouse) -> None:
    tables = selected(warehouse, *SHOP)
    units = units_of(warehouse, tables)
    rows = {table.name: count(warehouse, table.name) for table in tables}
    before = {table.name: warehouse.scanned_rows(table.name) for table in tables}
    warehouse.forget_calls()

    for unit in plan_units(tables, "basic"):
        assert warehouse.app.profiles.profile_unit(warehouse.connection("admin"), unit.tables, "basic", Usage()) == {}

    sent = warehouse.calls()
    assert len(sent) == sum(unit.statements for unit, _ in units)
    assert len(sent) <= 0.25 * len(tables)
    for table in tables:
        scanned = warehouse.scanned_rows(table.name) - before[table.name]
        samples = -(-sum(base_of(column) in TEXTS for column in table.columns) // 75)
        assert rows[table.name] <= scanned <= rows[table.name] + samples * min(1000, rows[table.name]), table.name


def test_what_is_kept_is_what_was_measured_with_personal_columns_masked(warehouse: Warehouse) -> None:
    tables = selected(warehouse, "raw_stripe.*", "raw_shop.*")
    for unit in plan_units(tables, "basic"):
        warehouse.app.profiles.profile_unit(warehouse.connection("admin"), unit.tables, "basic", Usage())

    masked = 0
    for table in tables:
        profile = warehouse.app.profiles.get(warehouse.connection("admin"), table.name)
        assert profile is not None
        truth = by_hand(warehouse, table)
        for column in profile.columns:
            true = truth[column.name]
            assert column.nulls == true.nulls
            if not column.masked:
                assert column == true
                continue
            masked += 1
            assert not {*column.samples, column.min, column.max} & {*true.samples, true.min, true.max} - {None}
    assert masked > 5


def test_a_bad_table_fails_alone_and_the_others_are_profiled(warehouse: Warehouse) -> None:
    warehouse.redshift(
        "create schema partly",
        *(f"create table partly.t{number} (id integer, word varchar(10))" for number in range(6)),
        *(f"insert into partly.t{number} values (1, 'a'), (2, null)" for number in range(6)),
    )
    tables = selected(warehouse, "partly.*")
    (unit,) = plan_units(tables, "basic")
    warehouse.redshift("drop table partly.t3")
    usage = Usage()

    errors = warehouse.app.profiles.profile_unit(warehouse.connection("admin"), unit.tables, "basic", usage)

    assert [str(name) for name in errors] == ["dev.partly.t3"]
    assert usage.statements == 2 + 2 * 6
    for table in tables:
        profile = warehouse.app.profiles.get(warehouse.connection("admin"), table.name)
        assert (profile is None) if table.name.name == "t3" else (profile is not None and profile.rows == 2)


def test_every_value_of_tpch_is_what_plain_sql_says_on_every_path(
    own_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    warehouse = Warehouse(own_sandbox("--data", "tpch", "--scale", "0.01"), tmp_path / "home")
    tables = selected(warehouse, "tpch.*")
    alone = [replace(table, size=Size(rows=10**6)) for table in tables]

    assert len(tables) == 8
    for level in LEVELS:
        for asked in (tables, alone):
            for unit, group in units_of(warehouse, asked, level):
                assert unit.statements <= 2
                assert_true(warehouse, group, measured(warehouse, group, level), level)
    warehouse.close()


def test_rows_as_wide_as_a_result_may_be_come_through(warehouse: Warehouse) -> None:
    columns = [f"text_{number}" for number in range(80)]
    warehouse.execute(
        "create schema broad",
        f"create table broad.t ({', '.join(f'{name} varchar(65535)' for name in columns)})",
        f"insert into broad.t select {', '.join(['repeat(chr(128640), 5000)'] * 80)} from generate_series(1, 30)",
        "grant all on schema broad to public",
        "grant all on broad.t to public",
    )
    tables = selected(warehouse, "broad.t")
    ((unit, group),) = units_of(warehouse, tables)

    assert unit.statements == 2
    assert_true(warehouse, group, measured(warehouse, group))
    warehouse.execute("drop schema broad cascade")


def test_a_table_that_may_not_be_read_fails_with_its_grant_and_spoils_no_other(warehouse: Warehouse) -> None:
    warehouse.redshift(
        "create schema guarded",
        *(f"create table guarded.{name} (id integer)" for name in ("open_one", "shut_one")),
        "insert into guarded.open_one values (1)",
        "grant usage on schema guarded to public",
        "grant select on guarded.open_one to public",
    )
    catalog, profiles = warehouse.app.catalog, warehouse.app.profiles
    catalog.refresh(warehouse.connection("analyst"), Usage())
    catalog.select(warehouse.connection("analyst"), ["guarded.*"], Usage())
    tables = catalog.selected(warehouse.connection("analyst"))
    (unit,) = profiles.plan_units(warehouse.connection("analyst"), tables, "basic")

    errors = profiles.profile_unit(warehouse.connection("analyst"), unit.tables, "basic", Usage())

    assert [name.name for name in errors] == ["shut_one"]
    error = next(iter(errors.values()))
    assert error.kind == "refused"
    assert "permission denied" in error.why
    assert "grant" in error.next_step.lower()
    kept = profiles.get(warehouse.connection("analyst"), tables[0].name)
    assert kept is not None
    assert kept.rows == 1


def test_views_are_scanned_only_when_told_to(warehouse: Warehouse) -> None:
    warehouse.redshift(
        "create schema seen",
        "create table seen.base (id integer, word varchar(10))",
        "insert into seen.base values (1, 'b'), (2, 'a'), (null, null)",
        "create view seen.plain as select id, word from seen.base",
        "create view seen.late as select id, word from seen.base with no schema binding",
    )
    catalog, profiles = warehouse.app.catalog, warehouse.app.profiles
    catalog.refresh(warehouse.connection("admin"), Usage())
    catalog.select(warehouse.connection("admin"), ["seen.*"], Usage())
    tables = catalog.selected(warehouse.connection("admin"))

    assert [
        verdict.table.name.name
        for verdict in profiles.due(warehouse.connection("admin"), tables, ProfileOptions())
        if verdict.due
    ] == ["base"]
    told = [
        verdict.table
        for verdict in profiles.due(warehouse.connection("admin"), tables, ProfileOptions(scan_views=True))
        if verdict.due
    ]
    units = profiles.plan_units(warehouse.connection("admin"), told, "basic")
    assert [len(unit.tables) for unit in units] == [1, 1, 1]
    for unit in units:
        assert profiles.profile_unit(warehouse.connection("admin"), unit.tables, "basic", Usage()) == {}
    for table in tables:
        profile = profiles.get(warehouse.connection("admin"), table.name)
        assert profile is not None
        assert profile.rows == 3
        assert profile.columns == (ColumnProfile("id", 1, "1", "2"), ColumnProfile("word", 1, samples=("a", "b")))


def test_catalog_and_profiles_are_the_same_through_the_wire(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", warehouse.sandbox.ready["wire"]["ca_file"])
    warehouse.add_wire("wire")
    catalog, profiles = warehouse.app.catalog, warehouse.app.profiles
    patterns = ["raw_shop.extreme_values", 'raw_shop."back\\slash"', "raw_shop.select", "analytics.*", "lake.*"]
    found: dict[str, list[Table]] = {}
    for name in ("admin", "wire"):
        connection = warehouse.connection(name)
        catalog.refresh(connection, Usage())
        catalog.select(connection, patterns, Usage())
        found[name] = [replace(table, read_at=None) for table in catalog.selected(connection)]
        due = [verdict.table for verdict in profiles.due(connection, found[name], ProfileOptions()) if verdict.due]
        for unit in profiles.plan_units(connection, due, "full"):
            assert profiles.profile_unit(connection, unit.tables, "full", Usage()) == {}

    assert found["wire"] == found["admin"]
    for table in found["admin"]:
        here, there = (
            profiles.get(warehouse.connection("admin"), table.name),
            profiles.get(warehouse.connection("wire"), table.name),
        )
        assert (here and here.columns) == (there and there.columns)
    assert sum(profiles.get(warehouse.connection("wire"), table.name) is not None for table in found["wire"]) > 5
