"""The form of a region, the database user of a caller, and the properties of targets and connections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wharfinger.connections.model import Caller, Connection, Secrets, Target, check_region
from wharfinger.core.secret import Secret

BASE = Connection("shop", "cluster", "demo", "us-east-1", "dev")
PASSWORD = Secrets(password=Secret("hunter2"))


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
