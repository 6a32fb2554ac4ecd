"""What depends on the shop's tables: views of every kind, the models of the dbt project, an external schema."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

from wharfinger_sandbox.data.manifest import MANIFEST, PROJECT
from wharfinger_sandbox.data.spec import ExternalSchema, View, literal
from wharfinger_sandbox.dialect.names import ident, qualified

VIEWS = (
    View(
        "raw_shop",
        "open_orders",
        "view",
        "create view raw_shop.open_orders as select id, customer_id, status, total, placed_at from raw_shop.orders "
        "where status in ('placed', 'paid', 'packed')",
        comment="Orders that still wait for something",
        column_comments={"placed_at": "When the basket was confirmed"},
    ),
    View(
        "raw_shop",
        "stock",
        "view",
        "create view raw_shop.stock as select variant_id, sum(on_hand) as on_hand, sum(reserved) as reserved "
        "from raw_shop.inventory_levels group by variant_id",
    ),
    View(
        "analytics",
        "orders_live",
        "late_binding_view",
        "create view analytics.orders_live as select id as order_id, status, total, updated_at from raw_shop.orders "
        "with no schema binding",
    ),
    View(
        "analytics",
        "views_live",
        "late_binding_view",
        "create view analytics.views_live as select session_id, path, viewed_at from raw_shop.page_views "
        "with no schema binding",
    ),
    View(
        "analytics",
        "daily_sessions",
        "materialized_view",
        "create materialized view analytics.daily_sessions as select cast(started_at as date) as day, landing, "
        "count(*) as sessions from raw_shop.sessions group by cast(started_at as date), landing",
    ),
    View(
        "ads",
        "spend_by_campaign",
        "view",
        "create view ads.spend_by_campaign as select campaign_id, sum(cost) as cost, sum(clicks) as clicks "
        "from ads.daily_spend group by campaign_id",
        database="marketing",
    ),
)

EXTERNAL = ExternalSchema(
    "lake",
    ("clickstream", "weather"),
    (
        "create external schema lake from data catalog database 'lake' "
        "iam_role 'arn:aws:iam::123456789012:role/quayside-lake'",
        "create external table lake.clickstream (event_id varchar(36), happened_at timestamp, page varchar(512), "
        "dwell_ms integer) partitioned by (day date) stored as parquet location 's3://quayside-lake/clickstream/'",
        "create external table lake.weather (station char(5), measured_on date, wind_ms real) "
        "row format delimited fields terminated by ',' stored as textfile location 's3://quayside-lake/weather/'",
    ),
)

_TAG = re.compile(r"\{\{\s*(source|ref|config)\((.*?)\)\s*\}\}", re.DOTALL)
_SNAPSHOT = (
    "select *, md5(cast(id as varchar(40))) as dbt_scd_id, created_at as dbt_updated_at, created_at as dbt_valid_from, "
    "cast(null as timestamp) as dbt_valid_to from ({sql}) as snapshot"
)


def dbt_statements() -> Iterator[str]:
    """Statements that create the relations that `dbt build` would create, from the SQL in the manifest."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    for node in _in_order(manifest["nodes"]):
        yield from _statements(node, manifest)


def _in_order(nodes: dict[str, Any]) -> list[dict[str, Any]]:
    done: dict[str, dict[str, Any]] = {}

    def visit(name: str) -> None:
        for other in nodes[name]["depends_on"].get("nodes", []):
            if other in nodes and other not in done:
                visit(other)
        done[name] = nodes[name]

    for name in sorted(nodes):
        if name not in done:
            visit(name)
    return list(done.values())


def _statements(node: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    name = qualified((node["schema"], node["alias"]))
    kind = node["config"]["materialized"]
    if kind == "seed":
        yield from _seed(node, name)
    elif kind == "snapshot":
        yield f"create table {name} as {_SNAPSHOT.format(sql=_compiled(node, manifest))}"
    else:
        yield f"create {kind} {name} as {_compiled(node, manifest)}"


def _compiled(node: dict[str, Any], manifest: dict[str, Any]) -> str:
    """The node's SQL with `source()` and `ref()`, the only Jinja in the project, replaced by names."""
    relations = {
        one.get("source_name", "") + "." + one["name"]: qualified(
            (one["schema"], one.get("alias") or one["identifier"])
        )
        for one in (*manifest["nodes"].values(), *manifest["sources"].values())
    }

    def replace(match: re.Match[str]) -> str:
        if match[1] == "config":
            return ""
        return relations[".".join(re.findall(r"'([^']*)'", ("'', " if match[1] == "ref" else "") + match[2]))]

    return _TAG.sub(replace, node["raw_code"]).strip()


def _seed(node: dict[str, Any], name: str) -> Iterator[str]:
    with (PROJECT / node["original_file_path"]).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    types = node["config"]["column_types"]
    yield f"create table {name} ({', '.join(f'{ident(column)} {types[column]}' for column in header)})"
    values = ", ".join(f"({', '.join(literal(value) for value in row)})" for row in rows)
    yield f"insert into {name} values {values}"
