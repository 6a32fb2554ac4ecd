"""STS: the caller's identity, sessions of roles (trust, external id, tags, policies, expiry) and of users."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.front import ACCOUNT, ROLE, aws, refusal

from wharfinger_sandbox.aws import account, sigv4
from wharfinger_sandbox.aws.authentication import Authenticator
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.identities import Identities
from wharfinger_sandbox.aws.routing import Route
from wharfinger_sandbox.aws.sigv4 import Request


@pytest.fixture
def role(sandbox: Sandbox) -> Iterator[Any]:
    """A function that creates a role with a trust statement; the role may list KMS keys only."""
    iam, made = aws(sandbox, "iam"), []

    def make(session_seconds: int = 3600, **trust: Any) -> str:
        name = f"role-{uuid.uuid4().hex[:8]}"
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **trust}
        arn: str = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=document(statement), MaxSessionDuration=session_seconds
        )["Role"]["Arn"]
        iam.put_role_policy(
            RoleName=name,
            PolicyName="keys",
            PolicyDocument=document({"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}),
        )
        made.append(name)
        return arn

    yield make
    for name in made:
        iam.delete_role_policy(RoleName=name, PolicyName="keys")
        iam.delete_role(RoleName=name)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def assume(sandbox: Sandbox, arn: str, identity: Any = "analyst", **members: Any) -> dict[str, Any]:
    members = {"RoleSessionName": "a-session", **members}
    credentials: dict[str, Any] = aws(sandbox, "sts", identity).assume_role(RoleArn=arn, **members)["Credentials"]
    return credentials


@pytest.mark.parametrize("identity", ["admin", "analyst", "nobody"])
def test_get_caller_identity_needs_no_permission(sandbox: Sandbox, identity: str) -> None:
    answer = aws(sandbox, "sts", identity).get_caller_identity()
    assert (answer["Account"], answer["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/{identity}")
    assert answer["UserId"].startswith("AIDA")


def test_the_role_of_the_sandbox_is_assumed_and_known(sandbox: Sandbox) -> None:
    answer = aws(sandbox, "sts", "analyst").assume_role(RoleArn=ROLE, RoleSessionName="me@home")
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/analytics-role/me@home"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    session = aws(sandbox, "sts", answer["Credentials"]).get_caller_identity()
    assert (session["Arn"], session["UserId"]) == (arn, answer["AssumedRoleUser"]["AssumedRoleId"])
    assert session["UserId"].startswith("AROA")
    assert session["UserId"].endswith(":me@home")


def test_the_key_of_a_session_needs_its_token(sandbox: Sandbox) -> None:
    credentials = assume(sandbox, ROLE)
    for token in (None, "another"):
        keys = {**credentials, "SessionToken": token}
        assert refusal(aws(sandbox, "sts", keys).get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_role_cannot_be_assumed_without_its_trust(sandbox: Sandbox) -> None:
    code, status, said = refusal(aws(sandbox, "sts", "nobody").assume_role, RoleArn=ROLE, RoleSessionName="a-session")
    who = sandbox.identity("nobody")["arn"]
    assert (code, status) == ("AccessDenied", 403)
    assert said == f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"


def test_a_missing_role_gets_the_same_error_as_a_forbidden_one(sandbox: Sandbox) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/never-made"
    said = refusal(aws(sandbox, "sts").assume_role, RoleArn=arn, RoleSessionName="a-session")
    assert said[0] == "AccessDenied"
    assert said[2].endswith(f"sts:AssumeRole on resource: {arn}")


def test_trust_in_the_account_requires_the_callers_own_policies(sandbox: Sandbox, role: Any) -> None:
    arn = role(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert assume(sandbox, arn, "admin")["AccessKeyId"].startswith("ASIA")
    assert refusal(aws(sandbox, "sts", "analyst").assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"


def test_an_external_id_must_be_the_agreed_one(sandbox: Sandbox, role: Any) -> None:
    arn = role(Principal={"AWS": "*"}, Condition={"StringEquals": {"sts:ExternalId": "partner-7"}})
    assert assume(sandbox, arn, ExternalId="partner-7")
    sts = aws(sandbox, "sts", "analyst")
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa", ExternalId="other")[0] == "AccessDenied"


def test_a_deny_in_the_trust_policy_overrides_its_allow(sandbox: Sandbox, role: Any) -> None:
    arn = role(Principal={"AWS": "*"})
    name = arn.rpartition("/")[2]
    denies = {"Effect": "Deny", "Principal": {"AWS": sandbox.identity("analyst")["arn"]}, "Action": "sts:AssumeRole"}
    allows = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    aws(sandbox, "iam").update_assume_role_policy(RoleName=name, PolicyDocument=document(denies, allows))
    assert refusal(aws(sandbox, "sts", "analyst").assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"
    assert assume(sandbox, arn, "admin")


def test_a_session_may_do_what_its_role_may(sandbox: Sandbox, role: Any) -> None:
    session = assume(sandbox, role(Principal={"AWS": "*"}))
    assert "Keys" in aws(sandbox, "kms", session).list_keys()
    code, _, said = refusal(aws(sandbox, "secretsmanager", session).list_secrets)
    assert code == "AccessDeniedException"
    assert said.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/role-")


def test_a_session_policy_restricts_the_roles_permissions(sandbox: Sandbox, role: Any) -> None:
    narrow = document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    session = assume(sandbox, role(Principal={"AWS": "*"}), Policy=narrow)
    said = refusal(aws(sandbox, "kms", session).list_keys)
    assert said[2].endswith("because no session policy allows the kms:ListKeys action")


def test_tags_of_a_session_need_a_trust_of_their_own(sandbox: Sandbox, role: Any) -> None:
    tags = [{"Key": "team", "Value": "finance"}]
    arn = role(Principal={"AWS": "*"})
    said = refusal(aws(sandbox, "sts", "analyst").assume_role, RoleArn=arn, RoleSessionName="aa", Tags=tags)
    assert "sts:TagSession" in said[2]
    arn = role(Principal={"AWS": "*"}, Action=["sts:AssumeRole", "sts:TagSession"])
    assert assume(sandbox, arn, Tags=tags)


def test_a_role_can_assume_another_role(sandbox: Sandbox, role: Any) -> None:
    first = assume(sandbox, ROLE)
    second = role(7200, Principal={"AWS": ROLE})
    chained = assume(sandbox, second, first)
    assert "Keys" in aws(sandbox, "kms", chained).list_keys()
    assert (
        refusal(aws(sandbox, "sts", "analyst").assume_role, RoleArn=second, RoleSessionName="aa")[0] == "AccessDenied"
    )
    said = refusal(aws(sandbox, "sts", first).assume_role, RoleArn=second, RoleSessionName="aa", DurationSeconds=7200)
    assert "role chaining" in said[2]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"DurationSeconds": 7200}, "exceeds the MaxSessionDuration"),
        ({"RoleSessionName": "no spaces"}, "roleSessionName"),
        ({"Policy": "{}"}, "no Statement"),
    ],
)
def test_a_bad_request_for_a_session_is_refused(sandbox: Sandbox, members: dict[str, Any], words: str) -> None:
    said = refusal(aws(sandbox, "sts", "analyst").assume_role, **{"RoleArn": ROLE, "RoleSessionName": "aa", **members})
    assert said[1] == 400
    assert words in said[2]


def test_a_session_ends_after_the_seconds_asked_for(sandbox: Sandbox) -> None:
    for seconds in (900, 3600):
        before = datetime.now(UTC) - timedelta(seconds=1)  # the answer has whole seconds
        ends = assume(sandbox, ROLE, DurationSeconds=seconds)["Expiration"]
        assert before <= ends - timedelta(seconds=seconds) <= datetime.now(UTC)


def test_an_expired_session_gets_the_error_of_each_service() -> None:
    now = datetime.now(UTC)
    moments = [now]
    identities = Identities("210987654321", clock=lambda: moments[-1])
    account.create_identities(identities)
    role = next(iter(identities.iam.roles.values()))
    key = identities.assume_role(role, "a-session", seconds=900)
    authenticator = Authenticator(identities, clock=lambda: moments[-1])
    moments.append(now + timedelta(seconds=899))
    assert (
        authenticator.authenticate(signed(key, moments[-1]), Route("redshift-data", "ListStatements", "json")).kind
        == "role"
    )
    moments.append(now + timedelta(seconds=901))
    for service, protocol, code in (
        ("redshift-data", "json", "ExpiredTokenException"),
        ("sts", "query", "ExpiredToken"),
    ):
        where: Any = Route(service, "Any", protocol)
        with pytest.raises(ApiError) as error:
            authenticator.authenticate(signed(key, moments[-1], service), where)
        assert (error.value.code, error.value.message) == (
            code,
            "The security token included in the request is expired",
        )


def signed(key: Any, at: datetime, service: str = "redshift-data") -> Request:
    """A request signed at a time that the test chooses, which botocore's signer does not allow."""
    stamp = at.strftime(sigv4.STAMP)
    headers = {"host": "h", "x-amz-date": stamp, "x-amz-security-token": key.token}
    names = ";".join(sorted(headers))
    text = f"{sigv4.ALGORITHM} Credential={key.access_key_id}/{stamp[:8]}/us-east-1/{service}/aws4_request, "
    unsigned = Request("POST", "/", "", {**headers, "authorization": f"{text}SignedHeaders={names}, Signature=0"}, b"")
    value = signature_of(unsigned, key.secret)
    return Request(
        "POST", "/", "", {**headers, "authorization": f"{text}SignedHeaders={names}, Signature={value}"}, b""
    )


