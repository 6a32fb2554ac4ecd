"""Authentication and routing of AWS requests, and the error messages of refused ones."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from tests.conftest import Sandbox
from tests.sandbox.front import aws, fetch, own, refusal, send, signed

JSON = {"Content-Type": "application/x-amz-json-1.1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TARGET = {**JSON, "X-Amz-Target": "RedshiftData.ListStatements"}
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"


def code_of(answer: tuple[int, str, bytes]) -> tuple[int, str]:
    status, kind, body = answer
    if "json" in kind:
        return status, json.loads(body)["__type"]
    return status, body.decode().partition("<Code>")[2].partition("</Code>")[0]


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("redshift-data", "list_statements", "UnrecognizedClientException", 400),
        ("redshift-serverless", "list_workgroups", "UnrecognizedClientException", 400),
        ("secretsmanager", "list_secrets", "UnrecognizedClientException", 400),
        ("kms", "list_keys", "UnrecognizedClientException", 400),
        ("redshift", "describe_clusters", "InvalidClientTokenId", 403),
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("iam", "list_users", "InvalidClientTokenId", 403),
        ("ec2", "describe_security_groups", "AuthFailure", 401),
    ],
)
def test_an_unknown_key_gets_the_error_of_each_service(
    sandbox: Sandbox, service: str, operation: str, code: str, status: int
) -> None:
    stranger = {"AccessKeyId": "AKIANOBODYKNOWSTHIS0", "SecretAccessKey": "x"}
    said = refusal(getattr(aws(sandbox, service, stranger), operation))
    assert said == (code, status, "The security token included in the request is invalid.")


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("redshift-data", "list_statements", "InvalidSignatureException", 400),
        ("secretsmanager", "list_secrets", "InvalidSignatureException", 400),
        ("redshift", "describe_clusters", "SignatureDoesNotMatch", 403),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", 403),
    ],
)
def test_a_wrong_secret_key_is_refused(sandbox: Sandbox, service: str, operation: str, code: str, status: int) -> None:
    wrong = {"AccessKeyId": sandbox.identity("admin")["access_key_id"], "SecretAccessKey": "wrong"}
    said = refusal(getattr(aws(sandbox, service, wrong), operation))
    assert said[:2] == (code, status)
    assert said[2].startswith("The request signature we calculated does not match the signature you provided.")


def test_a_session_token_that_was_never_issued_is_refused(sandbox: Sandbox) -> None:
    keys = sandbox.identity("admin")
    false = {
        "AccessKeyId": keys["access_key_id"],
        "SecretAccessKey": keys["secret_access_key"],
        "SessionToken": "made up",
    }
    assert refusal(aws(sandbox, "sts", false).get_caller_identity)[0] == "InvalidClientTokenId"


def test_an_unsigned_request_is_refused(sandbox: Sandbox) -> None:
    as_json = send(sandbox, AWSRequest("POST", sandbox.endpoint_url, TARGET, b"{}"))
    assert code_of(as_json) == (400, "MissingAuthenticationTokenException")
    as_form = send(sandbox, AWSRequest("POST", sandbox.endpoint_url, FORM, WHO))
    assert code_of(as_form) == (403, "MissingAuthenticationToken")


def test_a_signature_for_another_service_is_refused(sandbox: Sandbox) -> None:
    status, code = code_of(send(sandbox, signed(sandbox, "redshift-serverless", TARGET, b"{}")))
    assert (status, code) == (400, "InvalidSignatureException")


def test_a_body_that_differs_from_its_signature_is_refused(sandbox: Sandbox) -> None:
    request = signed(sandbox, "redshift-data", TARGET, b"{}")
    request.data = b'{"MaxResults": 1}'
    assert code_of(send(sandbox, AWSRequest("POST", request.url, request.headers, request.data)))[1] == (
        "InvalidSignatureException"
    )


@pytest.mark.parametrize(
    ("service", "headers", "body", "answer"),
    [
        (
            "redshift-data",
            {**JSON, "X-Amz-Target": "RedshiftData.DropEverything"},
            b"{}",
            (400, "UnknownOperationException"),
        ),
        ("s3", {**JSON, "X-Amz-Target": "AmazonS3.GetObject"}, b"{}", (400, "UnknownOperationException")),
        ("s3", FORM, b"Action=GetObject", (400, "UnknownOperationException")),
        ("redshift", FORM, b"Action=DropEverything", (400, "InvalidAction")),
        ("redshift-data", TARGET, b"{no json", (400, "SerializationException")),
        ("redshift-data", TARGET, b"[1]", (400, "SerializationException")),
    ],
)
def test_what_the_sandbox_does_not_have_is_refused_by_name(
    sandbox: Sandbox, service: str, headers: dict[str, str], body: bytes, answer: tuple[int, str]
) -> None:
    assert code_of(send(sandbox, signed(sandbox, service, headers, body))) == answer


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("redshift", "delete_cluster", {"ClusterIdentifier": "demo-cluster"}),
        ("redshift-serverless", "delete_workgroup", {"workgroupName": "demo-workgroup"}),
        ("sts", "get_federation_token", {"Name": "somebody"}),
        ("secretsmanager", "put_resource_policy", {"SecretId": "any", "ResourcePolicy": "{}"}),
        ("kms", "put_key_policy", {"KeyId": "any", "Policy": "{}"}),
    ],
)
def test_an_operation_that_is_not_implemented_is_refused_by_name(
    sandbox: Sandbox, service: str, operation: str, members: dict[str, Any]
) -> None:
    code, status, said = refusal(getattr(aws(sandbox, service), operation), **members)
    assert code in ("InvalidAction", "UnknownOperationException")
    assert status == 400
    assert said.startswith(f"{service}:")
    assert said.endswith("is not part of the sandbox")


@pytest.mark.parametrize(
    ("service", "operation", "members", "action", "code"),
    [
        ("redshift-data", "list_databases", {"ClusterIdentifier": "demo-cluster", "Database": "dev"},
         "redshift-data:ListDatabases", "AccessDeniedException"),
        ("redshift", "describe_clusters", {}, "redshift:DescribeClusters", "AccessDenied"),
        ("redshift-serverless", "list_workgroups", {}, "redshift-serverless:ListWorkgroups", "AccessDeniedException"),
        ("redshift-serverless", "get_namespace", {"namespaceName": "demo-namespace"},
         "redshift-serverless:GetNamespace", "AccessDeniedException"),
        ("secretsmanager", "list_secrets", {}, "secretsmanager:ListSecrets", "AccessDeniedException"),
        ("kms", "list_keys", {}, "kms:ListKeys", "AccessDeniedException"),
        ("iam", "list_users", {}, "iam:ListUsers", "AccessDenied"),
        ("ec2", "describe_security_groups", {}, "ec2:DescribeSecurityGroups", "UnauthorizedOperation"),
    ],
)  # fmt: skip
def test_the_identity_nobody_has_no_permission(
    sandbox: Sandbox, service: str, operation: str, members: dict[str, Any], action: str, code: str
) -> None:
    said = refusal(getattr(aws(sandbox, service, "nobody"), operation), **members)
    assert said[0] == code
    assert f"{sandbox.identity('nobody')['arn']} is not authorized to perform: {action} on resource: " in said[2]
    assert said[2].endswith(f"because no identity-based policy allows the {action} action")


def test_results_v2_need_the_action_of_the_first_version(sandbox: Sandbox) -> None:
    iam, name = aws(sandbox, "iam"), f"v2-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    reader = aws(sandbox, "redshift-data", keys)
    absent = {"Id": str(uuid.uuid4())}
    assert "redshift-data:GetStatementResult " in refusal(reader.get_statement_result_v2, **absent)[2]
    allow(iam, name, "redshift-data:GetStatementResult")
    assert refusal(reader.get_statement_result_v2, **absent)[0] == "ResourceNotFoundException"


def test_policies_set_through_iam_apply_at_once(sandbox: Sandbox) -> None:
    iam, name = aws(sandbox, "iam"), f"ann-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    redshift = aws(sandbox, "redshift", keys)
    assert refusal(redshift.describe_clusters)[0] == "AccessDenied"
    allow(iam, name, "redshift:DescribeClusters")
    assert len(redshift.describe_clusters()["Clusters"]) == 1
    iam.update_access_key(UserName=name, AccessKeyId=keys["AccessKeyId"], Status="Inactive")
    assert refusal(redshift.describe_clusters)[0] == "InvalidClientTokenId"


def test_a_policy_of_a_group_applies_to_its_members(sandbox: Sandbox) -> None:
    iam, name = aws(sandbox, "iam"), f"group-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    iam.create_group(GroupName=name)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}]}
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]
    iam.attach_group_policy(GroupName=name, PolicyArn=made["Arn"])
    assert refusal(aws(sandbox, "kms", keys).list_keys)[0] == "AccessDeniedException"
    iam.add_user_to_group(GroupName=name, UserName=name)
    assert "Keys" in aws(sandbox, "kms", keys).list_keys()


def test_a_policy_that_cannot_be_evaluated_is_refused(sandbox: Sandbox) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringSounds": {"aws:userid": "a"}}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    said = refusal(aws(sandbox, "iam").put_user_policy, UserName="nobody", PolicyName="p", PolicyDocument=document)
    assert said[0] == "MalformedPolicyDocument"


def test_every_request_is_counted_and_the_count_can_be_emptied(sandbox: Sandbox) -> None:
    assert own(sandbox, "DELETE", "calls")[0] == 200
    aws(sandbox, "sts").get_caller_identity()
    aws(sandbox, "sts").get_caller_identity()
    refusal(aws(sandbox, "redshift", "nobody").describe_clusters)
    status, document = own(sandbox, "GET", "calls")
    assert (status, document["operations"]) == (200, {"GetCallerIdentity": 2, "DescribeClusters": 1})
    assert own(sandbox, "DELETE", "calls")[0] == 200
    assert own(sandbox, "GET", "calls")[1] == {"operations": {}, "statements": []}


def test_an_unknown_path_of_the_sandbox_is_not_found(sandbox: Sandbox) -> None:
    status, document = own(sandbox, "GET", "nothing")
    assert (status, document) == (404, {"error": "the sandbox has no GET /_sandbox/nothing"})


def test_an_answer_names_its_request(sandbox: Sandbox) -> None:
    metadata = aws(sandbox, "sts").get_caller_identity()["ResponseMetadata"]
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]


def test_an_unsigned_get_request_is_answered_with_403(sandbox: Sandbox) -> None:
    assert fetch(sandbox, "GET", "/")[0] == 403


def allow(iam: Any, user: str, action: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    iam.put_user_policy(UserName=user, PolicyName=action.replace(":", "-"), PolicyDocument=json.dumps(document))
