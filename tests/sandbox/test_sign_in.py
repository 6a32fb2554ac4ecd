"""The Data API's sign-in: every target with every authentication choice, allowed and refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.front import ACCOUNT, aws, database, refusal

CLUSTER = {"ClusterIdentifier": "demo-cluster", "Database": "dev"}
WORKGROUP = {"WorkgroupName": "demo-workgroup", "Database": "dev"}
NO_ENDPOINT = "Redshift endpoint doesn't exist in this region."


def who(sandbox: Sandbox, identity: Any = "admin", **members: Any) -> str:
    """The database user a statement runs as, or the error of the statement."""
    data = aws(sandbox, "redshift-data", identity)
    started = data.execute_statement(Sql="select current_user", WaitTimeSeconds=30, **members)
    if started["Status"] != "FINISHED":
        return str(data.describe_statement(Id=started["Id"])["Error"])
    return str(data.get_statement_result(Id=started["Id"])["Records"][0][0]["stringValue"])


def denied(sandbox: Sandbox, identity: str, **members: Any) -> tuple[str, str]:
    code, _, said = refusal(aws(sandbox, "redshift-data", identity).execute_statement, Sql="select 1", **members)
    return code, said


@pytest.fixture
def person(sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    """A database user with a password; it is dropped after the test."""
    name, password = f"person_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    with database(sandbox) as connection:
        connection.execute(f"create user {name} password '{password}'")
        yield name, password
        connection.execute(f"drop user {name}")


@pytest.fixture
def secret(sandbox: Sandbox) -> Iterator[Any]:
    """A function that creates secrets; they are deleted after the test."""
    manager, made = aws(sandbox, "secretsmanager"), []

    def make(content: Any, **members: Any) -> str:
        text = content if isinstance(content, str) else json.dumps(content)
        answer = manager.create_secret(Name=f"secret-{uuid.uuid4().hex}", SecretString=text, **members)
        made.append(answer["ARN"])
        return str(answer["ARN"])

    yield make
    for arn in made:
        manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize("identity", ["admin", "analyst"])
@pytest.mark.parametrize("target", [CLUSTER, WORKGROUP])
def test_an_identity_is_its_own_database_user(sandbox: Sandbox, identity: str, target: dict[str, str]) -> None:
    assert who(sandbox, identity, **target) == f"IAM:{identity}"


def test_the_workgroup_may_be_named_by_its_arn(sandbox: Sandbox) -> None:
    serverless = aws(sandbox, "redshift-serverless")
    arn = serverless.get_workgroup(workgroupName="demo-workgroup")["workgroup"]["workgroupArn"]
    assert who(sandbox, WorkgroupName=arn, Database="dev") == "IAM:admin"


def test_a_named_user_needs_its_permission(sandbox: Sandbox, person: tuple[str, str]) -> None:
    assert who(sandbox, DbUser="awsuser", **CLUSTER) == "awsuser"
    assert who(sandbox, DbUser=person[0], **CLUSTER) == person[0]


def test_a_named_user_that_does_not_exist_fails_the_statement(sandbox: Sandbox) -> None:
    assert (
        who(sandbox, DbUser="not_there", **CLUSTER) == 'FATAL: password authentication failed for user "IAM:not_there"'
    )


def test_a_database_that_does_not_exist_fails_the_statement(sandbox: Sandbox) -> None:
    assert who(sandbox, **{**CLUSTER, "Database": "not_there"}) == 'FATAL: database "not_there" does not exist'
    assert "is not currently accepting connections" in who(sandbox, **{**CLUSTER, "Database": "template1"})


@pytest.mark.parametrize(
    "members",
    [
        {"ClusterIdentifier": "other", "Database": "dev"},
        {"WorkgroupName": "other", "Database": "dev"},
        {"WorkgroupName": "demo-cluster", "Database": "dev"},
        {"ClusterIdentifier": "demo-workgroup", "Database": "dev"},
    ],
)
def test_a_wrong_target_has_no_endpoint(sandbox: Sandbox, members: dict[str, str]) -> None:
    assert denied(sandbox, "admin", **members) == ("ValidationException", NO_ENDPOINT)


def test_a_wrong_region_has_no_endpoint(sandbox: Sandbox) -> None:
    data = aws(sandbox, "redshift-data", region="eu-west-1")
    assert refusal(data.execute_statement, Sql="select 1", **CLUSTER)[2] == NO_ENDPOINT


def test_a_refused_credentials_call_arrives_as_a_validation_exception(sandbox: Sandbox) -> None:
    code, said = denied(sandbox, "analyst", DbUser="awsuser", **CLUSTER)
    assert code == "ValidationException"
    assert said == (
        f"User: arn:aws:iam::{ACCOUNT}:user/analyst is not authorized to perform: redshift:GetClusterCredentials on "
        f"resource: arn:aws:redshift:us-east-1:{ACCOUNT}:dbuser:demo-cluster/awsuser because no identity-based policy "
        "allows the redshift:GetClusterCredentials action"
    )


def test_a_refused_data_api_action_is_an_access_denied_exception(sandbox: Sandbox) -> None:
    code, said = denied(sandbox, "nobody", **CLUSTER)
    assert code == "AccessDeniedException"
    assert (
        f"redshift-data:ExecuteStatement on resource: arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:demo-cluster" in said
    )


def test_the_managed_policys_user_must_be_made_by_hand(sandbox: Sandbox) -> None:
    user = "redshift_data_api_user"
    said = f'FATAL: password authentication failed for user "IAM:{user}"'
    assert who(sandbox, "analyst", DbUser=user, **CLUSTER) == said
    with database(sandbox) as connection:
        connection.execute(f"create user {user} password disable")
        try:
            assert who(sandbox, "analyst", DbUser=user, **CLUSTER) == user
        finally:
            connection.execute(f"drop user {user}")


def test_the_managed_policy_alone_needs_the_workgroups_tag(sandbox: Sandbox) -> None:
    iam, serverless = aws(sandbox, "iam"), aws(sandbox, "redshift-serverless")
    name = f"managed-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonRedshiftDataFullAccess")
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    arn = serverless.get_workgroup(workgroupName="demo-workgroup")["workgroup"]["workgroupArn"]
    code, _, said = refusal(aws(sandbox, "redshift-data", keys).execute_statement, Sql="select 1", **WORKGROUP)
    assert code == "ValidationException"
    assert f"redshift-serverless:GetCredentials on resource: {arn} because" in said
    serverless.tag_resource(resourceArn=arn, tags=[{"key": "RedshiftDataFullAccess", "value": ""}])
    try:
        assert who(sandbox, keys, **WORKGROUP) == f"IAM:{name}"
    finally:
        serverless.untag_resource(resourceArn=arn, tagKeys=["RedshiftDataFullAccess"])


def test_a_workgroup_takes_no_database_user(sandbox: Sandbox) -> None:
    assert denied(sandbox, "admin", DbUser="awsuser", **WORKGROUP)[0] == "ValidationException"


@pytest.mark.parametrize("target", [CLUSTER, WORKGROUP])
def test_a_secret_logs_its_user_in(
    sandbox: Sandbox, person: tuple[str, str], secret: Any, target: dict[str, str]
) -> None:
    arn = secret({"username": person[0], "password": person[1]})
    assert who(sandbox, SecretArn=arn, **target) == person[0]


def test_a_secret_of_the_cluster_is_not_for_another(sandbox: Sandbox, person: tuple[str, str], secret: Any) -> None:
    login = {"username": person[0], "password": person[1]}
    assert who(sandbox, SecretArn=secret({**login, "dbClusterIdentifier": "demo-cluster"}), **CLUSTER) == person[0]
    code, said = denied(sandbox, "admin", SecretArn=secret({**login, "dbClusterIdentifier": "other"}), **CLUSTER)
    assert code == "ValidationException"
    assert "dbClusterIdentifier" in said


@pytest.mark.parametrize("content", ["no json", "{}", '["a"]', '{"username": "awsuser"}'])
def test_a_secret_without_a_login_is_refused(sandbox: Sandbox, secret: Any, content: str) -> None:
    assert denied(sandbox, "admin", SecretArn=secret(content), **CLUSTER)[0] == "ValidationException"


def test_a_secret_with_a_wrong_password_fails_the_statement(sandbox: Sandbox, secret: Any) -> None:
    arn = secret({"username": "awsuser", "password": "wrong"})
    said = who(sandbox, SecretArn=arn, **CLUSTER)
    assert said == 'FATAL: password authentication failed for user "awsuser"'


def test_a_missing_secret_is_an_error(sandbox: Sandbox) -> None:
    arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:none-AbCdEf"
    code, said = denied(sandbox, "admin", SecretArn=arn, **CLUSTER)
    assert (code, said) == ("ValidationException", "Secrets Manager can't find the specified secret.")


def test_a_deleted_secret_is_not_found(sandbox: Sandbox, person: tuple[str, str], secret: Any) -> None:
    arn = secret({"username": person[0], "password": person[1]})
    aws(sandbox, "secretsmanager").delete_secret(SecretId=arn)
    code, said = denied(sandbox, "admin", SecretArn=arn, **CLUSTER)
    assert (code, said) == ("ValidationException", "Secrets Manager can't find the specified secret.")


def test_the_managed_policy_reads_tagged_secrets_only(sandbox: Sandbox, person: tuple[str, str], secret: Any) -> None:
    login = {"username": person[0], "password": person[1]}
    untagged = secret(login)
    code, said = denied(sandbox, "analyst", SecretArn=untagged, **CLUSTER)
    assert code == "ValidationException"
    assert f"secretsmanager:GetSecretValue on resource: {untagged} because" in said
    tagged = secret(login, Tags=[{"Key": "RedshiftDataFullAccess", "Value": "any"}])
    assert who(sandbox, "analyst", SecretArn=tagged, **CLUSTER) == person[0]


def test_a_secret_under_a_key_of_ones_own_needs_the_key(sandbox: Sandbox, person: tuple[str, str], secret: Any) -> None:
    key = aws(sandbox, "kms").create_key()["KeyMetadata"]
    tags = [{"Key": "RedshiftDataFullAccess", "Value": ""}]
    arn = secret({"username": person[0], "password": person[1]}, Tags=tags, KmsKeyId=key["KeyId"])
    code, said = denied(sandbox, "analyst", SecretArn=arn, **CLUSTER)
    assert code == "ValidationException"
    assert f"kms:Decrypt on resource: {key['Arn']} because" in said
    assert who(sandbox, SecretArn=arn, **CLUSTER) == person[0]


def test_lists_sign_in_as_statements_do(sandbox: Sandbox) -> None:
    databases = aws(sandbox, "redshift-data", "analyst").list_databases(**WORKGROUP)["Databases"]
    assert {"dev", "marketing"} <= set(databases)
    code, _, said = refusal(aws(sandbox, "redshift-data", "analyst").list_schemas, DbUser="awsuser", **CLUSTER)
    assert code == "ValidationException"
    assert "redshift:GetClusterCredentials" in said
