"""`dbt check` signs in as dbt would, reports the user, and says what to do when the warehouse refuses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.dbt_place import DBT, DbtPlace, let_in, run_sql
from tests.journeys.dbt_targets import PASSWORD, Profiles
from tests.journeys.places import Place, closed_port

from wharfinger.core.secret import DOTS


@pytest.fixture
def profiles(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profiles:
    place.become("admin")
    place.set("DBT_ENV_SECRET_PW", PASSWORD)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return Profiles(place, tmp_path)


def test_a_password_says_as_whom(profiles: Profiles) -> None:
    run_sql(
        profiles.place.sandbox,
        f"create user {profiles.user} password '{PASSWORD}'",
        f"grant create on database dev to {profiles.user}",
    )
    profiles.target("dev", query_group="dbt", tcp_keepalive_idle=60, connect_timeout=20)
    code, checks = profiles.check()

    assert code == 0
    assert checks["dev", "sign-in"]["status"] == "passed"
    assert checks["dev", "sign-in"]["detail"].endswith(f"as {profiles.user}")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"user": "awsuser"}, "awsuser"),
        ({"user": "made_on_the_way", "autocreate": "true", "threads": 2}, "made_on_the_way"),
        ({"method": "iam_role", "user": None}, "IAM:admin"),
        (
            {"method": "iam_role", "user": None, "cluster_id": None, "is_serverless": "true",
             "serverless_work_group": "demo-workgroup"},
            "IAM:admin",
        ),
    ],
)  # fmt: skip
def test_an_identity_says_as_whom(profiles: Profiles, fields: dict[str, Any], expected: str) -> None:
    profiles.iam("dev", **fields)
    _, checks = profiles.check()

    assert checks["dev", "sign-in"]["status"] == "passed"
    assert checks["dev", "sign-in"]["detail"].endswith(f"as {expected}")


def test_a_workgroup_lets_in_the_identity_whoever_is_named(profiles: Profiles) -> None:
    profiles.iam("dev", cluster_id=None, is_serverless="true", serverless_work_group="demo-workgroup")
    code, checks = profiles.check()

    assert (code, checks["dev", "sign-in"]["status"]) == (0, "warned")
    assert f"as IAM:admin, not as {profiles.user}" in checks["dev", "sign-in"]["detail"]


REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a wrong password": (
        "target",
        {"password": "wrong"},
        "password authentication failed",
        "Compare user and password",
    ),
    "no such database": ("iam", {"user": "awsuser", "dbname": "nowhere"}, "nowhere", "database"),
    "no such user": ("iam", {}, "refuses this user", "autocreate"),
    "no such cluster": ("iam", {"cluster_id": "elsewhere"}, "elsewhere", "discover"),
    "no such workgroup": (
        "iam",
        {"method": "iam_role", "user": None, "is_serverless": "true", "serverless_work_group": "elsewhere"},
        "elsewhere",
        "discover",
    ),
    "no such AWS profile": ("iam", {"iam_profile": "nobody"}, "nobody", "list-profiles"),
    "another region": ("iam", {"user": "awsuser", "region": "eu-west-1"}, "eu-west-1", "discover"),
}


@pytest.mark.parametrize(("kind", "fields", "words", "next_step"), REFUSED.values(), ids=REFUSED)
def test_what_the_warehouse_refuses_has_its_cure(
    profiles: Profiles, kind: str, fields: dict[str, Any], words: str, next_step: str
) -> None:
    getattr(profiles, kind)("dev", **fields)
    code, checks = profiles.check()
    check = checks["dev", "sign-in"]

    assert (code, check["status"]) == (1, "failed"), checks
    assert words in check["detail"]
    assert next_step in check["next_step"]
    assert check["next_step"]


def test_a_secret_that_stands_in_the_wrong_place_is_not_shown(profiles: Profiles) -> None:
    profiles.target("dev", host="\"{{ env_var('DBT_ENV_SECRET_PW') }}\"")
    code, checks = profiles.check()
    assert (code, checks["dev", "sign-in"]["status"]) == (1, "failed")
    assert DOTS in checks["dev", "sign-in"]["detail"]


@pytest.mark.parametrize(("kind", "status"), [("Redshift", "failed"), ("redshft", "failed"), ("postgres", "skipped")])
def test_an_adapter_that_dbt_has_not_is_told_from_another_database(profiles: Profiles, kind: str, status: str) -> None:
    profiles.target("dev", type=kind)
    code, checks = profiles.check()
    assert (code, checks["dev", "type"]["status"]) == (int(status == "failed"), status)


def test_a_port_where_nobody_listens(profiles: Profiles) -> None:
    with closed_port() as port:
        profiles.target("dev", port=port)
        code, checks = profiles.check()
    assert (code, "Nothing listens" in checks["dev", "sign-in"]["detail"]) == (1, True)


def test_a_server_of_another_authority_is_not_trusted(profiles: Profiles) -> None:
    profiles.place.unset("SSL_CERT_FILE")
    profiles.target("dev")
    code, checks = profiles.check()
    assert (code, "SSL_CERT_FILE" in checks["dev", "sign-in"]["next_step"]) == (1, True)


def test_an_identity_that_may_not_is_told_which_action(profiles: Profiles) -> None:
    profiles.place.become("nobody")
    profiles.iam("dev")
    code, checks = profiles.check()
    assert (code, "redshift:GetClusterCredentials" in checks["dev", "sign-in"]["next_step"]) == (1, True)


def test_a_region_that_nothing_names_is_the_drivers_own_error_with_its_cure(profiles: Profiles) -> None:
    profiles.place.unset("AWS_DEFAULT_REGION")  # AWS_REGION stays, and does not help
    profiles.iam("dev", region=None)
    code, checks = profiles.check()
    region = checks["dev", "region"]

    assert (code, region["status"]) == (1, "failed")
    assert region["detail"].startswith("You must specify a region")
    assert "boto3 does not read AWS_REGION" in region["detail"]
    assert "aws configure" in region["next_step"]
    assert checks["dev", "sign-in"]["status"] == "skipped"


def test_aws_own_settings_give_the_region(profiles: Profiles) -> None:
    profiles.place.unset("AWS_DEFAULT_REGION")
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[profile work]\nregion = us-east-1\n")
    keys = profiles.place.sandbox.identity("admin")
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        f"[work]\naws_access_key_id = {keys['access_key_id']}\naws_secret_access_key = {keys['secret_access_key']}\n"
    )
    profiles.iam("dev", region=None, user="awsuser", iam_profile="work")
    code, checks = profiles.check()

    assert (code, checks["dev", "sign-in"]["status"]) == (0, "passed")
    assert "us-east-1" in checks["dev", "region"]["detail"]


def test_only_the_chosen_target_is_signed_in_to(profiles: Profiles) -> None:
    profiles.iam("dev", user="awsuser")
    profiles.target("prod", user="\"{{ env_var('NOT_SET') }}\"")
    code, checks = profiles.check("--profile", "quay")
    other, of_prod = profiles.check("--target", "prod")
    none, unsigned = profiles.check("--no-sign-in")

    assert (code, checks["prod", "env"]["status"]) == (0, "warned")
    assert ("prod", "sign-in") not in checks
    assert (other, of_prod["prod", "env"]["status"], of_prod["prod", "sign-in"]["status"]) == (1, "failed", "skipped")
    assert none == 0
    assert not [id_ for _, id_ in unsigned if id_ == "sign-in"]


def test_one_user_for_two_people_is_pointed_out(profiles: Profiles) -> None:
    profiles.iam("dev", user="awsuser")
    profiles.iam("prod", user="AWSUSER")
    code, checks = profiles.check()

    assert (code, checks["", "shared-user"]["status"]) == (0, "warned")
    assert "awsuser (quay.dev, quay.prod)" in checks["", "shared-user"]["detail"]


def test_an_identity_that_may_not_look_names_the_endpoint_itself(profiles: Profiles) -> None:
    place = profiles.place
    place.become("analyst")
    assert place.workgroup().code == 0
    wanted = ["dbt", "profile", "shop", "--profile", "quay", "--schema", "x", "--profiles-dir", profiles.folder]
    refused = place.cli(*wanted, "--json")
    wire = profiles.wire
    written = place.cli(*wanted, "--host", wire["host"], "--port", str(wire["port"]), "--write", "--json")
    code, checks = profiles.check()

    assert (refused.code, refused.error["kind"]) == (3, "refused")
    assert "--host" in refused.error["next_step"]
    assert written.code == 0
    assert (code, checks["dev", "sign-in"]["detail"].rsplit(" ", 1)[-1]) == (1, "IAM:analyst")
    assert checks["dev", "create-schema"]["status"] == "failed"


@pytest.mark.dbt
def test_the_check_and_dbt_debug_say_the_same(profiles: Profiles, tmp_path: Path) -> None:
    """Each broken target fails both, each right one passes both; so does what dbt drops without a word."""
    assert DBT.exists(), "make dbt builds the environment"
    place = profiles.place
    let_in(place.sandbox, profiles.user, password=PASSWORD)
    place.unset("AWS_DEFAULT_REGION")
    profiles.target("right")
    profiles.target("dropped", search_path="a", keepalives_idle=0)
    profiles.target("text_port", port=f"'{profiles.wire['port']}'")
    profiles.target("two_passwords", **{"pass": "x"})
    profiles.target("no_such_method", method="saml")
    profiles.target("no_user_variable", user="\"{{ env_var('NOT_SET') }}\"")
    profiles.target("no_password_variable", password="\"{{ env_var('NOT_SET') }}\"")
    profiles.target("no_host", host=None)
    profiles.target("broken_braces", schema='"{{ bad"')
    profiles.target("keepalive_zero", tcp_keepalive_idle=0)
    profiles.target("other_sslmode", sslmode="sometimes")
    profiles.target("threads_as_text", threads="'4'")
    profiles.iam("right_iam", user="awsuser")
    profiles.iam("no_cluster", cluster_id=None)
    profiles.iam("no_region", region=None, user="awsuser")
    profiles.iam("flag_as_text", autocreate="'true'")
    profiles.iam("half_a_key", access_key_id="AKIA")
    profiles.iam("no_tls", sslmode="disable")
    profiles.iam("unknown_user", user="nobody_here")
    targets = list(profiles._targets)
    ours = {target: profiles.check("--target", target)[0] == 0 for target in targets}
    dbt = DbtPlace(tmp_path / "dbt")
    debug = [["debug", "--profiles-dir", str(profiles.folder), "--target", target] for target in targets]
    results, printed = dbt.steps(*debug)

    assert ours == {target: result["success"] for target, result in zip(targets, results, strict=True)}, printed
    assert [target for target, ok in ours.items() if ok] == ["right", "dropped", "right_iam"]
    assert "You must specify a region." in printed
