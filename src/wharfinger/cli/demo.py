"""`wharfinger demo`: the whole main job, step by step, on a temporary sandbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.output import print_document

if TYPE_CHECKING:
    from wharfinger.cli.demo_stage import Stage

app = typer.Typer()

CHANGES = [
    "insert into raw_shop.orders select * from raw_shop.orders where id <= 5",
    "create table raw_stripe.top_ups (id bigint primary key, amount numeric(12,2), paid_on date) sortkey (paid_on)",
    "insert into raw_stripe.top_ups values (1, 99.50, '2026-11-20'), (2, 12.00, '2026-11-21')",
    "drop table raw_shop.feature_flags",
]


@app.command()
def demo(
    latency: Annotated[
        int, typer.Option("--latency-ms", min=0, metavar="N", help="Milliseconds added to each AWS request.")
    ] = 0,
) -> None:
    """Show the whole main job on a local Redshift: connect, choose, process, refresh. Leaves nothing behind.

    Needs the extra: pip install "wharfinger[sandbox]".

    Example: wharfinger demo
    """
    from wharfinger.cli.demo_stage import staged
    from wharfinger.cli.demo_summary import summary

    started = time.monotonic()
    with staged(latency) as stage:
        _analyst_connects(stage)
        _administrator_grants(stage)
        _choose_and_process(stage)
        _texts_side_by_side(stage)
        _refresh(stage)
        document = summary(stage, seconds=time.monotonic() - started)
    print_document(document, lambda screen: screen.facts((label, str(value)) for label, value in document.items()))


def _analyst_connects(stage: Stage) -> None:
    stage.heading("An analyst connects to the serverless workgroup")
    target = ["--region", stage.region, "--database", "dev", *stage.keys("analyst")]
    stage.say("A mistyped name: the test reports which check failed and what to do. Nothing is saved.")
    stage.run("connection", "add", "analyst", "--workgroup", "demo-workgruop", *target, expect=1)
    stage.say("The right name: AmazonRedshiftDataFullAccess lets her sign in, but she cannot see table sizes yet.")
    stage.run("connection", "add", "analyst", "--workgroup", "demo-workgroup", *target)
    stage.run("tables", "refresh", "analyst", quiet=True)
    stage.run("tables", "select", "analyst", "raw_shop.orders", "raw_shop.customers")
    stage.say("In Redshift she has only the rights of PUBLIC, so profiling fails and names the missing GRANT.")
    stage.run("process", "analyst", expect=1)


def _administrator_grants(stage: Stage) -> None:
    stage.heading("The administrator connects to the cluster and grants what is missing")
    stage.run(
        "connection", "add", "admin", "--cluster", "demo-cluster", "--region", stage.region, "--database", "dev",
        "--sign-in", "db-user", "--db-user", "awsuser", *stage.keys("admin"),
    )  # fmt: skip
    stage.run("connection", "grants", "analyst", "raw_shop.*", "--via", "admin", "--yes")
    stage.run("connection", "test", "analyst")
    stage.run("process", "analyst")


def _choose_and_process(stage: Stage) -> None:
    stage.heading("Choose tables, see the cost, process")
    stage.run("tables", "refresh", "admin", quiet=True)
    stage.run("tables", "list", "admin", "--search", "raw_s")
    stage.run("tables", "select", "admin", "raw_shop.*", "raw_stripe.*", "analytics.*", "tpch.*", "marketing.*.*")
    stage.run("dbt", "import", "admin", "--manifest", stage.dbt_project)
    stage.run("process", "admin", "--estimate")
    stage.run("process", "admin")


def _texts_side_by_side(stage: Stage) -> None:
    stage.heading("Texts from dbt, from comments and from rules, side by side")
    stage.run("show", "admin", "analytics.fct_orders")
    stage.run("show", "admin", "raw_shop.customers")
    stage.say("A text by a person takes precedence over every other source.")
    stage.run("describe", "admin", "raw_shop.customers", "--text", "Everybody who ever had an account.")


def _refresh(stage: Stage) -> None:
    stage.heading("The warehouse changes; only what changed is processed again")
    for sql in CHANGES:
        stage.change("admin", sql)
    stage.run("tables", "refresh", "admin")
    stage.run("tables", "select", "admin", "raw_stripe.top_ups")
    stage.run("process", "admin")
    stage.say("Nothing has changed now, so no profiling statement is sent.")
    stage.run("process", "admin")
