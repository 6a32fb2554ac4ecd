"""Lateral column aliases through the Data API: in single statements, in batches, with parameters."""

from __future__ import annotations

import uuid

import pytest
from tests.conftest import Sandbox
from tests.sandbox.data_api import DataApiClient
from tests.sandbox.front import own


@pytest.fixture(scope="module")
def ask(shared_sandbox: Sandbox) -> DataApiClient:
    return DataApiClient(shared_sandbox)


def test_an_alias_is_inlined_and_a_column_of_from_goes_first(ask: DataApiClient) -> None:
    rows = ask.rows("select n * 2 as m, m + 1 as k from (select 5 as n) t where m > 1")
    assert rows == [[10, 11]]
    assert ask.rows("select n * 2 as n, n + 1 as k from (select 5 as n) t") == [[10, 6]]


def test_a_parameter_inside_an_alias_is_bound_wherever_it_goes(ask: DataApiClient) -> None:
    given = [{"name": "by", "value": "3"}]
    assert ask.rows("select n * :by::int as m, m + 1 as k from (select 5 as n) t", Parameters=given) == [[15, 16]]


@pytest.mark.parametrize("mode", ["TRANSACTION", "AUTO_COMMIT"])
def test_aliases_in_a_batch_are_resolved_within_its_transaction(
    sandbox: Sandbox, ask: DataApiClient, mode: str
) -> None:
    table = f"aliases_{uuid.uuid4().hex[:10]}"
    own(sandbox, "DELETE", "calls")
    sqls = (
        f"create table {table} as select 5 as n, n + 1 as k",
        f"create view {table}_view as select n * 2 as m, m + k as s from {table}",
        f"select s, s + 1 as t from {table}_view where t > 1",
        f"drop table {table} cascade",
    )
    described = ask.batch(*sqls, ExecutionMode=mode)
    assert [one["Status"] for one in described["SubStatements"]] == ["FINISHED"] * 4, described
    assert ask.rows_of(described["SubStatements"][2]["Id"]) == [[16, 17]]
    _, calls = own(sandbox, "GET", "calls")
    assert [one["sql"] for one in calls["statements"] if table in one["sql"]] == list(sqls)


def test_a_name_that_is_no_alias_keeps_the_engines_error(ask: DataApiClient) -> None:
    described = ask.run("select n as m, nothing + m as k from (select 5 as n) t")
    assert described["Status"] == "FAILED"
    assert described["Error"].startswith('ERROR: column "nothing" does not exist')
