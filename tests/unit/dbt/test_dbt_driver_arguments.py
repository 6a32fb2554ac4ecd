"""The driver gets the arguments that dbt-redshift gives it; the expected ones were printed by dbt-redshift 1.11."""

from __future__ import annotations

from typing import Any

import pytest

from wharfinger.dbt.checking.driver_arguments import can_be_tried, host_names, login_for

HOST = "demo.abc.eu-central-1.redshift.amazonaws.com"
TARGET = {"type": "redshift", "host": HOST, "port": 5439, "database": "dev", "schema": "s"}
BASE = {
    "host": HOST, "port": 5439, "database": "dev", "region": None, "auto_create": False, "db_groups": [],
    "timeout": None, "is_serverless": False, "ssl": True, "sslmode": "verify-ca", "tcp_keepalive": True,
}  # fmt: skip
TEMPORARY = {
    "iam": True, "user": "", "password": "", "cluster_identifier": "demo", "serverless_work_group": None,
    "serverless_acct_id": None, "region": "eu-central-1",
}  # fmt: skip
IAM = {"method": "iam", "cluster_id": "demo", "region": "eu-central-1", "user": "alice"}
ROLE = {"method": "iam_role", "cluster_id": "demo", "region": "eu-central-1"}
SERVERLESS = {"is_serverless": True, "serverless_work_group": "wg", "serverless_acct_id": "123"}
AS_SERVERLESS = {**SERVERLESS, "cluster_identifier": None}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a password": ({"user": "alice", "password": "x"}, {"user": "alice", "password": "x"}),
    "by its name": ({"method": "database", "user": "a", "password": "x"}, {"user": "a", "password": "x"}),
    "iam": (IAM, {**TEMPORARY, "db_user": "alice", "profile": None}),
    "iam with all": (
        {**IAM, "iam_profile": "work", "autocreate": True, "db_groups": ["a"]},
        {**TEMPORARY, "db_user": "alice", "profile": "work", "auto_create": True, "db_groups": ["a"]},
    ),
    "iam with keys": (
        {**IAM, "access_key_id": "A", "secret_access_key": "S", "iam_profile": "unused"},
        {**TEMPORARY, "db_user": "alice", "access_key_id": "A", "secret_access_key": "S"},
    ),
    "iam at a workgroup": ({**IAM, **SERVERLESS}, {**TEMPORARY, **AS_SERVERLESS, "db_user": "alice", "profile": None}),
    "iam_role": (ROLE, {**TEMPORARY, "db_user": None, "group_federation": True}),
    "iam_role with a profile": (
        {**ROLE, "iam_profile": "work"},
        {**TEMPORARY, "db_user": None, "group_federation": True, "profile": "work"},
    ),
    "iam_role at a workgroup": (
        {**ROLE, **SERVERLESS},
        {**TEMPORARY, **AS_SERVERLESS, "db_user": None, "group_federation": False},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), CASES.values(), ids=CASES)
def test_a_target_becomes_the_drivers_arguments(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert dict(login_for({**TARGET, **fields}).arguments) == {**BASE, **expected}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sslmode": "disable"}, {"ssl": False, "sslmode": None}),
        ({"sslmode": "allow"}, {"sslmode": "verify-ca"}),
        ({"sslmode": "require"}, {"sslmode": "verify-ca"}),
        ({"sslmode": "verify-ca"}, {"sslmode": "verify-ca"}),
        ({"sslmode": "verify-full"}, {"sslmode": "verify-full"}),
        ({"connect_timeout": 7}, {"timeout": 7}),
        ({"tcp_keepalive_idle": 60, "tcp_keepalive_count": 3}, {"tcp_keepalive_idle": 60, "tcp_keepalive_count": 3}),
        ({"port": 0}, {"port": 5439}),
        ({"port": 5439.0}, {"port": 5439}),
        ({"host": "wg.123.us-east-1.redshift-serverless.amazonaws.com"}, {"is_serverless": True}),
    ],
)
def test_tuning_reaches_the_driver(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    arguments = login_for({**TARGET, "user": "a", "password": "x", **fields}).arguments
    assert {name: arguments[name] for name in expected} == expected


def test_no_keepalive_no_argument() -> None:
    arguments = login_for({**TARGET, "user": "a", "password": "x", "tcp_keepalive": False, "tcp_keepalive_idle": 1})
    assert not [name for name in arguments.arguments if name.startswith("tcp_")]


def test_what_dbt_runs_after_it_is_kept_and_the_password_is_not_shown() -> None:
    login = login_for({**TARGET, "user": "a", "password": "hunter2", "role": "builder", "query_group": "dbt"})
    assert (login.role, login.query_group) == ("builder", "dbt")
    assert "hunter2" not in repr(login)
    assert login.place == f"dev at {HOST}:5439"


@pytest.mark.parametrize(
    ("host", "names"),
    [
        (HOST, ("demo", "eu-central-1")),
        ("wg.123456789012.us-east-1.redshift-serverless.amazonaws.com", ("wg", "us-east-1")),
        ("c.x.cn-north-1.redshift.amazonaws.com.cn", ("c", "cn-north-1")),
        ("127.0.0.1", ("", "")),
        ("warehouse.example.com", ("", "")),
        ("redshift.amazonaws.com", ("", "")),
    ],
)
def test_an_endpoint_of_amazons_names_cluster_and_region(host: str, names: tuple[str, str]) -> None:
    assert host_names(host) == names


def test_identity_center_is_not_tried() -> None:
    assert not can_be_tried({"method": "browser_identity_center"})
    assert can_be_tried({})
