"""Refresh, list, select on a real warehouse: what is read, what it costs, what has changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Run
from tests.conftest import wait_until
from tests.doors.test_terminal import Terminal
from tests.journeys.warehouse import Warehouse

from wharfinger.catalog.model import SignalName, Table
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.processing.model import Request
from wharfinger.profiling.due import ProfileOptions
from wharfinger.profiling.units import plan_units

PER_DATABASE = 8


def refresh(cli: Run, connection: str = "admin") -> dict[str, Any]:
    answer = cli("tables", "refresh", connection, "--json")
    assert answer.code == 0, answer
    return dict(answer.document)


def listed(cli: Run, *arguments: str, connection: str = "admin") -> dict[str, dict[str, Any]]:
    answer = cli("tables", "list", connection, *arguments, "--json")
    assert answer.code == 0, answer
    return {table["table"]: table for table in answer.document["tables"]}


def test_a_refresh_finds_everything_in_few_statements_and_counts_each(warehouse: Warehouse, cli: Run) -> None:
    warehouse.forget_calls()
    found = refresh(cli)

    assert found["databases"] == 2
    assert found["tables"] >= 60
    assert found["statements"] == len(warehouse.calls()) <= PER_DATABASE * 2
    assert found["changed"] == found["gone"] == []
    assert sorted(found["new"]) == sorted(listed(cli))
    assert refresh(cli)["new"] == []


def test_the_tree_holds_every_kind_and_no_system_schema(warehouse: Warehouse, cli: Run) -> None:
    refresh(cli)
    tables = listed(cli)

    assert {table["kind"] for table in tables.values()} == {
        "table", "view", "late_binding_view", "external", "materialized_view",
    }  # fmt: skip
    assert {table["database"] for table in tables.values()} == {"dev", "marketing"}
    assert not [
        one for one in tables.values() if one["schema"].startswith("pg_") or one["schema"] == "information_schema"
    ]
    here = warehouse.rows(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
    )
    assert {
        (one["schema"], one["name"]) for one in tables.values() if one["kind"] == "table" and one["database"] == "dev"
    } == set(here)


def test_the_count_of_statements_does_not_grow_with_the_tables(warehouse: Warehouse, cli: Run) -> None:
    before = refresh(cli)
    creating = [f"create table many_{number // 50}.t{number} (a integer, b varchar(10))" for number in range(500)]
    warehouse.execute(*(f"create schema many_{number}" for number in range(10)), *creating)
    try:
        after = refresh(cli)
    finally:
        warehouse.execute(*(f"drop schema many_{number} cascade" for number in range(10)))

    assert after["tables"] == before["tables"] + 500
    assert after["statements"] == before["statements"]
    assert len(after["new"]) == 500


def test_selecting_reads_types_nulls_comments_and_keys_as_the_engine_has_them(warehouse: Warehouse) -> None:
    catalog = warehouse.app.catalog
    catalog.refresh(warehouse.connection("admin"), Usage())
    catalog.select(warehouse.connection("admin"), ["dev.*.*", "marketing.*.*"], Usage())

    columns = 0
    for table in catalog.selected(warehouse.connection("admin")):
        if table.kind == "external":
            continue
        truth = warehouse.rows(
            "select a.attname, not a.attnotnull, coalesce(d.description, '') from pg_attribute a"
            " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
            " left join pg_description d on d.objoid = c.oid and d.objsubid = a.attnum and d.classoid = 1259"
            f" where n.nspname = {literal(table.name.schema)} and c.relname = {literal(table.name.name)}"
            " and a.attnum > 0 and not a.attisdropped order by a.attnum",
            table.name.database,
        )
        mine = [(one.name, one.nullable, one.comment if table.kind == "table" else "") for one in table.columns]
        assert mine == [(name, null, text if table.kind == "table" else "") for name, null, text in truth], table.name
        columns += len(mine)
    assert columns > 700


def literal(text: str) -> str:
    from psycopg import sql

    return sql.Literal(text).as_string()


def test_keys_and_full_types_are_those_that_were_declared(warehouse: Warehouse, cli: Run) -> None:
    warehouse.redshift(
        "create schema declared",
        'create table declared.parent (a integer not null, "b c" varchar(30), unique ("b c"), primary key ("b c", a))',
        "create table declared.child (id bigint identity(1,1), p integer, q varchar(30), amount numeric(12,2),"
        " at timestamptz, word varchar(max), flag boolean, doc super, raw varbyte(20),"
        ' foreign key (q, p) references declared.parent ("b c", a))',
        "comment on table declared.child is 'It''s the child, with a comment longer than any view would show: "
        + "x" * 300
        + "'",
    )
    refresh(cli)
    warehouse.app.catalog.select(warehouse.connection("admin"), ["declared.*"], Usage())
    child, parent = warehouse.app.catalog.selected(warehouse.connection("admin"), ["declared.*"])

    assert parent.keys.primary == ("b c", "a")
    assert parent.keys.unique == (("b c",),)
    (key,) = child.keys.foreign
    assert (key.columns, key.target, key.target_columns) == (("q", "p"), parent.name, ("b c", "a"))
    assert [column.type.removesuffix("(20)") for column in child.columns] == [
        "bigint", "integer", "varchar(30)", "numeric(12,2)", "timestamptz", "varchar(65535)", "boolean", "super",
        "varbyte",
    ]  # fmt: skip
    assert len(child.comment) > 300


def test_patterns_select_and_deselect_and_a_wrong_one_says_what_is_near(warehouse: Warehouse, cli: Run) -> None:
    refresh(cli)

    chosen = cli("tables", "select", "admin", "RAW_SHOP.*", "marketing.*.*", "--json")
    assert chosen.code == 0
    assert chosen.document["selected"] == chosen.document["matched"] == len(listed(cli, "--selected"))
    exact = cli("tables", "deselect", "admin", 'raw_shop." padded name "', "--json").document
    assert (exact["selected"], exact["matched"]) == (chosen.document["selected"] - 1, 1)
    wrong = cli("tables", "select", "admin", "raw_shop.ordres", "--json")
    assert wrong.code == 2
    assert wrong.error["kind"] == "not_found"
    assert "raw_shop.orders" in wrong.error["why"]
    assert cli("tables", "select", "admin", "just_a_name", "--json").error["kind"] == "invalid"
    assert list(listed(cli, "--search", "PADDED")) == ['dev.raw_shop." padded name "']


def test_the_list_is_a_tree_for_people_and_lines_in_a_pipe(warehouse: Warehouse, cli: Run) -> None:
    assert "wharfinger tables refresh admin" in cli("tables", "list", "admin").out
    refresh(cli)
    lines = cli("tables", "list", "admin").out.splitlines()

    assert lines[0].split("\t") == ["TABLE", "KIND", "SELECTED", "STATE"]
    assert len(lines) == len(listed(cli)) + 1


def test_on_a_terminal_the_list_is_a_tree_with_counts(warehouse: Warehouse, cli: Run, home: Path) -> None:
    refresh(cli)
    refresh(cli)
    cli("tables", "select", "admin", "raw_stripe.charges", "raw_shop.stock")
    terminal = Terminal(home, "tables", "list", "admin")
    assert terminal.finish() == 0
    lines = terminal.plain().splitlines()

    schemas = [line.strip() for line in lines if line.startswith("  ") and not line.startswith("    ")]
    assert re.fullmatch(r"dev  \d+ tables, 2 selected", lines[0])
    assert any(re.fullmatch(r"raw_stripe  \d+ tables, 1 selected", line) for line in schemas)
    assert "    [x] charges" in lines
    assert "    [x] stock  view" in lines
    assert '    [ ] " padded name "' in lines


def test_external_tables_and_late_binding_views_have_their_columns(warehouse: Warehouse) -> None:
    catalog = warehouse.app.catalog
    catalog.refresh(warehouse.connection("admin"), Usage())
    catalog.select(warehouse.connection("admin"), ["lake.*", "analytics.orders_live"], Usage())
    columns = {
        str(one.name): [(c.name, c.type) for c in one.columns]
        for one in catalog.selected(warehouse.connection("admin"))
    }

    assert ("happened_at", "timestamp") in columns["dev.lake.clickstream"]
    assert ("station", "char(5)") in columns["dev.lake.weather"]
    assert ("total", "numeric(12,2)") in columns["dev.analytics.orders_live"]


def test_a_view_with_another_column_is_changed_once_it_was_described(warehouse: Warehouse, cli: Run) -> None:
    warehouse.redshift("create schema viewed", "create view viewed.v as select 1 as a")
    refresh(cli)
    cli("tables", "select", "admin", "viewed.v")
    name = TableName("dev", "viewed", "v")
    assert warehouse.app.descriptions.describe(warehouse.connection("admin"), [name]) == {}
    assert refresh(cli)["changed"] == []

    warehouse.redshift("create or replace view viewed.v as select 1 as a, 2 as b")
    assert refresh(cli)["changed"] == ["dev.viewed.v"]
    warehouse.app.descriptions.describe(warehouse.connection("admin"), [name])
    assert refresh(cli)["changed"] == []


def test_without_the_right_to_svv_table_info_a_note_names_the_grant(warehouse: Warehouse, cli: Run) -> None:
    refresh(cli, "analyst")
    warehouse.app.catalog.select(warehouse.connection("analyst"), ["raw_shop.orders", "analytics.*"], Usage())
    warehouse.forget_calls()
    found = refresh(cli, "analyst")

    grant = 'As superuser: GRANT SELECT ON svv_table_info TO "IAM:analyst"'
    assert found["notes"]
    assert all(note.endswith(grant) for note in found["notes"])
    calls = warehouse.calls()
    assert found["statements"] == len(calls)
    shows = [call["sql"] for call in calls if call["sql"].startswith("show tables")]
    assert shows == ['show tables from schema "dev"."analytics"', 'show tables from schema "dev"."raw_shop"']
    for database in ("dev", "marketing"):
        mine = [call for call in calls if call["database"] == database and call["sql"] not in shows]
        assert len(mine) <= PER_DATABASE


def process(warehouse: Warehouse, connection: str) -> list[str]:
    """Read the selected tables again and profile those that are due; returns their names."""
    app = warehouse.app
    tables = app.catalog.read_selected(app.connections.get(connection), Usage()).tables
    verdicts = app.profiles.due(app.connections.get(connection), tables, ProfileOptions())
    due = [verdict.table for verdict in verdicts if verdict.due]
    for unit in plan_units(due, "basic"):
        assert app.profiles.profile_unit(app.connections.get(connection), unit.tables, "basic", Usage()) == {}
    return [table.name.name for table in due]


def profiling(warehouse: Warehouse, schema: str) -> list[str]:
    """Statements in the call log that read the schema's own tables."""
    return [call["sql"] for call in warehouse.calls() if f'from "{schema}".' in call["sql"]]


