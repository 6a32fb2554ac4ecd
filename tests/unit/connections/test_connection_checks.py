"""The report of a connection test from its facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.neutral_words import NeutralWords

from wharfinger.connections.checks import ORDER, evaluate, stops
from wharfinger.connections.facts import Facts, Problem
from wharfinger.connections.model import Caller, Connection, Identity, Target
from wharfinger.core.checks import Check, Report
from wharfinger.core.verbs import call
from wharfinger.documents.checks import report_document

WORKGROUP = Connection("shop", "workgroup", "demo", "us-east-1", "dev")
CALLER = Caller("123456789012", "arn:aws:iam::123456789012:user/analyst")
TARGET = Target("workgroup", "demo", "AVAILABLE", "demo.example", 5439)
DENIED = Problem("refused", "An action is denied", "not authorized to perform: x:Y", "Allow x:Y")


def good() -> Facts:
    return Facts(
        known_regions=frozenset({"us-east-1", "eu-central-1"}),
        caller=CALLER,
        target=TARGET,
        user="IAM:analyst",
        database="dev",
        query=1,
        catalog=7,
        table_info=True,
    )


def statuses(report: Report) -> dict[str, str]:
    return {check.id: check.status for check in report.checks}


def the(report: Report, check_id: str) -> tuple[str, str, str]:
    check = next(check for check in report.checks if check.id == check_id)
    return check.status, check.detail, check.next_step


def test_all_is_well() -> None:
    report = evaluate(WORKGROUP, good())

    assert report.ok
    assert statuses(report) == dict.fromkeys(ORDER, "passed")
    assert "analyst" in the(report, "identity")[1]


@pytest.mark.parametrize(("count", "says"), [(1, "1 schema can be seen"), (7, "7 schemas can be seen")])
def test_schemas_are_counted(count: int, says: str) -> None:
    assert the(evaluate(WORKGROUP, replace(good(), catalog=count)), "catalog")[1] == says


def test_the_document_has_the_contracts_form_and_order() -> None:
    document = report_document(evaluate(WORKGROUP, good()), NeutralWords())

    assert list(document) == ["ok", "checks"]
    assert [check["id"] for check in document["checks"]] == [
        "region", "identity", "target", "sign-in", "database", "query", "catalog", "table-info",
    ]  # fmt: skip
    assert all(list(check) == ["id", "status", "detail", "next_step"] for check in document["checks"])


def test_a_malformed_region_fails_and_stops_the_rest() -> None:
    connection = replace(WORKGROUP, region="useast1")
    report = evaluate(connection, Facts())

    assert statuses(report) == {"region": "failed"} | dict.fromkeys(ORDER[1:], "skipped")
    assert stops(connection, Facts())
    assert the(report, "identity")[1] == "not tried: region failed"


def test_an_unknown_region_is_a_warning_with_the_near_one() -> None:
    facts = good()
    report = evaluate(replace(WORKGROUP, region="us-esat-1"), facts)

    assert the(report, "region") == (
        "warned", "us-esat-1 is not among the regions known here", "Did you mean us-east-1?",
    )  # fmt: skip
    assert report.ok


def test_a_bad_identity_fails_and_the_rest_is_skipped() -> None:
    facts = Facts(caller=Problem("refused", "AWS does not know these credentials", "why", "next"))
    report = evaluate(WORKGROUP, facts)

    assert the(report, "identity") == ("failed", "AWS does not know these credentials. why", "next")
    assert statuses(report)["target"] == "skipped"
    assert not report.ok


def test_denied_discovery_skips_the_target_and_sign_in_proves_it() -> None:
    report = evaluate(WORKGROUP, replace(good(), target=DENIED))

    status, detail, step = the(report, "target")
    assert status == "skipped"
    assert detail == "An action is denied. Sign-in proves it instead"
    assert step == "Nothing needs to be done if sign-in passes; to see its status here, allow x:Y"
    assert report.ok


def test_sts_that_cannot_be_reached_is_no_proof_against_the_rest() -> None:
    unreachable = Problem("unavailable", "AWS cannot be reached", check="region")
    report = evaluate(WORKGROUP, replace(good(), caller=unreachable))

    assert statuses(report)["identity"] == "warned"
    assert statuses(report)["region"] == "passed"
    assert report.ok


def test_an_address_that_nothing_answers_at_fails_the_region() -> None:
    unreachable = Problem("unavailable", "AWS cannot be reached", "no answer", "Check the region", check="region")
    facts = Facts(caller=unreachable, target=unreachable, user=unreachable)
    report = evaluate(WORKGROUP, facts)

    assert the(report, "region") == ("failed", "AWS cannot be reached. no answer", "Check the region")
    assert the(report, "sign-in")[1] == "not reached: region failed"
    assert statuses(report) == {"region": "failed"} | dict.fromkeys(ORDER[1:], "skipped")
    assert not report.ok


@pytest.mark.parametrize("status", ["paused", "PAUSED"])
def test_a_paused_cluster_fails_with_the_command_that_resumes_it(status: str) -> None:
    facts = replace(good(), target=Target("cluster", "demo", status))
    report = evaluate(replace(WORKGROUP, target_kind="cluster"), facts)

    assert the(report, "target")[0] == "failed"
    assert "resume-cluster --cluster-identifier demo" in the(report, "target")[2]


def test_a_target_that_is_still_being_made_fails_with_patience() -> None:
    report = evaluate(WORKGROUP, replace(good(), target=Target("workgroup", "demo", "CREATING")))

    assert the(report, "target")[0] == "failed"
    assert "Wait" in the(report, "target")[2]


NOT_FOUND = Problem("not_found", "There is no such workgroup", next_step="Check the name", check="target")


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ((Target("cluster", "demo"),), "give it as the cluster"),
        ((Target("workgroup", "demos"), Target("cluster", "x")), "Did you mean demos?"),
        ((Target("workgroup", "zzz"),), "there are: workgroup zzz"),
        ((), "Check the name"),
    ],
)
def test_a_missing_target_is_told_with_what_is_there(others: tuple[Target, ...], says: str) -> None:
    report = evaluate(WORKGROUP, Facts(caller=CALLER, target=NOT_FOUND, others=others))

    assert the(report, "target")[0] == "failed"
    assert says in the(report, "target")[2]
    assert statuses(report)["sign-in"] == "skipped"


@pytest.mark.parametrize("there", ["region", "identity", "target", "database"])
def test_a_problem_met_at_sign_in_is_put_where_it_belongs(there: str) -> None:
    problem = Problem("failed", "what", "why", "next", check=there)
    report = evaluate(WORKGROUP, Facts(caller=CALLER, target=DENIED, user=problem))

    assert the(report, there) == ("failed", "what. why", "next")
    assert the(report, "sign-in") == ("skipped", f"not reached: {there} failed", "")


def test_a_refused_sign_in_fails_there() -> None:
    problem = Problem("refused", "Signing in is refused", "password authentication failed", "next", check="sign-in")
    report = evaluate(WORKGROUP, Facts(caller=CALLER, target=TARGET, user=problem))

    assert the(report, "sign-in") == ("failed", "Signing in is refused. password authentication failed", "next")
    assert the(report, "database")[1] == "not tried: sign-in failed"


def test_no_right_to_svv_table_info_is_a_warning_with_its_grant() -> None:
    refused = Problem("refused", "what", "permission denied for relation svv_table_info", "next", check="table-info")
    report = evaluate(WORKGROUP, replace(good(), table_info=refused))

    status, _, step = the(report, "table-info")
    assert status == "warned"
    assert 'GRANT SELECT ON svv_table_info TO "IAM:analyst"' in step
    assert report.ok


def test_the_grant_quotes_a_hostile_user() -> None:
    refused = Problem("refused", "what")
    report = evaluate(WORKGROUP, replace(good(), user='x"; drop table t; --', table_info=refused))

    assert 'TO "x""; drop table t; --"' in the(report, "table-info")[2]


@pytest.mark.parametrize(("kind", "status"), [("refused", "warned"), ("failed", "failed")])
def test_a_catalog_that_may_not_be_read_is_a_warning_and_a_broken_one_a_failure(kind: str, status: str) -> None:
    report = evaluate(WORKGROUP, replace(good(), catalog=Problem(kind, "what")))

    assert the(report, "catalog")[0] == status
    assert report.ok is (status == "warned")


def test_a_failed_query_fails_the_test() -> None:
    assert not evaluate(WORKGROUP, replace(good(), query=Problem("failed", "what"))).ok


def test_what_stops_several_checks_at_once_is_told_once() -> None:
    throttled = Problem("unavailable", "AWS throttles the calls", "Rate exceeded", "Wait")
    report = evaluate(
        WORKGROUP, replace(good(), database=throttled, query=throttled, catalog=throttled, table_info=throttled)
    )

    assert the(report, "database") == ("failed", "AWS throttles the calls. Rate exceeded", "Wait")
    for later in ("query", "catalog", "table-info"):
        assert the(report, later) == ("skipped", "not reached: database failed", "")


def test_no_grant_is_advised_for_what_a_grant_does_not_mend() -> None:
    expired = Problem("refused", "The AWS credentials have expired", "", "aws sso login", check="identity")
    alone = evaluate(WORKGROUP, replace(good(), table_info=expired))
    among_others = evaluate(WORKGROUP, replace(good(), database=expired, query=expired, table_info=expired))

    assert the(alone, "table-info") == ("warned", "The AWS credentials have expired", "aws sso login")
    assert [check.id for check in among_others.checks if check.status == "failed"] == ["identity"]
    assert the(among_others, "table-info") == ("skipped", "not reached: identity failed", "")


def test_a_password_with_a_host_skips_identity_and_target() -> None:
    connection = replace(WORKGROUP, sign_in="password", host="h", user="u")
    report = evaluate(connection, replace(good(), caller=None, target=None))

    assert statuses(report) | {} == dict.fromkeys(ORDER, "passed") | {"identity": "skipped", "target": "skipped"}
    assert report.ok


@pytest.mark.parametrize("where", ["caller", "target", "user", "database", "query"])
def test_a_failure_without_advice_of_its_own_still_has_a_next_step(where: str) -> None:
    report = evaluate(WORKGROUP, replace(good(), **{where: Problem("failed", "what")}))

    (failed,) = [check for check in report.checks if check.status == "failed"]
    assert failed.next_step


def test_advice_names_fields_and_verbs_and_leaves_their_words_to_the_door() -> None:
    silent = Problem("not_found", "what")
    by_default = evaluate(WORKGROUP, Facts(caller=CALLER, target=silent))
    wrong_kind = evaluate(WORKGROUP, Facts(caller=CALLER, target=silent, others=(Target("cluster", "demo"),)))
    told = evaluate(WORKGROUP, replace(good(), user=replace(DENIED, fields=("user",), call=call("connection:list"))))

    assert failed_check(by_default).call == call("connection:discover", region="us-east-1")
    assert failed_check(wrong_kind).fields == ("cluster",)
    assert (failed_check(told).fields, failed_check(told).call) == (("user",), call("connection:list"))


def failed_check(report: Report) -> Check:
    (failed,) = [check for check in report.checks if check.status == "failed"]
    return failed


@pytest.mark.parametrize(("region", "near"), [("us-esat-1", "us-east-1"), ("eu-centrla-1", "eu-central-1")])
def test_a_region_without_an_address_fails_with_the_near_one(region: str, near: str) -> None:
    facts = Facts(known_regions=good().known_regions, region_trouble="its endpoint has no address")
    report = evaluate(replace(WORKGROUP, region=region), facts)

    status, detail, step = the(report, "region")
    assert (status, detail) == (
        "failed", f"{region} is not among the regions known here, and its endpoint has no address",
    )  # fmt: skip
    assert step == f"Did you mean {near}?"
    assert stops(replace(WORKGROUP, region=region), facts)


def test_no_advice_repeats_a_region_that_is_a_slip() -> None:
    missing = Problem("not_found", "There is no workgroup demo", call=call("connection:discover", region="us-esat-1"))
    connection = replace(WORKGROUP, region="us-esat-1")
    document = report_document(evaluate(connection, replace(good(), target=missing)), NeutralWords())
    nowhere = report_document(
        evaluate(replace(connection, region="xx-nowhere-9"), replace(good(), target=missing)), NeutralWords()
    )

    advice = [check["next_step"] for check in document["checks"]]
    assert any("us-east-1" in one for one in advice)
    assert not any("esat" in one for one in advice)
    assert not any("esat" in check["next_step"] or "nowhere" in check["next_step"] for check in nowhere["checks"])


def test_a_recommended_discovery_asks_as_the_connection_does() -> None:
    identity = Identity("profile", profile="work", role_arn="arn:aws:iam::123456789012:role/r")
    connection = replace(WORKGROUP, identity=identity, endpoint_url="https://aws.example")
    missing = Problem("not_found", "There is no workgroup demo")
    report = evaluate(connection, replace(good(), target=missing))

    assert next(check.call for check in report.checks if check.id == "target") == call(
        "connection:discover",
        region="us-east-1",
        aws_profile="work",
        role_arn="arn:aws:iam::123456789012:role/r",
        endpoint_url="https://aws.example",
    )


def test_an_endpoint_out_of_reach_in_an_unknown_region_names_the_near_one_too() -> None:
    facts = replace(good(), user=Problem("unavailable", "No way out", "", "Check the proxy", check="region"))
    report = evaluate(replace(WORKGROUP, region="us-esat-1"), facts)

    assert the(report, "region")[2] == "Did you mean us-east-1? Check the proxy"


@pytest.mark.parametrize("target", ["arn:aws:redshift:us-east-1:123456789012:cluster:demo", "demo.abc.example", "dmeo"])
def test_a_missing_target_is_compared_with_what_is_there(target: str) -> None:
    facts = replace(good(), target=Problem("not_found", "There is none"), others=(Target("cluster", "demo"),))
    report = evaluate(replace(WORKGROUP, target_kind="cluster", target=target), facts)

    assert the(report, "target")[2] == "Did you mean demo?"
