"""A connection and a request become a target: each field that dbt needs, none that it drops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wharfinger.connections.model import Connection, Identity
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret
from wharfinger.dbt.profiles_yml.fields import FIELDS
from wharfinger.dbt.profiles_yml.yaml_values import EnvVar
from wharfinger.dbt.writing.merge import canonical
from wharfinger.dbt.writing.model import Endpoint, Request
from wharfinger.dbt.writing.target_fields import Composed, compose, method_for, needs_identity

HOST = "demo.abc.eu-central-1.redshift.amazonaws.com"
CLUSTER = Connection("quay", "cluster", "demo", "eu-central-1", "dev", sign_in="db-user", db_user="awsuser")
WORKGROUP = Connection("quay", "workgroup", "demo-wg", "eu-central-1", "dev")
REQUEST = Request("quay", "dbt_alice")
AT = Endpoint(HOST, 5439, "123456789012", "IAM:alice")
COMMON = {"type": "redshift", "host": HOST, "port": 5439, "dbname": "dev", "schema": "dbt_alice"}
DEFAULTS = {"threads": 4, "sslmode": "verify-full"}


def made(connection: Connection, at: Endpoint = AT, **wishes: Any) -> Composed:
    return compose(connection, replace(REQUEST, **wishes), at)


CASES: dict[str, tuple[Connection, dict[str, Any], dict[str, Any]]] = {
    "a password, with the user named": (
        CLUSTER,
        {"user": "alice"},
        {"method": "database", "user": "alice", "password": EnvVar("DBT_ENV_SECRET_QUAY_DEV_PASSWORD")},
    ),
    "a password, at a workgroup": (
        WORKGROUP,
        {"user": "alice"},
        {"method": "database", "user": "alice", "password": EnvVar("DBT_ENV_SECRET_QUAY_DEV_PASSWORD")},
    ),
    "a password in clear text": (
        CLUSTER,
        {"user": "alice", "secret": Secret("x")},
        {"method": "database", "user": "alice", "password": Secret("x")},
    ),
    "iam, with the connection's own user": (
        CLUSTER,
        {},
        {"method": "iam", "cluster_id": "demo", "region": "eu-central-1", "user": "awsuser"},
    ),
    "iam, made at first sign-in, in groups": (
        CLUSTER,
        {"user": "alice", "method": "iam", "autocreate": True, "db_groups": ("transformer", "bi")},
        {
            "method": "iam", "cluster_id": "demo", "region": "eu-central-1", "user": "alice", "autocreate": True,
            "db_groups": ("transformer", "bi"),
        },
    ),
    "iam, with an AWS profile": (
        CLUSTER,
        {"user": "alice", "method": "iam", "aws_profile": "work"},
        {"method": "iam", "cluster_id": "demo", "region": "eu-central-1", "user": "alice", "iam_profile": "work"},
    ),
    "iam, with the connection's AWS profile": (
        replace(CLUSTER, identity=Identity("profile", profile="work")),
        {},
        {"method": "iam", "cluster_id": "demo", "region": "eu-central-1", "user": "awsuser", "iam_profile": "work"},
    ),
    "iam, with an access key": (
        CLUSTER,
        {"user": "alice", "method": "iam", "access_key_id": "AKIA1"},
        {
            "method": "iam", "cluster_id": "demo", "region": "eu-central-1", "user": "alice", "access_key_id": "AKIA1",
            "secret_access_key": EnvVar("DBT_ENV_SECRET_QUAY_DEV_ACCESS_KEY"),
        },
    ),
    "iam, at a workgroup": (
        WORKGROUP,
        {"method": "iam"},
        {
            "method": "iam", "is_serverless": True, "serverless_work_group": "demo-wg", "region": "eu-central-1",
            "serverless_acct_id": "123456789012", "user": "IAM:alice",
        },
    ),
    "iam_role, as the connection enters": (
        replace(CLUSTER, sign_in="iam", db_user=""),
        {},
        {"method": "iam_role", "cluster_id": "demo", "region": "eu-central-1"},
    ),
    "iam_role, at a workgroup, with an AWS profile": (
        WORKGROUP,
        {"aws_profile": "work"},
        {
            "method": "iam_role", "is_serverless": True, "serverless_work_group": "demo-wg", "region": "eu-central-1",
            "serverless_acct_id": "123456789012", "iam_profile": "work",
        },
    ),
    "iam_role, for a user of that kind": (
        CLUSTER,
        {"user": "IAMR:dbt"},
        {"method": "iam_role", "cluster_id": "demo", "region": "eu-central-1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("connection", "wishes", "fields"), CASES.values(), ids=CASES)
def test_a_target_has_just_what_its_method_takes(
    connection: Connection, wishes: dict[str, Any], fields: dict[str, Any]
) -> None:
    composed = made(connection, **wishes)

    assert dict(composed.wanted.fields) == {**COMMON, **fields}
    assert dict(composed.wanted.defaults) == DEFAULTS
    method = str(composed.wanted.fields["method"])
    assert all(method in FIELDS[canonical(name)].methods for name in composed.wanted.whole)
    assert list(composed.env) == [value.name for value in composed.wanted.fields.values() if isinstance(value, EnvVar)]


def test_each_target_has_a_variable_of_its_own_whatever_its_name() -> None:
    assert made(CLUSTER, user="a", profile="a b.ü-c", target="pröd").env == ("DBT_ENV_SECRET_A_B_C_PR_D_PASSWORD",)
    assert made(CLUSTER, user="a", profile="ü", target="ö").env == ("DBT_ENV_SECRET_PASSWORD",)


def test_a_tunnel_is_not_asked_for_its_name() -> None:
    assert "sslmode" not in made(CLUSTER, Endpoint("127.0.0.1", 5439), user="a").wanted.whole


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"threads": 8}, {"threads": 8}),
        ({"tcp_keepalive_idle": 60}, {"tcp_keepalive_idle": 60}),
        ({"tcp_keepalive_idle": 0}, {}),
        ({"more": {"ra3_node": True, "role": "builder"}}, {"ra3_node": True, "role": "builder"}),
        ({"more": {"sslmode": "require"}}, {"sslmode": "require"}),
    ],
)
def test_tuning_is_written_as_asked(wishes: dict[str, Any], expected: dict[str, Any]) -> None:
    wanted = made(CLUSTER, user="a", **wishes).wanted
    plain = made(CLUSTER, user="a").wanted

    assert {key: value for key, value in wanted.fields.items() if key not in plain.fields} == expected
    assert wanted.absent == ({"tcp_keepalive_idle"} if wishes.get("tcp_keepalive_idle") == 0 else set())
    assert not set(wanted.fields) & set(wanted.defaults)


REFUSED: dict[str, tuple[Connection, dict[str, Any], str]] = {
    "no user for a password": (replace(WORKGROUP, sign_in="iam"), {"method": "database"}, "user is missing"),
    "no user for iam": (replace(CLUSTER, sign_in="iam", db_user=""), {"method": "iam"}, "user is missing"),
    "a user that GetClusterCredentials refuses": (CLUSTER, {"method": "iam", "user": "al ice"}, "al ice"),
    "public": (CLUSTER, {"method": "iam", "user": "PUBLIC"}, "PUBLIC"),
    "an identity's user by name": (CLUSTER, {"method": "iam", "user": "IAM:alice"}, "iam_role"),
    "a named user at a workgroup": (WORKGROUP, {"method": "iam", "user": "alice"}, "workgroup takes no database user"),
    "a user for iam_role": (CLUSTER, {"method": "iam_role", "user": "alice"}, "A database user does not go"),
    "autocreate with a password": (CLUSTER, {"user": "a", "autocreate": True}, "Creating the user"),
    "groups at a workgroup": (WORKGROUP, {"method": "iam", "db_groups": ("a",)}, "Joining a group"),
    "a key that iam_role drops": (CLUSTER, {"method": "iam_role", "access_key_id": "A"}, "An access key"),
    "an AWS profile for a password": (CLUSTER, {"user": "a", "aws_profile": "b"}, "An AWS profile"),
    "a secret that nothing takes": (CLUSTER, {"method": "iam", "secret": Secret("x")}, "secret"),
}


@pytest.mark.parametrize(("connection", "wishes", "words"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_go_together_is_told(connection: Connection, wishes: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(connection, **wishes)
    assert words in str(refused.value)
    assert refused.value.next_step
    assert refused.value.fields


def test_an_identity_that_nobody_names_is_asked_for() -> None:
    with pytest.raises(Invalid, match="IAM:name or IAMR:role"):
        made(WORKGROUP, Endpoint(HOST, 5439), method="iam")


@pytest.mark.parametrize(
    ("connection", "wishes", "asked"),
    [
        (WORKGROUP, {"method": "iam"}, True),
        (WORKGROUP, {"method": "iam", "user": "IAM:x"}, False),
        (WORKGROUP, {"method": "iam_role"}, False),
        (WORKGROUP, {"user": "alice"}, False),
        (CLUSTER, {"method": "iam"}, False),
    ],
)
def test_aws_is_asked_who_one_is_only_where_dbt_wants_to_know(
    connection: Connection, wishes: dict[str, Any], asked: bool
) -> None:
    assert needs_identity(connection, replace(REQUEST, **wishes)) is asked


@pytest.mark.parametrize(
    ("sign_in", "user", "method"),
    [
        ("password", "", "database"),
        ("secret", "", "database"),
        ("db-user", "", "iam"),
        ("iam", "", "iam_role"),
        ("iam", "alice", "database"),
        ("db-user", "alice", "database"),
        ("password", "IAM:alice", "iam_role"),
    ],
)
def test_the_method_follows_from_the_user_and_the_connection(sign_in: Any, user: str, method: str) -> None:
    assert method_for(replace(CLUSTER, sign_in=sign_in), replace(REQUEST, user=user)) == method


@pytest.mark.parametrize(
    ("connection", "wishes", "words"),
    [
        (replace(CLUSTER, identity=Identity("keys", access_key_id="AKIA1")), {}, "default chain"),
        (replace(CLUSTER, identity=Identity(role_arn="arn:aws:iam::1:role/x")), {}, "source_profile"),
        (replace(CLUSTER, endpoint_url="http://127.0.0.1:1"), {}, "AWS_ENDPOINT_URL=http://127.0.0.1:1"),
        (WORKGROUP, {"method": "iam"}, "ignores it"),
        (WORKGROUP, {}, "dbt v2"),
    ],
)
def test_what_a_person_should_know_is_said(connection: Connection, wishes: dict[str, Any], words: str) -> None:
    assert any(words in note for note in made(connection, **wishes).notes)
    assert made(replace(connection, identity=Identity(), endpoint_url=""), user="alice").notes == ()
