"""The current boto3, and an older one without long polling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.conftest import Sandbox
from tests.sandbox.client_environments import CLIENTS, OURS, ask


@pytest.fixture(scope="module", params=[OURS, pytest.param(CLIENTS, marks=pytest.mark.clients)], ids=["today", "1.35"])
def said(request: pytest.FixtureRequest, shared_sandbox: Sandbox) -> Any:
    python: Path = request.param
    document = ask(shared_sandbox, python, "boto3_statements.py")
    assert (document["version"], document["long_poll"]) == (
        (boto3.__version__, True) if python == OURS else ("1.35.99", False)
    )
    return document


def test_statements_run_as_the_identity_on_the_cluster_and_the_workgroup(said: Any) -> None:
    assert said["caller"] == "arn:aws:iam::123456789012:user/admin"
    assert said["user"] == said["workgroup"] == [["IAM:admin"]]


def test_values_arrive_as_their_types(said: Any) -> None:
    assert said["types"] == [
        1, 2, "1.50", 2.5, True, "é", "2024-01-31", "2022-02-22 00:00:00.0", True, '{"a":[1,2]}',
    ]  # fmt: skip
    assert said["type_names"] == [
        "int2", "int8", "numeric", "float8", "bool", "varchar", "date", "timestamp", "int4", "super",
    ]  # fmt: skip


def test_sessions_batches_and_parameters_work(said: Any) -> None:
    assert said["session"] == [[7]]
    assert (said["batch"], said["batch_rows"]) == (["FINISHED"] * 3, [[2]])
    assert (said["named"], said["listed"]) == ([["y"]], [True])


def test_a_large_result_comes_in_pages(said: Any) -> None:
    assert said["pages"]
    assert said["big"] == [3000, 3000]


def test_failures_have_the_services_messages(said: Any) -> None:
    assert said["failed"] == ["FAILED", 'ERROR: relation "nowhere" does not exist\n  Position: 15']
    assert said["no_result"] == [
        "ResourceNotFoundException", "Query does not have result. Please check query status with DescribeStatement.",
    ]  # fmt: skip
    assert said["no_cluster"] == ["ValidationException", "Redshift endpoint doesn't exist in this region."]


def test_the_catalog_lists_page_to_their_end(said: Any) -> None:
    assert said["databases"] == ["dev", "marketing"]
    assert {"analytics", "information_schema", "pg_catalog", "public", "raw_shop"} <= set(said["schemas"])
    assert len(said["schemas"]) == len(set(said["schemas"]))
    assert {"charges", "refunds"} <= set(said["tables"])
    assert [one for one in said["columns"] if one[0] in ("id", "total", "placed_at")] == [
        ["id", "int8"], ["total", "numeric"], ["placed_at", "timestamptz"],
    ]  # fmt: skip


def test_the_control_planes_paginate(said: Any) -> None:
    assert (said["clusters"], said["workgroups"]) == (["demo-cluster"], ["demo-workgroup"])