def signature_of(request: Request, secret: str) -> str:
    def sign(key: bytes, part: str) -> bytes:
        return hmac.new(key, part.encode(), hashlib.sha256).digest()

    stamp, token = request.headers["x-amz-date"], request.headers["x-amz-security-token"]
    scope = request.headers["authorization"].partition("/")[2].partition(",")[0]
    empty = hashlib.sha256(b"").hexdigest()
    canonical = (
        f"POST\n/\n\nhost:h\nx-amz-date:{stamp}\nx-amz-security-token:{token}\n\n"
        f"host;x-amz-date;x-amz-security-token\n{empty}"
    )
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = sign(key, part)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return sign(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}").hex()


def test_a_users_own_session_is_the_user(sandbox: Sandbox) -> None:
    sts = aws(sandbox, "sts", "analyst")
    session = sts.get_session_token(DurationSeconds=900)["Credentials"]
    own = aws(sandbox, "sts", session)
    assert own.get_caller_identity()["Arn"] == sandbox.identity("analyst")["arn"]
    assert refusal(aws(sandbox, "sts", assume(sandbox, ROLE)).get_session_token)[0] == "AccessDenied"


def test_a_role_logs_in_as_a_database_user_of_its_own(sandbox: Sandbox) -> None:
    session = assume(sandbox, ROLE)
    data = aws(sandbox, "redshift-data", session)
    started = data.execute_statement(
        Sql="select current_user", ClusterIdentifier="demo-cluster", Database="dev", WaitTimeSeconds=30
    )
    rows = data.get_statement_result(Id=started["Id"])["Records"]
    assert rows == [[{"stringValue": "IAMR:analytics-role"}]]
