"""Secrets Manager, KMS and EC2: implemented by moto, authorised by the sandbox."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.front import ACCOUNT, aws, refusal


@pytest.fixture
def name() -> str:
    return f"kept-{uuid.uuid4().hex[:12]}"


def user(sandbox: Sandbox, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """The access keys of a new user with these policy statements."""
    iam = aws(sandbox, "iam")
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    keys: dict[str, Any] = iam.create_access_key(UserName=name)["AccessKey"]
    return keys


def test_a_secret_has_versions(sandbox: Sandbox, name: str) -> None:
    manager = aws(sandbox, "secretsmanager")
    arn = manager.create_secret(Name=name, SecretString="first")["ARN"]
    assert arn.startswith(f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-")
    manager.put_secret_value(SecretId=name, SecretString="second")
    assert manager.get_secret_value(SecretId=arn)["SecretString"] == "second"
    assert manager.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "first"
    manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize("bad", ["with space", "tab\t", "é", "a;b", "x" * 513])
def test_a_secrets_name_has_aws_letters(sandbox: Sandbox, bad: str) -> None:
    manager = aws(sandbox, "secretsmanager")
    code, status, said = refusal(manager.create_secret, Name=bad, SecretString="a")
    assert (code, status) == ("ValidationException", 400)
    assert said.startswith("Invalid name.")


def test_a_missing_secret_is_not_found(sandbox: Sandbox, name: str) -> None:
    said = refusal(aws(sandbox, "secretsmanager").get_secret_value, SecretId=name)
    assert said == ("ResourceNotFoundException", 400, "Secrets Manager can't find the specified secret.")


def test_creating_a_secret_twice_is_refused(sandbox: Sandbox, name: str) -> None:
    manager = aws(sandbox, "secretsmanager")
    manager.create_secret(Name=name, SecretString="a")
    assert refusal(manager.create_secret, Name=name, SecretString="b")[:2] == ("ResourceExistsException", 400)


def test_a_policy_may_name_one_secret(sandbox: Sandbox, name: str) -> None:
    manager = aws(sandbox, "secretsmanager")
    resource = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-*"
    keys = user(sandbox, name, {"Action": "secretsmanager:GetSecretValue", "Resource": resource})
    manager.create_secret(Name=name, SecretString="mine")
    other = manager.create_secret(Name=f"other-{name}", SecretString="theirs")["ARN"]
    theirs = aws(sandbox, "secretsmanager", keys)
    assert theirs.get_secret_value(SecretId=name)["SecretString"] == "mine"
    code, _, said = refusal(theirs.get_secret_value, SecretId=f"other-{name}")
    assert code == "AccessDeniedException"
    assert f"on resource: {other} because" in said
    assert refusal(theirs.delete_secret, SecretId=name)[0] == "AccessDeniedException"


def test_a_secret_of_one_region_is_not_in_another(sandbox: Sandbox, name: str) -> None:
    aws(sandbox, "secretsmanager").create_secret(Name=name, SecretString="a")
    elsewhere = aws(sandbox, "secretsmanager", region="eu-west-1")
    assert refusal(elsewhere.get_secret_value, SecretId=name)[0] == "ResourceNotFoundException"


def test_a_key_decrypts_what_it_encrypted(sandbox: Sandbox, name: str) -> None:
    kms = aws(sandbox, "kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    closed = kms.encrypt(KeyId=f"alias/{name}", Plaintext=b"words")["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=closed)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"words", key["Arn"])
    made = kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]


def test_a_policy_may_name_one_key_however_it_is_called(sandbox: Sandbox, name: str) -> None:
    kms = aws(sandbox, "kms")
    mine, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=mine["KeyId"])
    keys = user(sandbox, name, {"Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": mine["Arn"]})
    theirs = aws(sandbox, "kms", keys)
    for called in (mine["KeyId"], mine["Arn"], f"alias/{name}", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/{name}"):
        closed = theirs.encrypt(KeyId=called, Plaintext=b"words")["CiphertextBlob"]
        assert theirs.decrypt(CiphertextBlob=closed)["Plaintext"] == b"words"
    code, _, said = refusal(theirs.encrypt, KeyId=other["KeyId"], Plaintext=b"words")
    assert code == "AccessDeniedException"
    assert f"kms:Encrypt on resource: {other['Arn']} because" in said
    closed = kms.encrypt(KeyId=other["KeyId"], Plaintext=b"words")["CiphertextBlob"]
    assert refusal(theirs.decrypt, CiphertextBlob=closed)[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("describe_key", {"KeyId": "11111111-1111-1111-1111-111111111111"}, "NotFoundException"),
        ("encrypt", {"KeyId": "alias/never-made", "Plaintext": b"a"}, "NotFoundException"),
        ("decrypt", {"CiphertextBlob": b"not ours"}, "InvalidCiphertextException"),
    ],
)
def test_kms_refuses_in_its_own_protocol(sandbox: Sandbox, operation: str, members: dict[str, Any], code: str) -> None:
    assert refusal(getattr(aws(sandbox, "kms"), operation), **members)[:2] == (code, 400)


def test_a_name_with_characters_that_xml_does_not_allow_can_be_listed(sandbox: Sandbox, name: str) -> None:
    ec2 = aws(sandbox, "ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = ec2.create_security_group(GroupName=f"{name}\x00b", Description="odd", VpcId=vpc)["GroupId"]
    (shown,) = ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"]
    assert shown["GroupName"] == f"{name}?b"
    ec2.delete_security_group(GroupId=made)


def test_a_rule_of_a_security_group_is_stored(sandbox: Sandbox) -> None:
    ec2 = aws(sandbox, "ec2")
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": "203.0.113.7/32"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert "203.0.113.7/32" in [one["CidrIp"] for kept in shown["IpPermissions"] for one in kept["IpRanges"]]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])


def test_a_permissions_boundary_is_refused_since_it_would_not_apply(sandbox: Sandbox, name: str) -> None:
    boundary = "arn:aws:iam::aws:policy/AmazonRedshiftDataFullAccess"
    said = refusal(aws(sandbox, "iam").create_user, UserName=name, PermissionsBoundary=boundary)
    assert said[2] == "iam:CreateUser is not part of the sandbox"


def test_cluster_and_workgroup_are_in_a_security_group_that_keeps_its_rules(sandbox: Sandbox) -> None:
    (cluster,) = aws(sandbox, "redshift").describe_clusters()["Clusters"]
    workgroup = aws(sandbox, "redshift-serverless").get_workgroup(workgroupName="demo-workgroup")["workgroup"]
    (group,) = [one["VpcSecurityGroupId"] for one in cluster["VpcSecurityGroups"]]
    assert workgroup["securityGroupIds"] == [group]
    ec2 = aws(sandbox, "ec2")
    rule = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": "192.0.2.77/32"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert "192.0.2.77/32" in [one["CidrIp"] for kept in shown["IpPermissions"] for one in kept["IpRanges"]]
    code = refusal(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])[0]
    assert code == "InvalidPermission.Duplicate"
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    said = refusal(aws(sandbox, "ec2", "analyst").describe_security_groups, GroupIds=[group])
    assert said[:2] == ("UnauthorizedOperation", 403)
