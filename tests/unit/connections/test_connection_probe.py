"""Which questions a connection test asks, and where it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.connections.scripted import ScriptedControlPlane, ScriptedOpener

from wharfinger.connections.checks import evaluate
from wharfinger.connections.facts import Problem
from wharfinger.connections.model import Connection, Secrets, Target
from wharfinger.connections.probe import Prober
from wharfinger.core.errors import Failed, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.session import Usage

CLUSTER = Connection("shop", "cluster", "demo", "us-east-1", "dev")
WELL = {
    "current_user": [("IAM:analyst",)],
    "current_database": [("dev",)],
    "select 1": [("1",)],
    "svv_all_schemas": [("7",)],
    "svv_table_info": [],
}


def test_five_statements_and_two_questions_are_enough() -> None:
    opener, control_plane = ScriptedOpener(dict(WELL)), ScriptedControlPlane()
    facts = Prober(lambda: opener, lambda: control_plane).facts(CLUSTER, Secrets(), Usage())

    assert evaluate(CLUSTER, facts).ok
    assert control_plane.asked == ["caller_identity", "describe_target"]
    assert len(opener.log) == 5
    assert opener.still_open == 0
    assert (facts.user, facts.database, facts.query, facts.catalog, facts.table_info) == (
        "IAM:analyst",
        "dev",
        1,
        7,
        True,
    )


def test_nothing_is_asked_in_a_malformed_region() -> None:
    opener, control_plane = ScriptedOpener(), ScriptedControlPlane()
    Prober(lambda: opener, lambda: control_plane).facts(replace(CLUSTER, region="x"), Secrets(), Usage())

    assert control_plane.asked == []
    assert opener.log == []


def test_a_refused_identity_ends_the_test() -> None:
    opener, control_plane = (
        ScriptedOpener(),
        ScriptedControlPlane(caller=Refused("AWS does not know these credentials")),
    )
    Prober(lambda: opener, lambda: control_plane).facts(CLUSTER, Secrets(), Usage())

    assert control_plane.asked == ["caller_identity"]
    assert opener.log == []


@pytest.mark.parametrize("error", [Refused("denied"), Unavailable("throttled")])
def test_a_target_that_may_not_be_described_does_not_end_the_test(error: WharfingerError) -> None:
    opener = ScriptedOpener(dict(WELL))
    facts = Prober(lambda: opener, lambda: ScriptedControlPlane(target=error)).facts(CLUSTER, Secrets(), Usage())

    assert facts.user == "IAM:analyst"


def test_a_missing_target_asks_what_is_there_instead_and_ends() -> None:
    opener, control_plane = ScriptedOpener(), ScriptedControlPlane(target=NotFound("no such cluster"))
    facts = Prober(lambda: opener, lambda: control_plane).facts(CLUSTER, Secrets(), Usage())

    assert control_plane.asked == ["caller_identity", "describe_target", "list_targets"]
    assert facts.others == (Target("workgroup", "demo"),)
    assert opener.log == []


def test_a_password_with_a_host_asks_aws_nothing() -> None:
    opener, control_plane = ScriptedOpener(dict(WELL)), ScriptedControlPlane()
    connection = replace(CLUSTER, sign_in="password", host="h", user="u")
    facts = Prober(lambda: opener, lambda: control_plane).facts(connection, Secrets(), Usage())

    assert control_plane.asked == []
    assert facts.user == "IAM:analyst"


def test_a_refused_sign_in_asks_nothing_more_and_closes() -> None:
    opener = ScriptedOpener({"current_user": Refused("password authentication failed")})
    facts = Prober(lambda: opener, lambda: ScriptedControlPlane()).facts(CLUSTER, Secrets(), Usage())

    assert isinstance(facts.user, Problem)
    assert facts.database is None
    assert len(opener.log) == 1
    assert opener.still_open == 0


def test_a_session_that_cannot_even_be_opened_is_a_failed_sign_in() -> None:
    facts = Prober(lambda: ScriptedOpener(refuses=Failed("no")), ScriptedControlPlane).facts(
        CLUSTER, Secrets(), Usage()
    )

    assert isinstance(facts.user, Problem)


def test_one_failed_question_does_not_hide_the_others() -> None:
    opener = ScriptedOpener({**WELL, "svv_all_schemas": Refused("denied"), "svv_table_info": Refused("denied")})
    facts = Prober(lambda: opener, lambda: ScriptedControlPlane()).facts(CLUSTER, Secrets(), Usage())

    assert isinstance(facts.catalog, Problem)
    assert isinstance(facts.table_info, Problem)
    assert facts.query == 1


def test_a_bug_is_let_out() -> None:
    opener = ScriptedOpener({**WELL, "select 1": [("not a number",)]})

    with pytest.raises(ValueError, match="not a number"):
        Prober(lambda: opener, lambda: ScriptedControlPlane()).facts(CLUSTER, Secrets(), Usage())


@pytest.mark.parametrize("error", [Refused("No right to look"), Unavailable("No answer")])
def test_what_else_there_is_is_asked_only_when_the_target_is_not_there(error: WharfingerError) -> None:
    opener, control_plane = ScriptedOpener(dict(WELL)), ScriptedControlPlane(target=error)
    Prober(lambda: opener, lambda: control_plane).facts(CLUSTER, Secrets(), Usage())

    assert control_plane.asked == ["caller_identity", "describe_target"]
