"""The control planes redshift and redshift-serverless through boto3: their responses and their errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.front import ACCOUNT, aws, refusal

CLUSTER = f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:demo-cluster"


def test_the_clusters_endpoint_is_the_wire_port(sandbox: Sandbox) -> None:
    (cluster,) = aws(sandbox, "redshift").describe_clusters(ClusterIdentifier="demo-cluster")["Clusters"]
    wire = sandbox.ready["wire"]
    assert cluster["Endpoint"] == {"Address": wire["host"], "Port": wire["port"]}
    assert (cluster["ClusterIdentifier"], cluster["ClusterStatus"]) == ("demo-cluster", "available")
    assert (cluster["MasterUsername"], cluster["DBName"], cluster["PubliclyAccessible"]) == ("awsuser", "dev", False)
    assert timedelta(0) <= datetime.now(UTC) - cluster["ClusterCreateTime"] < timedelta(days=1)


def test_the_paginators_come_to_an_end(sandbox: Sandbox) -> None:
    clusters = aws(sandbox, "redshift").get_paginator("describe_clusters").paginate(PaginationConfig={"PageSize": 20})
    assert [one["ClusterIdentifier"] for page in clusters for one in page["Clusters"]] == ["demo-cluster"]
    serverless = aws(sandbox, "redshift-serverless")
    names = [
        one["workgroupName"]
        for page in serverless.get_paginator("list_workgroups").paginate()
        for one in page["workgroups"]
    ]
    assert names == ["demo-workgroup"]


def test_a_missing_cluster_is_not_found(sandbox: Sandbox) -> None:
    said = refusal(aws(sandbox, "redshift").describe_clusters, ClusterIdentifier="other")
    assert said == ("ClusterNotFound", 404, "Cluster other not found.")


def test_another_region_is_empty(sandbox: Sandbox) -> None:
    redshift = aws(sandbox, "redshift", region="eu-central-1")
    assert redshift.describe_clusters()["Clusters"] == []
    assert refusal(redshift.describe_clusters, ClusterIdentifier="demo-cluster")[0] == "ClusterNotFound"
    serverless = aws(sandbox, "redshift-serverless", region="eu-central-1")
    assert serverless.list_workgroups()["workgroups"] == []
    assert serverless.list_namespaces()["namespaces"] == []
    assert refusal(serverless.get_workgroup, workgroupName="demo-workgroup")[0] == "ResourceNotFoundException"


def test_the_workgroup_and_its_namespace_are_described(sandbox: Sandbox) -> None:
    serverless = aws(sandbox, "redshift-serverless")
    workgroup = serverless.get_workgroup(workgroupName="demo-workgroup")["workgroup"]
    wire = sandbox.ready["wire"]
    assert (workgroup["endpoint"]["address"], workgroup["endpoint"]["port"]) == (wire["host"], wire["port"])
    assert (workgroup["status"], workgroup["publiclyAccessible"]) == ("AVAILABLE", False)
    assert isinstance(workgroup["creationDate"], datetime)
    namespace = serverless.get_namespace(namespaceName=workgroup["namespaceName"])["namespace"]
    assert (namespace["adminUsername"], namespace["dbName"], namespace["status"]) == ("awsuser", "dev", "AVAILABLE")
    assert [one["namespaceName"] for one in serverless.list_namespaces()["namespaces"]] == [workgroup["namespaceName"]]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("get_workgroup", {"workgroupName": "other"}),
        ("get_namespace", {"namespaceName": "other"}),
        ("get_credentials", {"workgroupName": "other"}),
        ("list_tags_for_resource", {"resourceArn": "arn:aws:redshift-serverless:us-east-1:1:workgroup/other"}),
        ("get_custom_domain_association", {"customDomainName": "a.example.com", "workgroupName": "demo-workgroup"}),
    ],
)
def test_what_serverless_does_not_have_is_not_found(sandbox: Sandbox, operation: str, members: dict[str, Any]) -> None:
    said = refusal(getattr(aws(sandbox, "redshift-serverless"), operation), **members)
    assert said[:2] == ("ResourceNotFoundException", 400)


def test_custom_domains_are_denied_at_once(sandbox: Sandbox) -> None:
    redshift = aws(sandbox, "redshift")
    said = refusal(redshift.describe_custom_domain_associations, CustomDomainName="warehouse.example.com")
    assert said[:2] == ("CustomDomainAssociationNotFoundFault", 404)
    said = refusal(redshift.get_cluster_credentials, DbUser="awsuser", CustomDomainName="warehouse.example.com")
    assert said[0] == "CustomDomainAssociationNotFoundFault"


def test_tags_of_the_cluster_are_stored(sandbox: Sandbox) -> None:
    redshift = aws(sandbox, "redshift")
    redshift.create_tags(
        ResourceName=CLUSTER, Tags=[{"Key": "team", "Value": "ü & <b>"}, {"Key": "empty", "Value": ""}]
    )
    (cluster,) = redshift.describe_clusters(TagKeys=["team"])["Clusters"]
    assert {"Key": "team", "Value": "ü & <b>"} in cluster["Tags"]
    assert redshift.describe_clusters(TagKeys=["other"])["Clusters"] == []
    tagged = redshift.describe_tags(ResourceName=CLUSTER)["TaggedResources"]
    assert {one["Tag"]["Key"] for one in tagged} == {"team", "empty"}
    redshift.delete_tags(ResourceName=CLUSTER, TagKeys=["team", "empty"])
    assert redshift.describe_tags()["TaggedResources"] == []
    said = refusal(redshift.create_tags, ResourceName=f"{CLUSTER}x", Tags=[{"Key": "a", "Value": "b"}])
    assert said[0] == "ResourceNotFoundFault"


def test_tags_of_the_workgroup_are_stored(sandbox: Sandbox) -> None:
    serverless = aws(sandbox, "redshift-serverless")
    arn = serverless.get_workgroup(workgroupName="demo-workgroup")["workgroup"]["workgroupArn"]
    assert serverless.list_tags_for_resource(resourceArn=arn)["tags"] == []
    serverless.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "a"}])
    assert serverless.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "a"}]
    serverless.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert serverless.list_tags_for_resource(resourceArn=arn)["tags"] == []


def credentials(sandbox: Sandbox, **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = aws(sandbox, "redshift").get_cluster_credentials(
        ClusterIdentifier="demo-cluster", **members
    )
    return answer


@contextmanager
def lasts(seconds: int) -> Iterator[list[datetime]]:
    """Checks that the moments noted in the block are this many seconds after the block; answers have whole seconds."""
    moments: list[datetime] = []
    before = datetime.now(UTC) - timedelta(seconds=1)
    yield moments
    after, span = datetime.now(UTC), timedelta(seconds=seconds)
    assert moments
    assert all(before <= moment - span <= after for moment in moments)


def test_named_credentials_carry_the_prefix_that_tells_autocreate(sandbox: Sandbox) -> None:
    with lasts(900) as moments:
        plain = credentials(sandbox, DbUser="awsuser")
        moments.append(plain["Expiration"])
    with lasts(3600) as moments:
        made = credentials(sandbox, DbUser="Some.One+x@y-z", AutoCreate=True, DurationSeconds=3600)
        moments.append(made["Expiration"])
    assert (plain["DbUser"], made["DbUser"]) == ("IAM:awsuser", "IAMA:Some.One+x@y-z")
    assert plain["DbPassword"] != made["DbPassword"]


def test_an_identitys_own_credentials_are_its_literal_user(sandbox: Sandbox) -> None:
    by_cluster = aws(sandbox, "redshift").get_cluster_credentials_with_iam(ClusterIdentifier="demo-cluster")
    assert by_cluster["DbUser"] == "IAM:admin"
    with lasts(1800) as moments:
        by_workgroup = aws(sandbox, "redshift-serverless", "analyst").get_credentials(
            workgroupName="demo-workgroup", durationSeconds=1800
        )
        moments.append(by_workgroup["expiration"])
    assert by_workgroup["dbUser"] == "IAM:analyst"


@pytest.mark.parametrize("seconds", [899, 3601])
def test_credentials_live_from_fifteen_minutes_to_an_hour(sandbox: Sandbox, seconds: int) -> None:
    redshift, serverless = aws(sandbox, "redshift"), aws(sandbox, "redshift-serverless")
    cluster = {"ClusterIdentifier": "demo-cluster", "DurationSeconds": seconds}
    assert refusal(redshift.get_cluster_credentials, DbUser="awsuser", **cluster)[0] == "ValidationError"
    assert refusal(redshift.get_cluster_credentials_with_iam, **cluster)[0] == "ValidationError"
    said = refusal(serverless.get_credentials, workgroupName="demo-workgroup", durationSeconds=seconds)
    assert said[0] == "ValidationException"
    assert "'durationSeconds' failed to satisfy constraint" in said[2]


@pytest.mark.parametrize("user", ["1abc", "a:b", "a/b", "public", "PUBLIC", "a b", "ü", "a" * 65])
def test_a_user_name_that_redshift_does_not_allow_is_refused(sandbox: Sandbox, user: str) -> None:
    said = refusal(aws(sandbox, "redshift").get_cluster_credentials, ClusterIdentifier="demo-cluster", DbUser=user)
    assert said[:2] == ("InvalidParameterValue", 400)


def test_group_names_must_be_lower_case(sandbox: Sandbox) -> None:
    members = {"ClusterIdentifier": "demo-cluster", "DbUser": "awsuser", "DbGroups": ["fine", "Not"]}
    assert refusal(aws(sandbox, "redshift").get_cluster_credentials, **members)[0] == "InvalidParameterValue"


def test_credentials_for_a_missing_cluster_are_refused(sandbox: Sandbox) -> None:
    redshift = aws(sandbox, "redshift")
    said = refusal(redshift.get_cluster_credentials, ClusterIdentifier="other", DbUser="awsuser")
    assert said == ("ClusterNotFound", 404, "Cluster other not found.")
    assert refusal(redshift.get_cluster_credentials_with_iam, ClusterIdentifier="other")[0] == "ClusterNotFound"


@pytest.mark.parametrize(
    ("members", "action", "resource"),
    [
        ({"DbUser": "awsuser"}, "GetClusterCredentials", "dbuser:demo-cluster/awsuser"),
        (
            {"DbUser": "redshift_data_api_user", "AutoCreate": True},
            "CreateClusterUser",
            "dbuser:demo-cluster/redshift_data_api_user",
        ),
        ({"DbUser": "redshift_data_api_user", "DbGroups": ["g"]}, "JoinGroup", "dbgroup:demo-cluster/g"),
    ],
)
def test_each_credentials_request_needs_its_own_permission(
    sandbox: Sandbox, members: dict[str, Any], action: str, resource: str
) -> None:
    analyst = aws(sandbox, "redshift", "analyst")
    code, status, said = refusal(analyst.get_cluster_credentials, ClusterIdentifier="demo-cluster", **members)
    assert (code, status) == ("AccessDenied", 403)
    assert f"perform: redshift:{action} on resource: arn:aws:redshift:us-east-1:{ACCOUNT}:{resource} " in said


def test_a_policy_may_ask_for_user_database_and_seconds(sandbox: Sandbox) -> None:
    iam, name = aws(sandbox, "iam"), f"asks-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    condition = {
        "StringEquals": {"redshift:DbUser": "${aws:username}", "redshift:DbName": "dev"},
        "NumericLessThanEquals": {"redshift:DurationSeconds": "900"},
    }
    statement = {"Effect": "Allow", "Action": "redshift:GetClusterCredentials", "Resource": "*", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    redshift = aws(sandbox, "redshift", iam.create_access_key(UserName=name)["AccessKey"])
    own = {"ClusterIdentifier": "demo-cluster", "DbUser": name, "DbName": "dev"}
    assert redshift.get_cluster_credentials(**own)["DbUser"] == f"IAM:{name}"
    for other in ({"DbUser": "awsuser"}, {"DbName": "marketing"}, {"DurationSeconds": 1800}):
        assert refusal(redshift.get_cluster_credentials, **{**own, **other})[0] == "AccessDenied"


def test_the_managed_policy_gives_credentials_of_its_one_user(sandbox: Sandbox) -> None:
    answer = aws(sandbox, "redshift", "analyst").get_cluster_credentials(
        ClusterIdentifier="demo-cluster", DbUser="redshift_data_api_user", DbName="dev"
    )
    assert answer["DbUser"] == "IAM:redshift_data_api_user"
