"""From the members that a door passes to a connection: what may be combined, and which fields are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.connections.parsing import (
    SECRETS,
    TEXTS,
    Given,
    parse_connection,
    parse_identity,
)
from wharfinger.connections.validation import check_connection, check_name
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret

SHOP = {"name": "shop", "cluster": "demo", "region": "us-east-1", "database": "dev"}
WORKGROUP = {"name": "shop", "workgroup": "demo", "region": "us-east-1", "database": "dev"}
PASSWORD = {"sign_in": "password", "user": "reader", "password": Secret("hunter2")}
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"
ROLE_ARN = "arn:aws:iam::123456789012:role/r"
BASE = Connection("shop", "cluster", "demo", "us-east-1", "dev")

Members = dict[str, Given]


@pytest.mark.parametrize(
    ("given", "connection", "secrets"),
    [
        (SHOP, BASE, Secrets()),
        (WORKGROUP, replace(BASE, target_kind="workgroup"), Secrets()),
        (
            {**SHOP, "sign_in": "db-user", "db_user": "reader"},
            replace(BASE, sign_in="db-user", db_user="reader"),
            Secrets(),
        ),
        (
            {**WORKGROUP, "sign_in": "secret", "secret_arn": SECRET_ARN},
            replace(BASE, target_kind="workgroup", sign_in="secret", secret_arn=SECRET_ARN),
            Secrets(),
        ),
        (
            {**SHOP, **PASSWORD},
            replace(BASE, sign_in="password", user="reader"),
            Secrets(password=Secret("hunter2")),
        ),
        (
            {**SHOP, **PASSWORD, "host": "h", "port": "1"},
            replace(BASE, sign_in="password", user="reader", host="h", port=1),
            Secrets(password=Secret("hunter2")),
        ),
        (
            {**SHOP, "access_key_id": "AKIA", "secret_access_key": Secret("s"), "session_token": Secret("t")},
            replace(BASE, identity=Identity("keys", access_key_id="AKIA")),
            Secrets(secret_access_key=Secret("s"), session_token=Secret("t")),
        ),
        (
            {**SHOP, "aws_profile": "p", "role_arn": ROLE_ARN},
            replace(BASE, identity=Identity("profile", profile="p", role_arn=ROLE_ARN)),
            Secrets(),
        ),
        (
            {**SHOP, "role_arn": "arn:aws-cn:iam::123456789012:role/a/r", "external_id": "e"},
            replace(BASE, identity=Identity(role_arn="arn:aws-cn:iam::123456789012:role/a/r", external_id="e")),
            Secrets(),
        ),
        ({**SHOP, "endpoint_url": "https://aws.example"}, replace(BASE, endpoint_url="https://aws.example"), Secrets()),
        (dict.fromkeys(TEXTS, "") | dict.fromkeys(SECRETS) | SHOP, BASE, Secrets()),
        ({**SHOP, "port": 5440, "sign_in": None}, replace(BASE, port=5440), Secrets()),
    ],
)
def test_members_make_a_connection_and_its_secrets(given: Members, connection: Connection, secrets: Secrets) -> None:
    assert parse_connection(given) == (connection, secrets)


def test_a_region_that_is_not_given_is_the_doors_default() -> None:
    given = {**SHOP, "region": ""}
    assert parse_connection(given, "eu-west-1")[0].region == "eu-west-1"
    assert parse_connection(SHOP, "eu-west-1")[0].region == "us-east-1"


@pytest.mark.parametrize(
    ("changes", "fields", "says"),
    [
        ({"name": "my shop"}, ("name",), "Not a name"),
        ({"name": ""}, ("name",), "Not a name"),
        ({"region": ""}, ("region",), "You must specify a region"),
        ({"cluster": ""}, ("cluster", "workgroup"), "exactly one target"),
        ({"workgroup": "w"}, ("cluster", "workgroup"), "exactly one target"),
        ({"database": ""}, ("database",), "database is missing"),
        ({"sign_in": "magic"}, ("sign_in",), "No such sign-in"),
        (
            {"sign_in": "db-user", "db_user": "r", "cluster": "", "workgroup": "w"},
            ("db_user", "secret_arn"),
            "no database user",
        ),
        ({"sign_in": "db-user"}, ("db_user",), "database user is missing"),
        ({"sign_in": "secret"}, ("secret_arn",), "secret ARN is missing"),
        ({"sign_in": "secret", "secret_arn": "x"}, ("secret_arn",), "Not a secret ARN"),
        ({**PASSWORD, "user": ""}, ("user",), "user is missing"),
        ({**PASSWORD, "password": None}, ("password", "db_user"), "password is missing"),
        ({"user": "r"}, ("password", "db_user"), "password is missing"),
        ({"host": "h"}, ("user",), "user is missing"),
        ({"password": Secret("hunter2")}, ("user",), "user is missing"),
        ({"db_user": "r", "secret_arn": SECRET_ARN}, ("db_user", "secret_arn"), "exclude each other"),
        ({"db_user": "r", "user": "u"}, ("db_user", "user"), "exclude each other"),
        ({**PASSWORD, "host": "a b"}, ("host",), "the host alone"),
        ({**PASSWORD, "host": "\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 70}, ("host",), "Not a host"),
        ({**PASSWORD, "host": "demo.example:5440/dev"}, ("host", "port", "database"), "Give demo.example as the host"),
        ({**PASSWORD, "host": "jdbc:redshift://demo.example:1"}, ("host", "port"), "demo.example as the host, 1 as"),
        ({**PASSWORD, "host": "https://demo.example/"}, ("host",), "Give demo.example as the host"),
        ({**PASSWORD, "port": 0}, ("port",), "Not a port"),
        ({**PASSWORD, "port": "65536"}, ("port",), "Not a port"),
        ({**PASSWORD, "port": "five"}, ("port",), "Not a port"),
        ({**PASSWORD, "port": "9" * 5000}, ("port",), "Not a port"),
        ({**PASSWORD, "port": "\N{SUPERSCRIPT TWO}"}, ("port",), "Not a port"),
        ({"db_user": "r", "sign_in": "iam"}, ("db_user", "sign_in"), "exclude each other"),
        ({"secret_arn": SECRET_ARN, "sign_in": "iam"}, ("secret_arn", "sign_in"), "exclude each other"),
        ({"user": "r", "sign_in": "iam"}, ("user", "sign_in"), "exclude each other"),
        ({"host": "h", "sign_in": "iam"}, ("host", "sign_in"), "exclude each other"),
        ({"password": Secret("hunter2"), "sign_in": "iam"}, ("password", "sign_in"), "exclude each other"),
        ({"access_key_id": "AKIA"}, ("access_key_id", "secret_access_key"), "incomplete"),
        ({"access_key_id": "AKIA", "aws_profile": "p"}, ("access_key_id", "aws_profile"), "exclude each other"),
        ({"secret_access_key": Secret("s")}, ("access_key_id", "secret_access_key"), "needs an access key id"),
        ({"aws_profile": "p", "session_token": Secret("s")}, ("access_key_id", "session_token"), "needs an access key"),
        ({"role_arn": "role"}, ("role_arn",), "Not a role ARN"),
        ({"external_id": "e"}, ("role_arn",), "role ARN is missing"),
        ({"endpoint_url": "https://ann:hunter2@aws.example"}, ("endpoint_url",), "takes no user and no password"),
        ({"colour": "red"}, (), "No such field"),
        ({"database": "x" * 2049}, ("database",), "is too long"),
        ({"aws_profile": "x" * 2049}, ("aws_profile",), "is too long"),
    ],
)
def test_what_is_wrong_or_missing_is_invalid_with_its_fields(changes: Members, fields: Any, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        parse_connection({**SHOP, **changes})

    error = caught.value
    assert error.fields == fields
    assert error.next_step
    assert "--" not in str(error)
    assert "hunter2" not in str(error)


def test_a_password_as_a_plain_text_is_a_fault_of_the_door() -> None:
    with pytest.raises(TypeError, match="password has to come as a Secret"):
        parse_connection({**SHOP, **PASSWORD, "password": "hunter2"})
    with pytest.raises(TypeError, match="user is not a secret"):
        parse_connection({**SHOP, **PASSWORD, "user": Secret("reader")})


def test_an_identity_alone_takes_its_own_members_only() -> None:
    keys: Members = {"access_key_id": "AKIA", "secret_access_key": Secret("s")}
    assert parse_identity(keys) == (Identity("keys", access_key_id="AKIA"), Secrets(secret_access_key=Secret("s")))
    assert parse_identity({}) == (Identity(), Secrets())
    with pytest.raises(Invalid, match="No such field"):
        parse_identity({**keys, "database": "dev"})


@pytest.mark.parametrize(
    ("changes", "fields"), [({"target": ""}, ("cluster", "workgroup")), ({"port": 65536}, ("port",))]
)
def test_a_connection_that_was_not_parsed_is_checked_all_the_same(changes: dict[str, Any], fields: Any) -> None:
    with pytest.raises(Invalid) as caught:
        check_connection(replace(BASE, **changes), Secrets())
    assert caught.value.fields == fields


@pytest.mark.parametrize("name", ["a", "shop", "Shop-2", "a.b_c", "0", "x" * 63])
def test_usable_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "-x", ".x", "a b", "a/b", "x" * 64, "é", "a\n", 'a"b', "--json"])
def test_unusable_names(name: str) -> None:
    with pytest.raises(Invalid):
        check_name(name)


@pytest.mark.parametrize(
    ("given", "sign_in"),
    [
        ({}, "iam"),
        ({"db_user": "r"}, "db-user"),
        ({"secret_arn": SECRET_ARN}, "secret"),
        ({"user": "r", "password": Secret("hunter2")}, "password"),
    ],
)
def test_the_sign_in_follows_from_the_members(given: Members, sign_in: str) -> None:
    assert parse_connection({**SHOP, **given})[0].sign_in == sign_in


@pytest.mark.parametrize(
    "host", ["demo.abc.us-east-1.redshift.amazonaws.com", "10.1.2.3", "::1", "localhost", "my_host."]
)
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert parse_connection({**SHOP, **PASSWORD, "host": host})[0].host == host


def test_a_password_in_the_host_is_not_repeated() -> None:
    with pytest.raises(Invalid, match="no user and no password") as caught:
        parse_connection({**SHOP, **PASSWORD, "host": "redshift://ann:hunter2@demo.example/dev"})

    assert "hunter2" not in str(caught.value)
