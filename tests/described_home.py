"""A home with a connection and a catalog that a test can change as refreshes would, without a warehouse."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wharfinger import store
from wharfinger.app import App, open_app
from wharfinger.catalog.model import Column, Signal, Signature, Table
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.names import TableName
from wharfinger.describing.model import Description

store.setup()

from wharfinger.catalog.reader import Relation  # noqa: E402
from wharfinger.catalog.store import CatalogStore  # noqa: E402
from wharfinger.connections.store import ConnectionStore  # noqa: E402

HOSTILE = 'odd "t"; drop table x -- ö\\%'
ORDERS, CUSTOMERS = TableName("dev", "raw_shop", "orders"), TableName("dev", "raw_shop", "customers")
ODD = TableName("dev", "raw shop.2", HOSTILE)
SIGNATURE = Signature("columns", Signal("age"))
READ = datetime(2026, 1, 1, tzinfo=UTC)


def table(name: TableName, comment: str = "") -> Table:
    columns = (
        Column("id", "bigint", 1, nullable=False),
        Column("total", "numeric(12,2)", 2, comment="Gross of tax"),
        Column(HOSTILE, "varchar(20)", 3),
    )
    return Table(name, "table", comment=comment, columns=columns, signature=SIGNATURE, read_at=READ)


class Home:
    """A home with a connection and a catalog that a test can change, as a refresh would."""

    def __init__(self, folder: Path) -> None:
        self.app: App = open_app(folder)
        self.catalog = CatalogStore()
        wanted = Connection("shop", "cluster", "demo", "us-east-1", "dev")
        self.connection = ConnectionStore(self.app.parts.sealer).add(wanted, Secrets()).id

    @property
    def shop(self) -> Connection:
        return self.app.connections.get("shop")

    def refresh(self, *names: TableName) -> None:
        """Store a refresh that finds exactly these tables."""
        number = self.catalog.begin(self.connection)
        self.catalog.mark_seen(
            self.connection, "dev", number, (Relation((one.schema, one.name), "table") for one in names)
        )
        self.catalog.finish(self.connection, number, set())

    def select(self, *tables: Table) -> None:
        self.catalog.set_selected(self.connection, [one.name for one in tables], selected=True)
        self.catalog.save(self.connection, list(tables))

    def source(self, name: str, column: str | None = None) -> str | None:
        found = self.described(name, column)
        return found.source if found else None

    def described(self, name: str, column: str | None = None) -> Description | None:
        one = self.app.catalog.table(self.shop, name)
        texts = self.app.descriptions.of(self.shop, one)
        return texts.table if column is None else texts.columns.get(column)

    def manifest(self, folder: Path, project: str = "quay", **tables: dict[str, Any]) -> str:
        """A manifest that describes tables of raw_shop: `orders={"description": …, "columns": {…}}`."""
        nodes = {
            f"model.{project}.{name}": {
                "resource_type": "model", "database": "DEV", "schema": "Raw_Shop", "name": name, "alias": name,
                "description": members.get("description"),
                "columns": {key: {"name": key, "description": one} for key, one in members.get("columns", {}).items()},
            }
            for name, members in tables.items()
        }  # fmt: skip
        schema = "https://schemas.getdbt.com/dbt/manifest/v12.json"
        folder.mkdir(exist_ok=True)
        path = folder / "manifest.json"
        path.write_text(
            json.dumps({"metadata": {"dbt_schema_version": schema, "project_name": project}, "nodes": nodes})
        )
        return str(path)