def signal_of(warehouse: Warehouse, connection: str, name: str) -> SignalName:
    (table,) = [
        one for one in warehouse.app.catalog.selected(warehouse.connection(connection)) if one.name.name == name
    ]
    assert table.signature is not None
    return table.signature.signal.name


@pytest.mark.parametrize(
    ("connection", "schema", "signal"),
    [("admin", "signal_info", "svv_table_info"), ("analyst", "signal_modified", "last_modified_time")],
)
def test_nothing_changed_sends_no_profiling_and_a_change_only_its_table(
    warehouse: Warehouse, cli: Run, connection: str, schema: str, signal: SignalName
) -> None:
    warehouse.redshift(
        f"create schema {schema}",
        *(
            f"create table {schema}.{name} (id integer, word varchar(10))"
            for name in ("still", "moving", "empty", "bell")
        ),
        *(f"insert into {schema}.{name} values (1, 'a')" for name in ("still", "moving")),
        f"grant usage on schema {schema} to public",
        f"grant select on all tables in schema {schema} to public",
    )
    noticed(warehouse, f"{schema}.bell")
    refresh(cli, connection)
    warehouse.app.catalog.select(warehouse.connection(connection), [f"{schema}.*"], Usage())
    assert sorted(process(warehouse, connection)) == ["bell", "empty", "moving", "still"]
    assert signal_of(warehouse, connection, "still") == signal

    warehouse.forget_calls()
    assert process(warehouse, connection) == []
    assert profiling(warehouse, schema) == []
    assert refresh(cli, connection)["changed"] == []

    warehouse.redshift(f"insert into {schema}.moving values (2, 'b')")
    wait_until(lambda: refresh(cli, connection)["changed"] == [f"dev.{schema}.moving"])
    assert listed(cli, connection=connection)[f"dev.{schema}.moving"]["state"] == "changed"
    warehouse.forget_calls()
    assert process(warehouse, connection) == ["moving"]
    assert len(profiling(warehouse, schema)) == 2
    assert listed(cli, connection=connection)[f"dev.{schema}.moving"]["state"] == "ok"


