"""The least policy, statement by statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wharfinger.connections.model import Connection
from wharfinger.connections.policy import Place, least_policy, partition_of
from wharfinger.documents.connections import policy_document

CLUSTER = Connection("shop", "cluster", "demo", "us-east-1", "dev")
WORKGROUP = replace(CLUSTER, target_kind="workgroup")
PLACE = Place("aws", "123456789012")
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf"
ROOT = "arn:aws:redshift:us-east-1:123456789012"


def statements(connection: Connection, place: Place = PLACE, **options: Any) -> dict[str, dict[str, Any]]:
    policy = least_policy(connection, place, options.pop("databases", ()), discovery=options.pop("discovery", False))
    document: dict[str, Any] = dict(policy_document(policy))
    assert document["Version"] == "2012-10-17"
    assert all(statement["Effect"] == "Allow" for statement in document["Statement"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


@pytest.mark.parametrize(
    ("connection", "action", "resources"),
    [
        (CLUSTER, "redshift:GetClusterCredentialsWithIAM", [f"{ROOT}:dbname:demo/dev"]),
        (
            replace(CLUSTER, sign_in="db-user", db_user="reader"),
            "redshift:GetClusterCredentials",
            [f"{ROOT}:dbuser:demo/reader", f"{ROOT}:dbname:demo/dev"],
        ),
        (replace(CLUSTER, sign_in="secret", secret_arn=SECRET), "secretsmanager:GetSecretValue", [SECRET]),
        (replace(WORKGROUP, sign_in="secret", secret_arn=SECRET), "secretsmanager:GetSecretValue", [SECRET]),
        (
            WORKGROUP,
            "redshift-serverless:GetCredentials",
            ["arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/*"],
        ),
    ],
)
def test_the_action_and_resources_of_each_way_to_sign_in(
    connection: Connection, action: str, resources: list[str]
) -> None:
    found = statements(connection)
    (sign_in,) = [one for sid, one in found.items() if sid not in ("RunStatements", "FollowOwnStatements")]

    assert sign_in["Action"] == [action]
    assert sign_in["Resource"] == resources
    assert len(found) == 3


def test_statements_run_on_the_one_target_and_only_own_ones_are_followed() -> None:
    found = statements(CLUSTER)

    assert found["RunStatements"]["Action"] == [
        "redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement",
    ]  # fmt: skip
    assert found["RunStatements"]["Resource"] == [f"{ROOT}:cluster:demo"]
    assert found["FollowOwnStatements"]["Resource"] == ["*"]
    assert found["FollowOwnStatements"]["Condition"] == {
        "StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}
    }


def test_a_workgroup_is_named_by_its_own_arn_when_it_is_known() -> None:
    arn = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/0f2c"
    found = statements(WORKGROUP, replace(PLACE, target_arn=arn))

    assert found["RunStatements"]["Resource"] == [arn]
    assert found["SignIn"]["Resource"] == [arn]


def test_more_databases_are_named_one_by_one() -> None:
    found = statements(CLUSTER, databases=["marketing", "dev"])

    assert found["SignIn"]["Resource"] == [f"{ROOT}:dbname:demo/dev", f"{ROOT}:dbname:demo/marketing"]


def test_a_password_needs_no_action_or_only_the_look_up_of_its_host() -> None:
    password = replace(CLUSTER, sign_in="password", user="reader")

    assert statements(replace(password, host="h")) == {}
    assert statements(password)["FindTheHost"]["Action"] == ["redshift:DescribeClusters"]
    found = statements(replace(password, target_kind="workgroup"))
    assert found["FindTheHost"]["Action"] == ["redshift-serverless:GetWorkgroup"]


def test_discovery_is_there_when_asked_for_only() -> None:
    assert "OptionalDiscovery" not in statements(CLUSTER)
    assert statements(CLUSTER, discovery=True)["OptionalDiscovery"]["Action"] == [
        "redshift:DescribeClusters", "redshift-serverless:ListWorkgroups", "redshift-serverless:GetWorkgroup",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_of_a_region(region: str, partition: str) -> None:
    assert partition_of(region) == partition


def test_no_statement_allows_every_action() -> None:
    for connection in (CLUSTER, WORKGROUP, replace(CLUSTER, sign_in="db-user", db_user="r")):
        for statement in statements(connection, discovery=True).values():
            assert all("*" not in action for action in statement["Action"])
