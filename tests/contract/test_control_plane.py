"""The caller's identity, the targets of a region, roles and the master key's secret, on the sandbox's AWS services."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.conftest import Sandbox
from tests.contract.doors import QUICK, Door, OpenDoor
from tests.sandbox.front import aws

from wharfinger.adapters.aws.clients import AwsSource
from wharfinger.adapters.aws.discovery import ControlPlane
from wharfinger.adapters.keys.secrets_manager import SecretsManagerKeyProvider
from wharfinger.connections.model import DeniedList, Identity, Secrets
from wharfinger.core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from wharfinger.core.secret import Secret
from wharfinger.core.session import Statement, Usage
from wharfinger.keys.model import MasterKey


@pytest.fixture
def control_plane() -> ControlPlane:
    return ControlPlane(backoff=QUICK)


@pytest.fixture
def role(sandbox: Sandbox) -> str:
    """A role that the analyst may assume with an external id, and that may use the Data API."""
    iam = aws(sandbox, "iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": sandbox.identity("analyst")["arn"]},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "the-id"}},
    }
    name = f"contract-{uuid4().hex[:8]}"
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    allowed = {"Effect": "Allow", "Action": ["redshift-data:*", "redshift:*"], "Resource": "*"}
    iam.put_role_policy(
        RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    )
    return str(made["Role"]["Arn"])


def with_role(door: Door, role: str, external_id: str) -> Door:
    identity = replace(door.connection.identity, role_arn=role, external_id=external_id)
    door.connection = replace(door.connection, identity=identity)
    return door


def test_regions_are_known_without_asking(control_plane: ControlPlane) -> None:
    regions = control_plane.known_regions()
    assert {"us-east-1", "eu-central-1", "cn-north-1"} <= regions
    assert "mars-north-1" not in regions


def test_the_caller_is_who_signed(open_door: OpenDoor, control_plane: ControlPlane) -> None:
    door = open_door("cluster iam", "analyst")
    caller = control_plane.caller_identity(door.connection, door.secrets)
    assert (caller.account, caller.arn) == ("123456789012", door.sandbox.identity("analyst")["arn"])
    assert caller.database_user() == "IAM:analyst"


def test_the_target_is_described_with_its_endpoint(open_door: OpenDoor, control_plane: ControlPlane) -> None:
    wire = open_door("cluster iam").sandbox.ready["wire"]
    for name, arn in (("cluster iam", ":cluster:demo-cluster"), ("workgroup iam", ":workgroup/")):
        door = open_door(name)
        target = control_plane.describe_target(door.connection, door.secrets)
        assert (target.kind, target.name) == (door.connection.target_kind, door.connection.target)
        assert target.is_available
        assert (target.host, target.port) == (wire["host"], wire["port"])
        assert arn in target.arn
        assert target.arn.startswith("arn:aws:redshift")


def test_a_target_that_is_not_there_is_not_found(open_door: OpenDoor, control_plane: ControlPlane) -> None:
    for name in ("cluster iam", "workgroup iam"):
        door = open_door(name, target="no-such-thing")
        with pytest.raises(NotFound) as caught:
            control_plane.describe_target(door.connection, door.secrets)
        assert caught.value.check == "target"


def test_a_region_lists_clusters_and_workgroups(open_door: OpenDoor, control_plane: ControlPlane) -> None:
    door = open_door("cluster iam")
    found = control_plane.list_targets(
        "us-east-1", door.connection.identity, door.secrets, door.connection.endpoint_url
    )
    assert [(target.kind, target.name) for target in found.targets] == [
        ("cluster", "demo-cluster"), ("workgroup", "demo-workgroup"),
    ]  # fmt: skip
    assert found.denied == ()


def test_a_denied_list_is_named_with_the_missing_action(open_door: OpenDoor, control_plane: ControlPlane) -> None:
    door = open_door("cluster iam", "nobody")
    found = control_plane.list_targets(
        "us-east-1", door.connection.identity, door.secrets, door.connection.endpoint_url
    )
    assert found.targets == ()
    assert found.denied == (
        DeniedList("cluster", "redshift:DescribeClusters"),
        DeniedList("workgroup", "redshift-serverless:ListWorkgroups"),
    )


def test_keys_that_nobody_knows_are_refused_and_no_list_is_blamed(
    open_door: OpenDoor, control_plane: ControlPlane
) -> None:
    door = open_door("cluster iam")
    url = door.connection.endpoint_url
    unknown = Identity("keys", access_key_id="AKIAZZZZZZZZZZZZZZZZ")
    wrong = Secrets(secret_access_key=Secret("wrong"))
    for identity, secrets in ((unknown, door.secrets), (door.connection.identity, wrong)):
        with pytest.raises(Refused) as caught:
            control_plane.list_targets("us-east-1", identity, secrets, url)
        assert caught.value.check == "identity"
        assert "wrong" not in caught.value.why


def test_an_endpoint_that_nobody_serves_is_unavailable(control_plane: ControlPlane) -> None:
    with pytest.raises(Unavailable) as caught:
        control_plane.list_targets(
            "us-east-1", Identity("keys", access_key_id="A"), Secrets(Secret("b")), "http://127.0.0.1:9"
        )
    assert caught.value.check == "region"


def test_a_session_through_a_role_is_the_roles(
    open_door: OpenDoor, role: str, control_plane: ControlPlane, long_first_wait: None
) -> None:
    door = with_role(open_door("cluster iam", "analyst"), role, "the-id")
    assert control_plane.caller_identity(door.connection, door.secrets).database_user() == f"IAMR:{role.split('/')[-1]}"
    door.forget()
    usage = Usage()
    session = door.open(usage)
    for _ in range(3):
        assert session.run(Statement("select current_user")).one() == (f"IAMR:{role.split('/')[-1]}",)
    assert door.calls()["operations"] == {"AssumeRole": 1, "ExecuteStatement": 3, "GetStatementResult": 3}
    assert usage.api_calls == 7


def test_a_roles_credentials_that_have_expired_are_taken_anew(
    open_door: OpenDoor, role: str, long_first_wait: None
) -> None:
    door = with_role(open_door("cluster iam", "analyst"), role, "the-id")
    session = door.open()
    session.run(Statement("select 1"))
    door.forget()
    door.fault("ExecuteStatement", "expired_token")
    assert session.run(Statement("select 1")).one() == (1,)
    assert door.calls()["operations"] == {"AssumeRole": 1, "ExecuteStatement": 2, "GetStatementResult": 1}


@pytest.mark.parametrize("external_id", ["", "another"])
def test_a_role_that_may_not_be_assumed_fails_the_identity_check(
    open_door: OpenDoor, role: str, external_id: str
) -> None:
    door = with_role(open_door("cluster iam", "analyst"), role, external_id)
    with pytest.raises(Refused) as caught:
        door.run("select 1")
    assert caught.value.check == "identity"
    assert "external id" in caught.value.next_step


def test_a_profile_and_the_default_chain_lead_in_too(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    door = open_door("workgroup iam")
    keys = door.sandbox.identity("analyst")
    (tmp_path / "aws-credentials").write_text(
        f"[analyst]\naws_access_key_id={keys['access_key_id']}\naws_secret_access_key={keys['secret_access_key']}\n"
    )
    door.secrets = Secrets()
    door.connection = replace(door.connection, identity=Identity("profile", profile="analyst"))
    assert door.run("select current_user") == [("IAM:analyst",)]
    admin = door.sandbox.identity("admin")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", admin["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", admin["secret_access_key"])
    door.connection = replace(door.connection, identity=Identity())
    assert door.run("select current_user") == [("IAM:admin",)]


def test_session_tokens_go_with_their_keys(open_door: OpenDoor) -> None:
    door = open_door("workgroup iam")
    given = aws(door.sandbox, "sts").get_session_token()["Credentials"]
    identity = Identity("keys", access_key_id=given["AccessKeyId"])
    door.connection = replace(door.connection, identity=identity)
    door.secrets = Secrets(Secret(given["SecretAccessKey"]), Secret(given["SessionToken"]))
    assert door.run("select current_user") == [("IAM:admin",)]
    door.secrets = Secrets(Secret(given["SecretAccessKey"]))
    with pytest.raises(Refused) as caught:
        door.run("select 1")
    assert "session token" in caught.value.next_step


def key_provider(door: Door, name: str) -> SecretsManagerKeyProvider:
    return SecretsManagerKeyProvider(name, AwsSource.of(door.connection, door.secrets), QUICK)


def test_the_master_key_is_kept_once_and_read_back(open_door: OpenDoor) -> None:
    door = open_door("cluster iam")
    provider = key_provider(door, f"wharfinger/{uuid4().hex}")
    assert provider.load() is None
    master = MasterKey.fresh("a store")
    provider.save(master)
    assert provider.load() == master
    assert provider.remove() == "left"
    assert provider.load() == master
    with pytest.raises(Conflict):
        provider.save(MasterKey.fresh("another store"))
    assert provider.load() == master


def test_a_foreign_secret_is_neither_overwritten_nor_taken_for_a_key(open_door: OpenDoor) -> None:
    door = open_door("cluster iam")
    client = aws(door.sandbox, "secretsmanager")
    name = f"foreign-{uuid4().hex}"
    client.create_secret(Name=name, SecretString="somebody else's")
    provider = key_provider(door, name)
    with pytest.raises(Conflict) as caught:
        provider.load()
    assert "somebody" not in str(caught.value)
    with pytest.raises(Conflict):
        provider.save(MasterKey.fresh("a store"))
    assert client.get_secret_value(SecretId=name)["SecretString"] == "somebody else's"


def test_a_secret_whose_making_was_answered_into_the_void_is_ours(open_door: OpenDoor) -> None:
    door = open_door("cluster iam")
    provider = key_provider(door, f"wharfinger/{uuid4().hex}")
    master = MasterKey.fresh("a store")
    door.fault("CreateSecret", "drop_connection")
    provider.save(master)
    assert provider.load() == master


def test_a_secret_that_may_not_be_read_is_refused_with_the_action(open_door: OpenDoor) -> None:
    door = open_door("cluster iam", "nobody")
    with pytest.raises(Refused) as caught:
        key_provider(door, "wharfinger/x").load()
    assert "secretsmanager:GetSecretValue" in caught.value.next_step


def test_without_a_region_the_secret_cannot_be_sought(open_door: OpenDoor) -> None:
    door = open_door("cluster iam")
    source = replace(AwsSource.of(door.connection, door.secrets), region="")
    with pytest.raises(Invalid) as caught:
        SecretsManagerKeyProvider("x", source, QUICK).load()
    assert caught.value.check == "region"
