"""Each way a connection can fail, provoked for real: the right check fails, in plain words, with the next step.

`row(n)` names the row of redshift-facts §7 that a test provokes; the last test lists those that are covered.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from tests.journeys.places import Place, closed_port, failed, fault, server

F = TypeVar("F", bound=Callable[..., None])
_rows: set[int] = set()

NOT_PROVOKED = {
    20: "our wire adapter never goes without TLS",
    23: "takes a network that swallows packets",
    27: "no check reads a schema of the user's",
    29: "the sandbox has no datashares, and every user may connect to every database",
    30: "no check reads a table of the user's",
    32: "nothing here drops users",
    33: "each statement of a test commits alone",
    34: "a test keeps no session",
    35: "takes 500 running statements",
    36: "retried until it passes; the Session contract's tests provoke it",
    37: "no check returns so much",
    38: "results are fetched when there are some",
    39: "no check mixes leader and compute",
    40: "no check binds an empty value",
    41: "boto3 is pinned",
    42: "takes 1998 logins",
    43: "the sandbox's wire port speaks Redshift",
    44: "every database is read by a login of its own",
    45: "the sandbox cannot be paused; the judge's own tests have it",
    46: "the sandbox has no federated users",
}


def row(*numbers: int) -> Callable[[F], F]:
    """Marks the rows of redshift-facts §7 that a test provokes."""

    def mark(test: F) -> F:
        _rows.update(numbers)
        return test

    return mark


@row(1)
def test_no_region(place: Place, tmp_path: Path) -> None:
    place.unset("AWS_REGION", "AWS_DEFAULT_REGION")
    place.set("AWS_CONFIG_FILE", str(tmp_path / "config"))
    answer = place.workgroup()

    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert answer.error["what"] == "You must specify a region"
    assert "--region" in answer.error["next_step"]
    assert answer.error["why"] == (
        "no region is given; looked for one in AWS_REGION, then AWS_DEFAULT_REGION, "
        f"then the profile default in {tmp_path / 'config'}"
    )


@row(2)
def test_no_credentials(place: Place) -> None:
    place.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")

    failed(
        place.workgroup(), "identity", "no aws credentials", "Unable to locate credentials", next_step="aws sso login"
    )


@row(3)
def test_a_profile_that_is_not_there(place: Place) -> None:
    answer = place.workgroup("--aws-profile", "nowhere")

    failed(answer, "identity", "no such AWS profile", "nowhere", next_step="list-profiles")


@row(4)
def test_an_endpoint_that_nothing_answers_at(place: Place) -> None:
    with closed_port() as port:
        answer = place.workgroup("--endpoint-url", f"http://127.0.0.1:{port}")

    failed(answer, "region", "Could not connect to the endpoint URL", next_step="region")


@row(5)
def test_a_malformed_region(place: Place) -> None:
    failed(place.workgroup("--region", "us east 1"), "region", "us east 1", next_step="--region")


@row(6)
def test_expired_credentials(place: Place) -> None:
    with fault(place.sandbox, operation="GetCallerIdentity", kind="expired_token"):
        answer = place.workgroup()

    failed(answer, "identity", "expired", next_step="aws sso login")


@row(7)
def test_a_key_that_nobody_has(place: Place) -> None:
    place.set("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA")

    failed(place.workgroup(), "identity", "does not know these credentials", next_step="access key id")


@row(7)
def test_a_secret_key_that_does_not_fit(place: Place) -> None:
    place.set("AWS_SECRET_ACCESS_KEY", "x" * 40)

    failed(place.workgroup(), "identity", "secret access key", next_step="again")


@row(8)
def test_an_identity_that_may_not_run_statements(place: Place) -> None:
    place.become("nobody")
    answer = place.workgroup()

    failed(
        answer,
        "sign-in",
        "not authorized to perform: redshift-data:ExecuteStatement",
        next_step="Allow redshift-data:ExecuteStatement",
    )


@row(9)
def test_a_database_user_that_the_managed_policy_does_not_allow(place: Place) -> None:
    answer = place.cluster("--sign-in", "db-user", "--db-user", "awsuser")

    failed(answer, "sign-in", "redshift:GetClusterCredentials", next_step="sign-in iam")


DATA_API = {"Effect": "Allow", "Action": "redshift-data:*", "Resource": "*"}


@row(10)
def test_an_identity_without_cluster_credentials(place: Place) -> None:
    place.user_with(DATA_API)

    failed(
        place.cluster(),
        "sign-in",
        "redshift:GetClusterCredentialsWithIAM",
        next_step="Allow redshift:GetClusterCredentialsWithIAM",
    )


@row(11)
def test_an_identity_without_workgroup_credentials(place: Place) -> None:
    place.user_with(DATA_API)

    failed(
        place.workgroup(),
        "sign-in",
        "redshift-serverless:GetCredentials",
        next_step="redshift-serverless:GetCredentials",
    )


@row(12)
@pytest.mark.parametrize("kind", ["workgroup", "cluster"])
def test_a_target_that_is_not_in_the_region(place: Place, kind: str) -> None:
    answer = place.add(f"--{kind}", "elsewhere")

    failed(answer, "target", "endpoint doesn't exist in this region", next_step="name")


@row(12)
def test_a_region_where_the_target_is_not(place: Place) -> None:
    failed(place.workgroup("--region", "eu-west-1"), "target", "endpoint doesn't exist", next_step="region")


@row(13)
def test_no_target(place: Place) -> None:
    answer = place.add()

    assert (answer.code, answer.error["what"]) == (2, "Name exactly one target")
    assert "--workgroup" in answer.error["next_step"]


@row(14)
def test_a_cluster_that_does_not_exist(place: Place) -> None:
    place.become("admin")

    failed(place.cluster(name="demo-clustr"), "target", "demo-clustr", next_step="Did you mean demo-cluster?")


@row(15)
def test_a_workgroup_that_does_not_exist(place: Place) -> None:
    place.become("admin")

    failed(place.workgroup(name="elsewhere"), "target", "elsewhere", next_step="workgroup demo-workgroup")


@row(12, 15)
def test_a_clusters_name_given_as_a_workgroup(place: Place) -> None:
    place.become("admin")

    answer = place.workgroup(name="demo-cluster")

    failed(answer, "target", "demo-cluster", next_step="give it as the cluster (--cluster)")


@row(16)
def test_a_secret_that_does_not_exist(place: Place) -> None:
    place.become("admin")
    arn = f"arn:aws:secretsmanager:us-east-1:{place.sandbox.ready['account_id']}:secret:nothing-AbCdEf"

    failed(
        place.workgroup("--sign-in", "secret", "--secret-arn", arn),
        "sign-in",
        "can't find the specified secret",
        next_step="ARN",
    )


@row(17)
def test_a_secret_that_the_managed_policy_does_not_open(place: Place) -> None:
    arn = place.secret({"username": "awsuser", "password": place.sandbox.ready["admin"]["password"]})

    failed(
        place.workgroup("--sign-in", "secret", "--secret-arn", arn),
        "sign-in",
        "secretsmanager:GetSecretValue",
        next_step="RedshiftDataFullAccess",
    )


def test_a_tagged_secret_opens(place: Place) -> None:
    document = {"username": "awsuser", "password": place.sandbox.ready["admin"]["password"]}
    arn = place.secret(document, RedshiftDataFullAccess="x")
    answer = place.workgroup("--sign-in", "secret", "--secret-arn", arn)

    assert answer.code == 0
    assert document["password"] not in answer.out


@row(18)
def test_a_wrong_password(place: Place) -> None:
    answer = place.wire(password="Wrong-Passw0rd")

    failed(answer, "sign-in", "password authentication failed", next_step="password")
    assert "Wrong-Passw0rd" not in answer.out + answer.err


@row(18)
def test_a_wrong_password_in_the_secret(place: Place) -> None:
    arn = place.secret({"username": "awsuser", "password": "Wrong-Passw0rd"}, RedshiftDataFullAccess="x")

    failed(
        place.workgroup("--sign-in", "secret", "--secret-arn", arn),
        "sign-in",
        "password authentication failed",
        next_step="password",
    )


@row(18)
def test_a_database_user_that_does_not_exist(place: Place) -> None:
    place.become("admin")

    failed(
        place.cluster("--db-user", "nobody_here"),
        "sign-in",
        "the user nobody_here, which probably does not exist",
        "authentication failed",
        next_step="CREATE USER nobody_here PASSWORD DISABLE",
    )


@pytest.mark.parametrize("document", [{"username": "awsuser"}, {"user": "awsuser", "pass": "x"}])
def test_a_secret_that_holds_something_else(place: Place, document: dict[str, str]) -> None:
    arn = place.secret(document, RedshiftDataFullAccess="x")

    failed(place.cluster("--secret-arn", arn), "sign-in", "does not hold", next_step="--secret-arn")


def test_a_role_with_another_external_id_is_named(place: Place) -> None:
    role = f"arn:aws:iam::{place.sandbox.ready['account_id']}:role/nowhere"
    answer = place.workgroup("--role-arn", role, "--external-id", "another")

    failed(answer, "identity", f"may not assume the role {role}", next_step="--external-id")


def test_who_has_the_policy_of_the_guide_is_not_told_to_name_the_workgroup(place: Place) -> None:
    answer = place.workgroup()
    target = next(check for check in answer.document["test"]["checks"] if check["id"] == "target")

    assert answer.code == 0
    assert (target["status"], "yourself" in target["next_step"]) == ("skipped", False)
    assert target["next_step"].startswith("Nothing needs to be done if sign-in passes; to see its status here, allow ")


def test_the_administrators_connection_is_named_when_it_fails(place: Place) -> None:
    place.workgroup("--untested")
    admin = ["--database", "dev", "--cluster", "demo-cluster", "--db-user", "nobody_here", "--untested"]
    place.become("admin")
    place.cli("connection", "add", "boss", *admin)
    answer = place.cli("connection", "grants", "shop", "raw_shop.*", "--via", "boss", "--json")

    assert answer.error["subject"].startswith("connection boss")


@row(19)
def test_a_database_that_does_not_exist(place: Place) -> None:
    failed(place.workgroup(database="nowhere"), "database", 'database "nowhere" does not exist', next_step="database")


@row(19)
def test_a_database_that_does_not_exist_over_the_wire(place: Place) -> None:
    failed(place.wire(database="nowhere"), "database", 'database "nowhere" does not exist', next_step="database")


@row(21)
def test_a_server_without_tls(place: Place) -> None:
    with server(lambda connection: (connection.recv(64), connection.sendall(b"N"))) as port:
        answer = place.wire(host="127.0.0.1", port=port)

    failed(answer, "target", "SSL", next_step="port")


@row(22)
def test_a_certificate_nobody_vouches_for(place: Place) -> None:
    place.unset("SSL_CERT_FILE")

    failed(place.wire(), "target", "certificate", next_step="SSL_CERT_FILE")


@row(24)
def test_a_port_that_nothing_listens_on(place: Place) -> None:
    with closed_port() as port:
        answer = place.wire(host="127.0.0.1", port=port)

    failed(answer, "target", "refused", next_step="port")


@row(25)
def test_a_host_that_has_no_address(place: Place) -> None:
    failed(place.wire(host="nowhere.invalid"), "target", "nowhere.invalid", next_step="spelling")


@row(26)
def test_a_server_that_hangs_up(place: Place) -> None:
    with server(lambda connection: (connection.recv(64), connection.sendall(b"S"))) as port:
        answer = place.wire(host="127.0.0.1", port=port)

    failed(answer, "target", "was lost", next_step="firewall")


@row(28)
def test_no_right_to_svv_table_info_is_a_warning_with_the_grant_that_mends_it(place: Place) -> None:
    place.workgroup()
    answer = place.cli("connection", "test", "shop", "--json")
    checks = {check["id"]: check for check in answer.document["checks"]}

    assert answer.code == 0
    assert answer.document["ok"] is True
    assert checks["target"]["status"] == "skipped"
    assert checks["table-info"]["status"] == "warned"
    assert "permission denied for" in checks["table-info"]["detail"]
    assert 'GRANT SELECT ON svv_table_info TO "IAM:analyst"' in checks["table-info"]["next_step"]
    assert checks["table-info"]["detail"] == (
        "No right to read svv_table_info. permission denied for relation svv_table_info"
    )


def test_a_role_that_may_not_be_assumed(place: Place) -> None:
    role = f"arn:aws:iam::{place.sandbox.ready['account_id']}:role/nobody-s"

    failed(place.workgroup("--role-arn", role), "identity", "sts:AssumeRole", next_step="trust policy")


def test_a_failed_connection_is_saved_on_insistence_and_marked(place: Place) -> None:
    place.become("nobody")
    answer = place.workgroup("--untested")
    tested = place.cli("connection", "test", "shop", "--json")

    assert answer.code == 0
    assert answer.document["connection"]["tested"] is False
    assert tested.code == 1
    assert tested.document["ok"] is False
    assert place.cli("connection", "show", "shop", "--json").document["tested"] is False


def test_at_least_twenty_of_the_rows_are_covered_and_the_others_say_why_not() -> None:
    assert sorted(_rows) == [*range(1, 20), 21, 22, 24, 25, 26, 28]
    assert set(NOT_PROVOKED).isdisjoint(_rows)
    assert _rows | set(NOT_PROVOKED) | {31} == set(range(1, 47))  # 31: test_connection_grants.py
