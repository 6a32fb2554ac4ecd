"""The data sets, loaded into an engine."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wharfinger_sandbox.data.data_sets import load
from wharfinger_sandbox.data.generate import copy_text
from wharfinger_sandbox.data.shop import TABLES, of_database
from wharfinger_sandbox.data.shop_edge_cases import LONGEST_NAME
from wharfinger_sandbox.data.shop_views import EXTERNAL, VIEWS
from wharfinger_sandbox.data.tpch import statements
from wharfinger_sandbox.dialect.names import ident
from wharfinger_sandbox.engine import Engine

ROWS_AT_A_HUNDREDTH = {
    "region": 5, "nation": 25, "supplier": 100, "customer": 1_500, "part": 2_000, "partsupp": 8_000, "orders": 15_000,
    "lineitem": 60_175,
}  # fmt: skip
"""The numbers of rows of TPC-H at scale 0.01."""

Query = Callable[..., list[tuple[Any, ...]]]


class Loaded:
    """An engine with data, for synchronous tests."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.engine = self.wait(Engine.start(folder))
        self.wait(load(self.engine, names, 0.01))

    def wait(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    def query(self, sql: str, database: str = "dev", role: str = "awsuser") -> list[tuple[Any, ...]]:
        async def ask() -> list[tuple[Any, ...]]:
            async with await self.engine.connect(database, role) as connection:
                return list(await (await connection.execute(sql.encode())).fetchall())

        return list(self.wait(ask()))

    def close(self) -> None:
        self.wait(self.engine.stop())
        self.loop.close()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    one = Loaded(tmp_path_factory.mktemp("loaded"), "shop", "tpch")
    yield one
    one.close()


@pytest.mark.parametrize("database", ["dev", "marketing"])
def test_every_table_holds_its_rows(loaded: Loaded, database: str) -> None:
    counts = " union all ".join(
        f"select {number}, count(*) from {ident(one.schema)}.{ident(one.name)}"
        for number, one in enumerate(of_database(database).values())
    )
    expected = [one.rows for one in of_database(database).values()]
    assert [count for _, count in sorted(loaded.query(counts, database))] == expected


@pytest.mark.parametrize(
    "path", ["raw_shop.orders", "raw_stripe.charges", "raw_shop.extreme_values", "raw_shop.select"]
)
def test_loaded_rows_are_the_generated_rows(loaded: Loaded, path: str) -> None:
    one = of_database("dev")[path]
    sent = "".join(copy_text(one, of_database("dev"))).split("\n")[:-1]

    async def copied() -> list[str]:
        async with await loaded.engine.connect("dev", "awsuser") as connection, connection.cursor() as cursor:
            sql = f"copy {ident(one.schema)}.{ident(one.name)} to stdout".encode()
            async with cursor.copy(sql) as copy:
                return [bytes(part).decode() async for part in copy]

    received = "".join(loaded.wait(copied())).split("\n")[:-1]
    places = [place for place, column in enumerate(one.columns) if re.match("varchar|bigint|integer", column.type)]
    assert len(received) == one.rows
    for given, got in zip(sent, received, strict=True):
        assert [given.split("\t")[place] for place in places] == [got.split("\t")[place] for place in places]


def test_everything_belongs_to_the_administrator(loaded: Loaded) -> None:
    owners = loaded.query(
        "select distinct pg_get_userbyid(c.relowner) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname in ('raw_shop', 'raw_stripe', 'analytics', 'tpch') and c.relkind in ('r', 'v', 'm')"
    )
    assert owners == [("awsuser",)]


def test_extreme_values_survive(loaded: Loaded) -> None:
    row = loaded.query(
        "select max(exact)::text, min(whole_38)::text, max(day)::text, min(day)::text, max(moment)::text, "
        "max(double)::text, min(single)::text, max(octet_length(long_text)), count(blank_or_null), count(*) "
        "from raw_shop.extreme_values"
    )[0]
    assert row == (
        "9" * 28 + "." + "9" * 10, "-" + "9" * 38, "5874897-12-31", "4713-01-01 BC", "294276-12-31 23:59:59",
        "NaN", "-Infinity", 60_000, 9, 12,
    )  # fmt: skip


def test_hostile_names_reach_the_catalog_unharmed(loaded: Loaded) -> None:
    found = {name for (name,) in loaded.query("select relname::text from pg_class where relkind = 'r'")}
    assert {one.name for one in TABLES if one.database == "dev"} <= found
    assert LONGEST_NAME in found


def test_comments_are_kept_in_full(loaded: Loaded) -> None:
    expected = {(one.path, one.comment) for one in of_database("dev").values() if one.comment}
    rows = loaded.query(
        "select n.nspname || '.' || c.relname, d.description "
        "from pg_description d join pg_class c on c.oid = d.objoid "
        "join pg_namespace n on n.oid = c.relnamespace where d.objsubid = 0 and n.nspname like 'raw_%'"
    )
    assert expected <= set(rows)
    assert max(len(text) for _, text in rows) > 256


def test_views_of_every_kind_are_there(loaded: Loaded) -> None:
    for view in VIEWS:
        rows = loaded.query(f"select count(*) from {view.schema}.{view.name}", view.database)
        assert rows[0][0] > 0, view.name


def test_the_models_of_the_dbt_project_hold_rows(loaded: Loaded) -> None:
    rows = {
        name: loaded.query(f"select count(*) from analytics.{name}")[0][0]
        for name in ("stg_orders", "dim_customers", "fct_orders", "fct_daily_revenue", "store_revenue", "country_names")
    }
    assert rows["stg_orders"] == rows["fct_orders"] == 10_000
    assert rows["dim_customers"] == 3_000
    assert rows["country_names"] == 10
    assert min(rows.values()) > 0
    assert loaded.query("select count(*) from analytics.products_snapshot")[0][0] == 600


def test_external_tables_are_listed(loaded: Loaded) -> None:
    rows = loaded.query("select schemaname, tablename from svv_external_tables")
    assert {(schema.strip(), name.strip()) for schema, name in rows} == {
        (EXTERNAL.name, name) for name in EXTERNAL.tables
    }


def test_statistics_are_there_for_the_planner_and_the_catalog(loaded: Loaded) -> None:
    rows = loaded.query("select reltuples::bigint from pg_class where oid = 'raw_shop.page_views'::regclass")
    assert rows == [(150_000,)]


def test_tpch_is_whole_at_a_hundredth(loaded: Loaded) -> None:
    rows = {name: loaded.query(f"select count(*) from tpch.{name}")[0][0] for name in statements()}
    assert rows == ROWS_AT_A_HUNDREDTH
    assert loaded.query("select sum(l_quantity)::text from tpch.lineitem")[0][0] == "1536127.00"


def test_tpch_tables_come_after_those_they_refer_to() -> None:
    seen: set[str] = set()
    for name, sql in statements().items():
        assert set(re.findall(r"references tpch\.(\w+)", sql)) <= seen
        seen.add(name)
    assert len(seen) == 8


def test_loading_again_changes_nothing(loaded: Loaded) -> None:
    def state() -> str:
        rows = loaded.query(
            "select oid, relname::text, relfilenode from pg_class where relkind in ('r', 'v', 'm') order by 1"
        )
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    before = state()
    loaded.wait(load(loaded.engine, ["tpch", "shop"], 0.01))
    assert state() == before


def test_an_unknown_data_set_is_named(loaded: Loaded) -> None:
    with pytest.raises(ValueError, match="shop, tpch"):
        loaded.wait(load(loaded.engine, ["chinook"], 1))