def noticed(warehouse: Warehouse, bell: str) -> None:
    """Wait until SHOW TABLES, which is always late, shows every earlier write."""

    def modified() -> object:
        schema, name = bell.split(".")
        rows = warehouse.ask(f'show tables from schema "dev"."{schema}"')
        return next(row["last_modified_time"] for row in rows if row["table_name"] == name)

    before = modified()
    warehouse.redshift(f"insert into {bell} values (1, 'a')")
    wait_until(lambda: modified() != before)


def test_an_altered_column_is_a_change_with_every_signal(warehouse: Warehouse, cli: Run) -> None:
    warehouse.redshift(
        "create schema altered", "create table altered.t (id integer)", "create view altered.v as select 1 as a"
    )
    refresh(cli)
    warehouse.app.catalog.select(warehouse.connection("admin"), ["altered.*"], Usage())
    process(warehouse, "admin")
    warehouse.redshift("alter table altered.t add column more varchar(10)")

    assert refresh(cli)["changed"] == ["dev.altered.t"]
    assert process(warehouse, "admin") == ["t"]


def test_a_vanished_table_is_gone_and_back_again_it_is_itself(warehouse: Warehouse, cli: Run) -> None:
    warehouse.redshift("create schema coming", "create table coming.t (id integer)", "insert into coming.t values (1)")
    refresh(cli)
    warehouse.app.catalog.select(warehouse.connection("admin"), ["coming.t"], Usage())
    process(warehouse, "admin")
    name = TableName("dev", "coming", "t")

    warehouse.redshift("drop table coming.t")
    assert refresh(cli)["gone"] == ["dev.coming.t"]
    assert listed(cli, "--selected")["dev.coming.t"]["state"] == "gone"
    assert process(warehouse, "admin") == []
    assert warehouse.app.profiles.get(warehouse.connection("admin"), name) is not None

    warehouse.redshift("create table coming.t (id integer)", "insert into coming.t values (1), (2)")
    back = refresh(cli)
    assert (back["new"], back["gone"]) == ([], [])
    assert listed(cli, "--selected")["dev.coming.t"]["state"] == "changed"
    assert process(warehouse, "admin") == ["t"]
    profile = warehouse.app.profiles.get(warehouse.connection("admin"), name)
    assert profile is not None
    assert profile.rows == 2


