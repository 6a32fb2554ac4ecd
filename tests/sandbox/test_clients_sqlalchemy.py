"""SQLAlchemy with sqlalchemy-redshift, over both of its drivers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.client_environments import CLIENTS, ask

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module", params=["psycopg2", "redshift_connector"])
def said(request: pytest.FixtureRequest, shared_sandbox: Sandbox) -> Any:
    document = ask(shared_sandbox, CLIENTS, "alchemy.py", request.param)
    assert document["version"].startswith("2.0.")
    return document


def test_it_names_schemas_tables_and_views(said: Any) -> None:
    assert {"analytics", "public", "raw_shop", "raw_stripe"} <= set(said["schemas"])
    assert {"charges", "refunds"} <= set(said["tables"])
    assert {"stg_orders", "stg_customers", "orders_live"} <= set(said["views"])
    assert said["view"].startswith(" SELECT id AS customer_id,")
    assert said["view"].endswith("FROM raw_shop.customers")


def test_it_reflects_columns_keys_comments_and_options(said: Any) -> None:
    assert said["orders"][:3] == [["id", "BIGINT", False], ["customer_id", "BIGINT", True],
                                  ["order_number", "VARCHAR(16)", True]]  # fmt: skip
    assert ["total", "NUMERIC(12, 2)", True] in said["orders"]
    assert said["orders key"] == {"constrained_columns": ["id"], "name": "orders_pkey"}
    assert {(key["referred_schema"], key["referred_table"]) for key in said["orders parents"]} == {
        ("raw_shop", "customers"), ("raw_shop", "stores"),
    }  # fmt: skip
    assert said["orders comment"].startswith("One row for each order")
    assert said["orders options"]["redshift_distkey"] == "customer_id"
    assert said["orders options"]["redshift_sortkey"] == ["placed_at"]


def test_it_reflects_whole_schemas_with_what_they_refer_to(said: Any) -> None:
    assert said["reflected"] == ["raw_shop.customers", "raw_shop.orders", "raw_shop.stores"]
    assert {"analytics.stg_orders", "analytics.fct_orders"} <= set(said["reflected views"])


def test_it_makes_tables_with_redshifts_attributes_and_drops_them(said: Any) -> None:
    assert said["made"] == [
        ["id", "INTEGER", False], ["name", "VARCHAR(30)", False], ["amount", "NUMERIC(12, 2)", True],
        ["at", "TIMESTAMP", True],
    ]  # fmt: skip
    assert said["made options"] == {
        "redshift_diststyle": "KEY",
        "redshift_distkey": "id",
        "redshift_sortkey": ["at"],
        "redshift_interleaved_sortkey": None,
    }
    assert (said["made comment"], said["made key"], said["made parent"]) == ("made by a client", ["id"], [True])
    assert (said["there"], said["gone"]) == ([True, False], True)


def test_it_writes_and_reads_rows(said: Any) -> None:
    assert said["joined"] == [["a'b%", 2, "3.00"], ["é", 0, "None"]]
    assert said["counts"] == [1, "a'b%", 2, 10000]
