"""Every way to connect: each target, each way to sign in, each kind of identity, through the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import LAST_RESORT
from tests.journeys.places import Place
from tests.sandbox.front import own


def passed(place: Place, *arguments: str) -> dict[str, str]:
    """Add a connection; returns the details of its checks. Asserts that none failed and that it is saved as tested."""
    answer = place.add(*arguments)
    assert answer.code == 0, answer
    assert answer.document["test"]["ok"] is True
    assert answer.document["connection"]["tested"] is True
    assert place.cli("connection", "show", "shop", "--json").document == answer.document["connection"]
    assert place.cli("connection", "test", "shop", "--json").document == answer.document["test"]
    return {check["id"]: check["detail"] for check in answer.document["test"]["checks"]}


def nothing_readable(home: Path, *secrets: str) -> None:
    content = b"".join(file.read_bytes() for file in home.iterdir())
    assert len(content) > 10_000
    for secret in secrets:
        assert secret.encode() not in content


def workgroup(place: Place) -> list[str]:
    return ["--workgroup", place.sandbox.ready["workgroup"]["name"]]


def cluster(place: Place) -> list[str]:
    return ["--cluster", place.sandbox.ready["cluster"]["identifier"]]


@pytest.mark.parametrize("target", [workgroup, cluster])
@pytest.mark.parametrize("identity", ["analyst", "admin"])
def test_the_default_chain_signs_in_as_the_iam_user(place: Place, target: Any, identity: str) -> None:
    place.become(identity)

    assert passed(place, *target(place))["sign-in"] == f"signed in as IAM:{identity}"


def test_access_keys_are_sealed_with_the_connection(place: Place) -> None:
    keys = place.sandbox.identity("analyst")
    place.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    place.set("SHOP_KEY", keys["secret_access_key"])
    who = ["--access-key-id", keys["access_key_id"], "--secret-access-key-from", "env:SHOP_KEY"]
    details = passed(place, *workgroup(place), *who)
    place.unset("SHOP_KEY")

    assert details["sign-in"] == "signed in as IAM:analyst"
    assert place.cli("connection", "test", "shop").code == 0
    nothing_readable(place.home, keys["secret_access_key"])


def test_temporary_keys_come_with_their_token(place: Place) -> None:
    place.become("admin")
    session = place.aws("sts").get_session_token()["Credentials"]
    place.set("SHOP_KEY", session["SecretAccessKey"])
    place.set("SHOP_TOKEN", session["SessionToken"])
    who = ["--access-key-id", session["AccessKeyId"], "--secret-access-key-from", "env:SHOP_KEY"]
    details = passed(place, *workgroup(place), *who, "--session-token-from", "env:SHOP_TOKEN")

    assert details["sign-in"] == "signed in as IAM:admin"
    nothing_readable(place.home, session["SecretAccessKey"], session["SessionToken"])


def test_a_profile_is_read_from_the_aws_files(place: Place) -> None:
    keys = place.sandbox.identity("analyst")
    place.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        f"[work]\naws_access_key_id = {keys['access_key_id']}\naws_secret_access_key = {keys['secret_access_key']}\n"
    )

    assert passed(place, *workgroup(place), "--aws-profile", "work")["sign-in"] == "signed in as IAM:analyst"


def test_a_role_is_assumed_and_becomes_its_own_database_user(place: Place) -> None:
    name, account = f"reader-{uuid.uuid4().hex[:8]}", place.sandbox.ready["account_id"]
    arn = f"arn:aws:iam::{account}:role/{name}"
    iam = place.aws("iam")
    condition = {"StringEquals": {"sts:ExternalId": "our-secret-word"}}
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": place.sandbox.identity("admin")["arn"]},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document({**trust, "Condition": condition}))
    allowed = {"Effect": "Allow", "Action": ["redshift-data:*", "redshift-serverless:GetCredentials"], "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=document(allowed))
    place.become("admin")

    without = place.add(*workgroup(place), "--role-arn", arn)
    details = passed(place, *workgroup(place), "--role-arn", arn, "--external-id", "our-secret-word")

    assert without.code == 1
    assert details["identity"].startswith(f"arn:aws:sts::{account}:assumed-role/{name}/")
    assert details["sign-in"] == f"signed in as IAMR:{name}"


def test_a_named_database_user_on_a_cluster(place: Place) -> None:
    place.become("admin")

    assert passed(place, *cluster(place), "--sign-in", "db-user", "--db-user", "awsuser")["sign-in"].endswith("awsuser")


@pytest.mark.parametrize("target", [workgroup, cluster])
def test_a_secret_in_secrets_manager(place: Place, target: Any) -> None:
    password = place.sandbox.ready["admin"]["password"]
    arn = place.secret({"username": "awsuser", "password": password}, RedshiftDataFullAccess="yes")
    details = passed(place, *target(place), "--sign-in", "secret", "--secret-arn", arn)

    assert details["sign-in"] == "signed in as awsuser"
    nothing_readable(place.home, password)


def test_a_password_over_the_wire_needs_no_aws_at_all(place: Place) -> None:
    place.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")
    answer = place.wire()
    statuses = {check["id"]: check["status"] for check in answer.document["test"]["checks"]}

    assert answer.code == 0
    assert statuses["identity"] == statuses["target"] == "skipped"
    assert statuses["sign-in"] == statuses["catalog"] == statuses["table-info"] == "passed"
    nothing_readable(place.home, place.sandbox.ready["admin"]["password"])


def test_a_host_that_is_not_given_is_looked_up(place: Place) -> None:
    place.become("admin")
    place.set("SHOP_PASSWORD", place.sandbox.ready["admin"]["password"])
    arguments = ["--sign-in", "password", "--user", "awsuser", "--password-from", "env:SHOP_PASSWORD"]

    assert passed(place, *cluster(place), *arguments)["sign-in"] == "signed in as awsuser"


def test_the_endpoint_may_be_part_of_the_connection(place: Place) -> None:
    url = place.sandbox.endpoint_url
    place.unset("AWS_ENDPOINT_URL")

    assert "IAM:analyst" in passed(place, *workgroup(place), "--endpoint-url", url)["sign-in"]


def test_a_test_sends_few_statements_and_they_are_counted(place: Place) -> None:
    place.become("admin")
    own(place.sandbox, "DELETE", "calls")
    passed(place, *workgroup(place))
    statements = own(place.sandbox, "GET", "calls")[1]["statements"]

    assert len(statements) == 2 * 5  # the test that added it, and one more by `passed`


def test_the_whole_path_from_a_shell(place: Place) -> None:
    """The console script as an own process each time, as people and scripts call it."""

    def shell(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("wharfinger")), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=LAST_RESORT, check=False)

    added = shell("connection", "add", "shop", *workgroup(place), "--database", "dev")
    tested = shell("connection", "test", "shop", "--json")
    listed = shell("connection", "list")
    missing = shell("connection", "add", "other", "--workgroup", "elsewhere", "--database", "dev", "--json")
    removed = shell("connection", "remove", "shop", "--yes")

    assert (added.returncode, added.stdout.splitlines()[-1]) == (0, "Saved shop.")
    assert json.loads(tested.stdout)["ok"] is True
    assert listed.stdout.splitlines()[1].startswith("shop\tworkgroup demo-workgroup\tus-east-1\tdev\tiam\t20")
    assert (missing.returncode, json.loads(missing.stdout)["saved"]) == (1, False)
    assert (removed.returncode, removed.stdout) == (0, "Removed shop.\n")


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
