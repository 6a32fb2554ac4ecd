"""Decisions of IAM policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wharfinger_sandbox.aws.account import DATA_FULL_ACCESS
from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.conditions import ConditionKeys, like
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.policies import MalformedPolicy, Verdict, decide, parse

DBUSER = "arn:aws:redshift:us-east-1:123456789012:dbuser:demo-cluster/"


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def verdict(statements: Any, action: str, resource: str = "*", **context: Any) -> Verdict:
    keys = {name.replace("__", ":"): value for name, value in context.items()}
    return decide([parse({"Version": "2012-10-17", "Statement": statements})], action, resource, keys)


def allowed(statements: Any, action: str, resource: str = "*", **context: Any) -> bool:
    return verdict(statements, action, resource, **context) is Verdict.ALLOWED


def caller(*documents: Any, kind: Any = "user", session: Any = (), tags: dict[str, str] | None = None) -> Caller:
    return Caller(
        "arn:aws:iam::123456789012:user/ann",
        "123456789012",
        "ann",
        "AIDAANN",
        kind,
        policies=tuple(parse(document) for document in documents),
        session_policies=tuple(parse(document) for document in session),
        tags=tags or {},
    )


def test_nothing_is_allowed_without_a_policy() -> None:
    assert decide([], "sts:AssumeRole", "*", {}) is Verdict.NO_ALLOW


def test_an_action_matches_whatever_its_case() -> None:
    assert allowed(allow("redshift-data:ExecuteStatement"), "Redshift-Data:executestatement")
    assert not allowed(allow("redshift-data:ExecuteStatement"), "redshift-data:CancelStatement")


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("redshift-data:*", "redshift-data:ListTables", True),
        ("redshift-data:List*", "redshift-data:ListTables", True),
        ("redshift-data:L??tTables", "redshift-data:ListTables", True),
        ("redshift:*", "redshift-data:ListTables", False),
        ("[a-z]*", "abc", False),
        ("a.c", "abc", False),
        ("*", "line\nbreak", True),
    ],
)
def test_only_star_and_question_mark_are_wildcards(pattern: str, value: str, matches: bool) -> None:
    assert like(pattern, value) is matches


def test_a_resource_must_match_in_its_case() -> None:
    statement = allow("redshift:GetClusterCredentials", f"{DBUSER}redshift_data_api_user")
    assert allowed(statement, "redshift:GetClusterCredentials", f"{DBUSER}redshift_data_api_user")
    assert not allowed(statement, "redshift:GetClusterCredentials", f"{DBUSER}Redshift_Data_Api_User")


def test_a_deny_overrides_every_allow() -> None:
    statements = [allow(), {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}]
    assert verdict(statements, "kms:Decrypt") is Verdict.DENIED
    assert allowed(statements, "sts:AssumeRole")


def test_not_action_and_not_resource_turn_the_match_around() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"}
    assert allowed(statement, "kms:Decrypt", "arn:aws:kms:x")
    assert not allowed(statement, "iam:GetUser", "arn:aws:iam:x")
    assert not allowed(statement, "s3:GetObject", "arn:aws:s3:::secret/a")


def test_a_variable_has_the_callers_value() -> None:
    statement = allow("redshift:GetClusterCredentials", DBUSER + "${aws:username}")
    assert allowed(statement, "redshift:GetClusterCredentials", f"{DBUSER}ann", aws__username="ann")
    assert not allowed(statement, "redshift:GetClusterCredentials", f"{DBUSER}bob", aws__username="ann")
    assert not allowed(statement, "redshift:GetClusterCredentials", DBUSER)


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringLike", "AIDA*", "AIDAANN", True),
        ("StringNotLike", "AIDA*", "AROAANN", True),
        ("StringNotEquals", "a", ["a", "b"], False),
        ("StringEquals", True, "true", True),
        ("NumericLessThanEquals", "3600", "900", True),
        ("NumericLessThanEquals", "900", "900", True),
        ("NumericGreaterThanEquals", "900", "900.0", True),
        ("NumericEquals", "900", "900.0", True),
        ("NumericNotEquals", "900", "900.0", False),
        ("NumericNotEquals", "900", "899", True),
        ("NumericLessThan", "900", "900", False),
        ("NumericGreaterThan", "900", "many", False),
        ("Bool", "true", "true", True),
        ("Bool", True, "false", False),
        ("DateLessThan", "2030-01-01T00:00:00Z", "2026-01-01T00:00:00Z", True),
        ("DateLessThan", "2030-01-01", "2026-01-01T00:00:00Z", True),
        ("DateLessThanEquals", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00", True),
        ("DateGreaterThanEquals", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z", True),
        ("DateNotEquals", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z", False),
        ("DateGreaterThan", "2030-01-01T00:00:00Z", "1780000000", False),
        ("ArnLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/abc", True),
        ("ArnNotLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/abc", False),
        ("IpAddress", "127.0.0.0/8", "127.0.0.1", True),
        ("IpAddress", "127.0.0.1/8", "127.9.9.9", True),
        ("NotIpAddress", "127.0.0.0/8", "127.0.0.1", False),
        ("ForAnyValue:StringEquals", "a", ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", "a", ["a", "b"], True),
        ("ForAllValues:StringEquals", "a", ["a", "b"], False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("Null", "false", "a", True),
        ("Null", "true", "a", False),
    ],
)
def test_a_condition_compares_as_iam_does(operator: str, wanted: Any, actual: Any, holds: bool) -> None:
    assert allowed(allow(Condition={operator: {"aws:key": wanted}}), "a:B", aws__key=actual) is holds


@pytest.mark.parametrize(
    ("wanted", "teams", "actual", "holds"),
    [
        ("${aws:team}", ["red"], "red", True),
        ("${aws:team}", ["red", "blue"], "red", False),
        ("${aws:team}", [], "red", False),
        ("${aws:team, 'none'}", [], "none", True),
        ("${aws:team, 'none'}", ["red"], "none", False),
        ("${*}", [], "*", True),
        ("${*}", [], "a", False),
    ],
)
def test_a_variable_needs_one_value_or_has_a_default(wanted: str, teams: list[str], actual: str, holds: bool) -> None:
    keys = {"aws__key": actual} | ({"aws__team": teams} if teams else {})
    assert allowed(allow(Condition={"StringEquals": {"aws:key": wanted}}), "a:B", **keys) is holds


def test_a_trust_policy_names_who_may_and_on_what_condition() -> None:
    ann, condition = "arn:aws:iam::123456789012:user/ann", {"StringEquals": {"sts:ExternalId": "7"}}
    trust = {"Effect": "Allow", "Principal": {"AWS": ann}, "Action": "sts:AssumeRole", "Condition": condition}
    (statement,) = parse({"Statement": [trust]}).statements
    assert statement.names(ann, "somebody else")
    assert not statement.names("arn:aws:iam::123456789012:user/bob", "*")
    assert statement.applies_to_trust("sts:AssumeRole", ConditionKeys({"sts:ExternalId": "7"}))
    assert not statement.applies_to_trust("sts:AssumeRole", ConditionKeys({"sts:ExternalId": "8"}))
    assert not statement.applies_to_trust("sts:TagSession", ConditionKeys({"sts:ExternalId": "7"}))


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringEqualsIfExists", True),
        ("StringNotEquals", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
    ],
)
def test_the_operator_decides_about_a_missing_key(operator: str, holds: bool) -> None:
    assert allowed(allow(Condition={operator: {"aws:key": "a"}}), "a:B") is holds
    assert allowed(allow(Condition={"Null": {"aws:key": "true"}}), "a:B")


def test_every_condition_must_hold_and_keys_know_no_case() -> None:
    condition = {"StringEquals": {"aws:One": "1", "AWS:TWO": "2"}}
    assert allowed(allow(Condition=condition), "a:B", aws__one="1", aws__two="2")
    assert not allowed(allow(Condition=condition), "a:B", aws__one="1", aws__two="3")


@pytest.mark.parametrize(
    "document",
    [
        "no json",
        "[]",
        {"Version": "2012-10-17"},
        {"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [allow(Condition={"StringSounds": {"a": "b"}})]},
    ],
)
def test_policies_that_iam_does_not_allow_are_refused(document: Any) -> None:
    with pytest.raises(MalformedPolicy):
        parse(document)


def test_a_refusal_has_the_words_of_aws() -> None:
    with pytest.raises(ApiError) as error:
        caller().require("redshift:GetClusterCredentials", f"{DBUSER}awsuser", protocol="query")
    assert (error.value.code, error.value.status) == ("AccessDenied", 403)
    assert error.value.message == (
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: redshift:GetClusterCredentials on "
        f"resource: {DBUSER}awsuser because no identity-based policy allows the redshift:GetClusterCredentials action"
    )
    denies = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    with pytest.raises(ApiError, match=r"with an explicit deny in an identity-based policy$") as error:
        caller(denies).require("sts:AssumeRole")
    assert (error.value.code, error.value.status) == ("AccessDeniedException", 400)


def test_a_session_policy_only_restricts() -> None:
    full, narrow = {"Statement": [allow()]}, {"Statement": [allow("kms:*")]}
    narrowed = caller(full, kind="role", session=[narrow])
    assert narrowed.allows("kms:Decrypt")
    assert not narrowed.allows("sts:AssumeRole")
    assert not caller(kind="role", session=[full]).allows("kms:Decrypt")
    refused = narrowed.refusal("sts:AssumeRole")
    assert refused is not None
    assert refused.endswith("because no session policy allows the sts:AssumeRole action")


def test_the_callers_condition_keys_are_set() -> None:
    document = {
        "Statement": [allow(Condition={"StringEquals": {"aws:userid": "AIDAANN", "aws:PrincipalTag/team": "a"}})]
    }
    named = {"Statement": [allow(Condition={"StringEquals": {"aws:username": "ann", "aws:PrincipalType": "User"}})]}
    assert caller(named).allows("kms:Decrypt")
    assert not caller(named, kind="role").allows("kms:Decrypt")
    assert caller(document, tags={"team": "a"}).allows("kms:Decrypt")
    assert not caller(document, tags={"team": "b"}).allows("kms:Decrypt")


def test_an_identity_maps_to_its_database_user() -> None:
    assert caller().database_user == "IAM:ann"
    assert caller(kind="role").database_user == "IAMR:ann"


class TestAmazonRedshiftDataFullAccess:
    analyst = caller(json.dumps(DATA_FULL_ACCESS))

    @pytest.mark.parametrize("action", ["ExecuteStatement", "BatchExecuteStatement", "DescribeTable", "ListStatements"])
    def test_allows_the_ten_data_api_actions(self, action: str) -> None:
        assert self.analyst.allows(f"redshift-data:{action}", "arn:aws:redshift:us-east-1:1:cluster:any")

    def test_leaves_out_list_sessions(self) -> None:
        assert not self.analyst.allows("redshift-data:ListSessions")

    def test_gives_credentials_for_one_database_user_only(self) -> None:
        assert self.analyst.allows("redshift:GetClusterCredentials", f"{DBUSER}redshift_data_api_user")
        assert not self.analyst.allows("redshift:GetClusterCredentials", f"{DBUSER}awsuser")

    def test_never_creates_that_user(self) -> None:
        both = caller(json.dumps(DATA_FULL_ACCESS), {"Statement": [allow()]})
        assert both.verdict("redshift:CreateClusterUser", f"{DBUSER}redshift_data_api_user") is Verdict.DENIED
        assert both.allows("redshift:CreateClusterUser", f"{DBUSER}other")

    @pytest.mark.parametrize(
        ("action", "resource", "key"),
        [
            (
                "secretsmanager:GetSecretValue",
                "arn:aws:secretsmanager:us-east-1:1:secret:a",
                "secretsmanager:ResourceTag/RedshiftDataFullAccess",
            ),
            (
                "redshift-serverless:GetCredentials",
                "arn:aws:redshift-serverless:us-east-1:1:workgroup/a",
                "aws:ResourceTag/RedshiftDataFullAccess",
            ),
        ],
    )
    def test_asks_for_the_tag(self, action: str, resource: str, key: str) -> None:
        assert self.analyst.allows(action, resource, {key: ""})
        assert not self.analyst.allows(action, resource)
