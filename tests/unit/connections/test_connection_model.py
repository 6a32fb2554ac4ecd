"""What may be combined in a connection, and what a caller becomes in the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wharfinger.connections.model import (
    Caller,
    Connection,
    Identity,
    Secrets,
    Target,
    check_connection,
    check_name,
    check_region,
)
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret

BASE = Connection("shop", "cluster", "demo", "us-east-1", "dev")
PASSWORD = Secrets(password=Secret("hunter2"))
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"


@pytest.mark.parametrize(
    ("changes", "secrets"),
    [
        ({}, Secrets()),
        ({"target_kind": "workgroup"}, Secrets()),
        ({"sign_in": "db-user", "db_user": "reader"}, Secrets()),
        ({"sign_in": "secret", "secret_arn": ARN}, Secrets()),
        ({"sign_in": "secret", "secret_arn": ARN, "target_kind": "workgroup"}, Secrets()),
        ({"sign_in": "password", "user": "reader"}, PASSWORD),
        ({"sign_in": "password", "user": "reader", "host": "h", "port": 1}, PASSWORD),
        ({"identity": Identity("keys", access_key_id="AKIA")}, Secrets(secret_access_key=Secret("s"))),
        ({"identity": Identity("profile", profile="p", role_arn="arn:aws:iam::123456789012:role/r")}, Secrets()),
        ({"identity": Identity(role_arn="arn:aws-cn:iam::123456789012:role/a/r", external_id="e")}, Secrets()),
    ],
)
def test_whole_connections_are_valid(changes: dict[str, Any], secrets: Secrets) -> None:
    check_connection(replace(BASE, **changes), secrets)


@pytest.mark.parametrize(
    ("changes", "secrets", "says"),
    [
        ({"name": "my shop"}, Secrets(), "Not a name"),
        ({"region": ""}, Secrets(), "You must specify a region"),
        ({"target": ""}, Secrets(), "--cluster or --workgroup"),
        ({"database": ""}, Secrets(), "--database"),
        ({"sign_in": "db-user", "db_user": "r", "target_kind": "workgroup"}, Secrets(), "--sign-in iam"),
        ({"sign_in": "db-user"}, Secrets(), "--db-user"),
        ({"sign_in": "secret"}, Secrets(), "--secret-arn"),
        ({"sign_in": "secret", "secret_arn": "x"}, Secrets(), "Not a secret ARN"),
        ({"sign_in": "password"}, PASSWORD, "--user"),
        ({"sign_in": "password", "user": "r"}, Secrets(), "--password-from"),
        ({"sign_in": "password", "user": "r", "port": 0}, PASSWORD, "Not a port"),
        ({"sign_in": "password", "user": "r", "port": 65536}, PASSWORD, "Not a port"),
        ({"db_user": "r"}, Secrets(), "--db-user and --sign-in iam exclude"),
        ({"secret_arn": ARN}, Secrets(), "--secret-arn and --sign-in iam exclude"),
        ({"user": "r"}, Secrets(), "--user and --sign-in iam exclude"),
        ({"host": "h"}, Secrets(), "--host and --sign-in iam exclude"),
        ({}, PASSWORD, "--password-from and --sign-in iam exclude"),
        ({"identity": Identity("keys", access_key_id="AKIA")}, Secrets(), "--secret-access-key-from"),
        ({"identity": Identity("keys")}, Secrets(secret_access_key=Secret("s")), "--access-key-id"),
        ({}, Secrets(secret_access_key=Secret("s")), "exclude each other"),
        ({"identity": Identity("profile", profile="p")}, Secrets(session_token=Secret("s")), "exclude each other"),
        ({"identity": Identity(role_arn="role")}, Secrets(), "Not a role ARN"),
        ({"identity": Identity(external_id="e")}, Secrets(), "--role-arn"),
    ],
)
def test_what_does_not_go_together_is_invalid(changes: dict[str, Any], secrets: Secrets, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        check_connection(replace(BASE, **changes), secrets)

    assert caught.value.next_step


@pytest.mark.parametrize("name", ["a", "shop", "Shop-2", "a.b_c", "0", "x" * 63])
def test_usable_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "-x", ".x", "a b", "a/b", "x" * 64, "é", "a\n", 'a"b', "--json"])
def test_unusable_names(name: str) -> None:
    with pytest.raises(Invalid):
        check_name(name)


def test_an_endpoint_with_a_password_in_it_is_refused_without_repeating_it() -> None:
    with pytest.raises(Invalid) as caught:
        check_connection(replace(BASE, endpoint_url="https://ann:hunter2@aws.example"), Secrets())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "ap-southeast-10"])
def test_the_form_of_a_region(region: str) -> None:
    assert check_region(region) is None


@pytest.mark.parametrize(
    "region", ["", "us", "useast1", "US-EAST-1", "us_east_1", "us-east-1 ", "us-east-1a", "eu central 1"]
)
def test_what_cannot_be_a_region(region: str) -> None:
    assert check_region(region)


@pytest.mark.parametrize(
    ("arn", "user"),
    [
        ("arn:aws:iam::123456789012:user/analyst", "IAM:analyst"),
        ("arn:aws:iam::123456789012:user/team/data/ann.b", "IAM:ann.b"),
        ("arn:aws:sts::123456789012:assumed-role/Reader/session-1", "IAMR:Reader"),
        ("arn:aws:iam::123456789012:root", None),
        ("arn:aws:sts::123456789012:federated-user/bob", None),
    ],
)
def test_the_database_user_that_an_identity_becomes(arn: str, user: str | None) -> None:
    assert Caller("123456789012", arn).database_user() == user


@pytest.mark.parametrize(
    ("status", "available"),
    [("available", True), ("AVAILABLE", True), ("MODIFYING", True), ("", True), ("paused", False), ("CREATING", False)],
)
def test_a_target_takes_logins_when_its_status_says_so(status: str, available: bool) -> None:
    assert Target("cluster", "demo", status).is_available is available


def test_a_password_with_its_own_host_needs_no_aws() -> None:
    assert BASE.needs_aws
    assert replace(BASE, sign_in="password").needs_aws
    assert not replace(BASE, sign_in="password", host="h").needs_aws


def test_no_secret_prints_itself_in_a_connections_secrets() -> None:
    assert "hunter2" not in repr(PASSWORD)
