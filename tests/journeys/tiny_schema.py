"""A schema for one test: small tables, tables whose reading waits for a signal, tables that cannot be read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from tests.journeys.warehouse import Warehouse
from tests.sandbox.front import own

# Row security runs a function for each row that is read: one that waits for a row in `gate`, or one that divides by 0.
_WAIT = """
create function {schema}.pass() returns boolean language plpgsql volatile security definer as $$
begin loop perform 1 from {schema}.gate; exit when found; perform pg_sleep(0.02); end loop; return true; end $$
"""


class TinySchema:
    """Tables in a schema with the unique name `name`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.name = f"tiny_{uuid.uuid4().hex[:8]}"
        warehouse.execute(
            f"create schema {self.name}",
            f"create table {self.name}.gate (open integer)",
            _WAIT.format(schema=self.name),
        )

    def table(self, name: str, rows: int = 3) -> str:
        """Make a plain table; returns its full name."""
        self.warehouse.execute(
            f"create table {self.name}.{name} (a integer, b varchar(10))",
            f"insert into {self.name}.{name} select n, 'v' || n from generate_series(1, {rows}) n",
            "select pg_stat_force_next_flush()",  # else the insert is counted at some later time, as a change
            f"analyze {self.name}.{name}",
        )
        return f"dev.{self.name}.{name}"

    def guarded(self, name: str, rule: str, rows: int = 3) -> str:
        """Make a table with a row-level policy that evaluates an expression for each row."""
        full = self.table(name, rows)
        self.warehouse.execute(
            f"alter table {self.name}.{name} enable row level security",
            f"alter table {self.name}.{name} force row level security",
            f"create policy guard on {self.name}.{name} using ({rule})",
        )
        return full

    def slow(self, name: str) -> str:
        """Make a table whose reading waits for `let_go`, so big that it shares no statement."""
        return self.guarded(name, f"(select {self.name}.pass())", rows=100_000)

    def bad(self, name: str) -> str:
        """Make a table that cannot be read."""
        return self.guarded(name, "1 / (a - a) = 1")

    def let_go(self) -> None:
        """Let the waiting statements continue."""
        self.warehouse.execute(f"insert into {self.name}.gate values (1)")

    def waiting(self) -> int:
        """The number of waiting statements."""
        query = f"select count(*) from pg_stat_activity where state = 'active' and query like '%{self.name}%slow%'"
        ((count,),) = self.warehouse.rows(
            f"{query} and pid <> pg_backend_pid() and query not like '%pg_stat_activity%'"
        )
        return int(count)

    def drop(self) -> None:
        self.let_go()
        self.warehouse.execute(f"drop schema {self.name} cascade")


@contextmanager
def tiny_schema(warehouse: Warehouse) -> Iterator[TinySchema]:
    schema = TinySchema(warehouse)
    yield schema
    schema.drop()


def operations(warehouse: Warehouse) -> dict[str, int]:
    """How often each operation of the Data API was called."""
    return dict(own(warehouse.sandbox, "GET", "calls")[1]["operations"])