def test_age_decides_where_no_signal_can_be_read(warehouse: Warehouse, cli: Run) -> None:
    refresh(cli)
    warehouse.app.catalog.select(warehouse.connection("admin"), ["analytics.*"], Usage())
    views = [
        table
        for table in warehouse.app.catalog.selected(warehouse.connection("admin"))
        if table.kind in ("view", "late_binding_view")
    ]

    assert views
    assert {signal_of(warehouse, "admin", view.name.name) for view in views} == {"age"}
    verdicts = warehouse.app.profiles.due(warehouse.connection("admin"), views, ProfileOptions(scan_views=True))
    assert all(verdict.due for verdict in verdicts)
    assert not any(
        verdict.due for verdict in warehouse.app.profiles.due(warehouse.connection("admin"), views, ProfileOptions())
    )


def test_an_estimate_sends_nothing_and_foretells_the_statements(warehouse: Warehouse, cli: Run) -> None:
    refresh(cli)
    warehouse.app.catalog.select(warehouse.connection("admin"), ["raw_stripe.*", "marketing.*.*"], Usage())
    warehouse.forget_calls()
    estimate = warehouse.app.processing.estimate(warehouse.connection("admin"), Request())
    assert warehouse.calls() == []

    process(warehouse, "admin")
    assert estimate.statements == len(warehouse.calls())
    stored: list[Table] = [
        one
        for one in warehouse.app.catalog.selected(warehouse.connection("admin"))
        if one.kind in ("table", "materialized_view")
    ]
    assert estimate.tables == len(stored)
    assert estimate.megabytes > 0
    assert warehouse.app.processing.estimate(warehouse.connection("admin"), Request()).tables == 0
