"""What people get wrong in a target is found and named, with what to write instead."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from wharfinger.dbt.checking.model import TargetCheck
from wharfinger.dbt.checking.rendering import Renderer
from wharfinger.dbt.checking.rules import Facts, check_target
from wharfinger.dbt.checking.target import target_of
from wharfinger.dbt.profiles_yml.fields import FIELDS
from wharfinger.dbt.profiles_yml.yaml_tree import Tree

HOST = "demo.abc.eu-central-1.redshift.amazonaws.com"
DATABASE = """
type: redshift
host: h.example
port: 5439
user: alice
password: "{{ env_var('DBT_ENV_SECRET_PW') }}"
dbname: dev
schema: s
"""
IAM = f"""
type: redshift
method: iam
host: {HOST}
port: 5439
cluster_id: demo
region: eu-central-1
user: alice
dbname: dev
schema: s
"""
WORKGROUP = """
type: redshift
method: iam_role
host: quay.123456789012.eu-central-1.redshift-serverless.amazonaws.com
port: 5439
dbname: dev
schema: s
"""
ENV = {"DBT_ENV_SECRET_PW": "hunter2", "PORT": "5439", "FLAG": "true"}


def checks(
    text: str, *, chosen: bool = True, env: dict[str, str] | None = None, **facts: Any
) -> dict[str, TargetCheck]:
    """The checks of a target written so, by id."""
    body = "".join(f"      {line}\n" for line in text.strip().splitlines())
    tree = Tree(f"quay:\n  target: dev\n  outputs:\n    dev:\n{body}")
    known = ENV if env is None else env
    found = check_target(target_of(tree, "quay", "dev", Renderer(known), chosen=chosen), Facts(env=known, **facts))
    assert len({check.id for check in found}) == len(found)
    assert all(check.next_step for check in found if check.status in ("failed", "warned"))
    assert not any("hunter2" in check.detail + check.next_step for check in found)
    return {check.id: check for check in found}


def changed(text: str, *lines: str, without: str = "") -> str:
    """`text` with these lines in place of those of the same key, and without a key."""
    keys = {line.split(":")[0] for line in lines} | {without}
    return "\n".join([*(line for line in text.strip().splitlines() if line.split(":")[0] not in keys), *lines])


@pytest.mark.parametrize("text", [DATABASE, IAM, changed(IAM, "method: iam_role", without="user"), WORKGROUP])
def test_a_right_target_passes_everywhere(text: str) -> None:
    assert {check.status for check in checks(text).values()} == {"passed"}


FAULTS: dict[str, tuple[str, str, str, str, str]] = {
    "search_path": (changed(DATABASE, "search_path: a, b"), "keys", "warned", "ignores search_path", "ALTER USER"),
    "keepalives": (changed(DATABASE, "keepalives_idle: 0"), "keys", "warned", "keepalives_idle", "tcp_keepalive_idle"),
    "a slip": (changed(DATABASE, "thread: 4"), "keys", "warned", "ignores thread", "did you mean threads?"),
    "nonsense": (changed(DATABASE, "zzzz: 4"), "keys", "warned", "ignores zzzz", "leave it out"),
    "two passwords": (changed(DATABASE, "pass: x"), "keys", "failed", "both pass and password", "Keep one"),
    "two databases": (changed(DATABASE, "database: x"), "keys", "failed", "both dbname and database", "Keep one"),
    "a key twice": (DATABASE + "user: bob\n", "keys", "warned", "user is given twice", "Keep one"),
    "no host": (changed(IAM, without="host"), "keys", "failed", "host is missing", "Add host"),
    "no port": (changed(IAM, without="port"), "keys", "failed", "port is missing", "Add port"),
    "no schema": (changed(DATABASE, without="schema"), "keys", "failed", "schema is missing", "Add schema"),
    "a port as text": (changed(DATABASE, "port: '5439'"), "values", "failed", "port: it is text", "without quotes"),
    "a port from outside": (
        changed(DATABASE, "port: \"{{ env_var('PORT') }}\""), "values", "failed", "port: it is text", "| int",
    ),
    "a port out of reach": (changed(DATABASE, "port: 70000"), "values", "failed", "not a TCP port", "5439"),
    "a flag as text": (changed(IAM, "autocreate: 'true'"), "values", "failed", "autocreate: it is", "true or false"),
    "groups as text": (changed(IAM, "db_groups: a"), "values", "failed", "db_groups: it is text", "[one, other]"),
    "threads as text": (changed(DATABASE, "threads: four"), "values", "failed", "threads", "as a number"),
    "keepalive 0": (changed(DATABASE, "tcp_keepalive_idle: 0"), "values", "failed", "1 or more", "or leave it out"),
    "retries below 0": (changed(DATABASE, "retries: -1"), "values", "failed", "0 or more", "or leave it out"),
    "an empty schema": (changed(DATABASE, "schema: ''"), "keys", "failed", "schema is empty", "Write a schema"),
    "another sslmode": (changed(DATABASE, "sslmode: on"), "values", "failed", "sslmode", "as text"),
    "a user that is a number": (changed(DATABASE, "user: 5"), "values", "failed", "user: it is a number", "as text"),
    "a method of its own": (changed(DATABASE, "method: saml"), "method", "failed", "no method 'saml'", "iam_role"),
    "no user": (changed(DATABASE, without="user"), "method", "failed", "user is missing", "Add user"),
    "no password": (changed(DATABASE, without="password"), "method", "failed", "password is missing", "Add password"),
    "no user for iam": (changed(IAM, without="user"), "method", "failed", "user is missing", "Add user"),
    "no user for iam at a workgroup": (
        changed(WORKGROUP, "method: iam"), "method", "failed", "a workgroup ignores it", "method: iam_role",
    ),
    "no user for a key at a workgroup": (
        changed(WORKGROUP, "method: iam", "access_key_id: A", "secret_access_key: \"{{ env_var('PORT') }}\""),
        "method", "failed", "a workgroup ignores it", "Add user",
    ),
    "a cluster at a workgroup": (
        changed(WORKGROUP, "cluster_id: x"), "method", "warned", "cluster_id has no effect at a workgroup", "Leave",
    ),
    "autocreate at a workgroup": (
        changed(WORKGROUP, "method: iam", "user: IAM:a", "autocreate: true"),
        "method", "warned", "autocreate has no effect at a workgroup", "Leave",
    ),
    "groups at a workgroup": (
        changed(WORKGROUP, "method: iam", "user: IAM:a", "db_groups: [a]"),
        "method", "warned", "db_groups has no effect at a workgroup", "Leave",
    ),
    "autocreate for iam_role": (
        changed(IAM, "method: iam_role", "autocreate: true", without="user"),
        "method", "warned", "autocreate has no effect with iam_role", "Leave",
    ),
    "a workgroup at a cluster": (
        changed(IAM, "serverless_work_group: x"), "method", "warned", "has no effect at a cluster", "is_serverless",
    ),
    "a workgroup that dbt takes for a cluster": (
        changed(IAM, "serverless_work_group: x", without="cluster_id"),
        "method", "failed", "cluster_id is missing", "Add is_serverless: true",
    ),
    "no cluster": (changed(IAM, without="cluster_id"), "method", "failed", "cluster_id is missing", "cluster_id: demo"),
    "another cluster": (changed(IAM, "cluster_id: x"), "method", "warned", "the host belongs to demo", "the same"),
    "no TLS": (changed(IAM, "sslmode: disable"), "method", "failed", "TLS only", "sslmode"),
    "half a key": (changed(IAM, "access_key_id: A"), "method", "failed", "needed together", "Give both"),
    "a password for iam": (changed(IAM, "password: x"), "method", "warned", "password has no effect", "Leave"),
    "a cluster for a password": (changed(DATABASE, "cluster_id: x"), "method", "warned", "cluster_id has", "Leave"),
    "keys for iam_role": (
        changed(IAM, "method: iam_role", "access_key_id: A", "secret_access_key: b"),
        "method", "warned", "access_key_id has no effect with iam_role", "Leave",
    ),
    "a workgroup nobody names": (
        changed(IAM, "is_serverless: true", "host: wg.example"), "method", "warned", "serverless_work_group", "Add",
    ),
    "no region": (
        changed(IAM, "host: 127.0.0.1", without="region"),
        "region", "failed", "You must specify a region", "aws configure",
    ),
    "no such region": (changed(IAM, "region: Frankfurt"), "region", "failed", "not a region", "Correct region"),
    "another region": (changed(IAM, "region: us-east-1"), "region", "warned", "the host is in", "eu-central-1"),
    "a missing variable": (
        changed(DATABASE, "user: \"{{ env_var('DBT_USER') }}\""),
        "env", "failed", "DBT_USER is not set", "Set DBT_USER",
    ),
    "a missing password": (
        changed(DATABASE, "password: \"{{ env_var('DBT_ENV_SECRET_NO') }}\""),
        "env", "failed", "sends the expression itself as the password", "Set DBT_ENV_SECRET_NO",
    ),
    "braces": (changed(DATABASE, "schema: 'a{{b'"), "env", "failed", "schema: it is not valid Jinja", "braces"),
    "what only dbt has": (
        changed(DATABASE, "schema: \"{{ modules.re.escape('x') }}\""), "env", "skipped", "only dbt has", "dbt debug",
    ),
    "clear text": (changed(DATABASE, "password: x"), "secrets", "warned", "clear text", "DBT_ENV_SECRET"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "id_", "status", "detail", "next_step"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named_with_its_cure(text: str, id_: str, status: str, detail: str, next_step: str) -> None:
    check = checks(text)[id_]
    assert (check.status, detail in check.detail, next_step in check.next_step) == (status, True, True), check
    assert (check.profile, check.target, check.about) == ("quay", "dev", "quay.dev")


def test_several_faults_of_a_kind_stand_together_the_worst_first() -> None:
    check = checks(changed(DATABASE, "search_path: x", "pass: y", "keepalives_idle: 0"))["keys"]
    assert check.status == "failed"
    assert check.detail.startswith("both pass and password")
    assert "search_path" in check.detail
    assert "keepalives_idle" in check.next_step


def test_what_is_wrong_in_a_target_that_dbt_leaves_out_is_a_warning() -> None:
    text = changed(DATABASE, "port: '5439'")
    assert checks(text)["values"].status == "failed"
    assert checks(text, chosen=False)["values"].status == "warned"
    assert checks(DATABASE, chosen=False, env={})["env"].status == "warned"


@pytest.mark.parametrize(
    ("text", "elsewhere", "detail"),
    [
        (IAM, "", "eu-central-1"),
        (changed(IAM, without="region"), "", "from the host's name"),
        (changed(IAM, "host: 127.0.0.1", without="region"), "eu-west-1", "eu-west-1"),
    ],
)
def test_a_region_is_found_where_the_driver_finds_it(text: str, elsewhere: str, detail: str) -> None:
    check = checks(text, region_elsewhere=lambda *_: elsewhere)["region"]
    assert (check.status, detail in check.detail) == ("passed", True)


def test_the_wrong_region_variable_is_pointed_out() -> None:
    text = changed(IAM, "host: 127.0.0.1", without="region")
    check = checks(text, env={"AWS_REGION": "eu-west-1"}, region_elsewhere=lambda *_: "")["region"]
    assert "boto3 does not read AWS_REGION" in check.detail


def test_a_password_others_can_read_is_told_with_the_cure() -> None:
    check = checks(changed(DATABASE, "password: x"), others_may_read=True)["secrets"]
    assert "chmod 600" in check.next_step
    assert checks(DATABASE, others_may_read=True)["secrets"].status == "passed"


def test_a_password_needs_no_region() -> None:
    assert "region" not in checks(DATABASE)


def test_flags_given_by_filters_are_flags() -> None:
    text = changed(IAM, "autocreate: \"{{ env_var('FLAG') | as_bool }}\"")
    assert "as_bool needs True or False" in checks(text)["env"].detail
    right = checks(text, env={**ENV, "FLAG": "True"})
    assert {check.status for check in right.values()} == {"passed"}


def test_the_texts_above_are_yaml() -> None:
    for text, *_ in FAULTS.values():
        assert isinstance(yaml.safe_load(text), dict)


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("port", 5439, ""), ("port", 5439.0, ""),
        ("port", True, "it is true or false where a whole number is expected"),
        ("port", "5439", "it is text where a whole number is expected"), ("port", None, "it is empty"),
        ("retries", 0, ""), ("retries", -1, "it must be 0 or more"),
        ("connect_timeout", 0, "it must be 1 or more"), ("connect_timeout", None, ""),
    ],
)  # fmt: skip
def test_what_dbt_takes_for_a_field(name: str, value: object, wrong: str) -> None:
    assert FIELDS[name].wrong(value) == wrong


def test_two_merge_keys_are_not_one_key_twice() -> None:
    assert checks(DATABASE + "<<: {threads: 2}\n<<: {retries: 1}\n")["keys"].status == "passed"
