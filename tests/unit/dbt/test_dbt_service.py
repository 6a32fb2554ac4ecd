"""Making a profile asks for the permission first, and only a change to the file is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.scripted import ScriptedSession

from wharfinger.connections.model import Caller, Connection, Target
from wharfinger.core.acting import LOCAL, Actor, Acts
from wharfinger.core.errors import Conflict, Invalid, Refused, Unavailable
from wharfinger.core.events import Event, Outcome
from wharfinger.core.secret import Secret
from wharfinger.core.session import Row, Usage
from wharfinger.dbt.profiles_yml.location import Surroundings
from wharfinger.dbt.profiles_yml.store import FoundFile, ProfilesFile
from wharfinger.dbt.writing.model import Destination, Request
from wharfinger.dbt.writing.service import DbtProfiles

SHOP = Connection("shop", "cluster", "demo", "eu-central-1", "dev", sign_in="db-user", db_user="awsuser")
REQUEST = Request("quay", "dbt_alice")
ENDPOINT = "demo.abc.eu-central-1.redshift.amazonaws.com"


class Log:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def begin(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events) - 1

    def end(self, number: int, outcome: Outcome, detail: str) -> None:
        self.events[number] = replace(self.events[number], outcome=outcome, detail=detail)


class ControlPlane:
    """Answers for one cluster, or refuses; counts the questions."""

    def __init__(self, refusal: Refused | None = None, users: Sequence[Row] | None = (("awsuser", False),)) -> None:
        self._refusal = refusal
        self._users = users
        self.asked = 0

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Any:  # noqa: ARG002
        if self._users is None:
            raise Unavailable("The host does not answer", subject=connection.name)
        return ScriptedSession(lambda _: self._users or (), database or connection.database)

    def target(self, connection: Connection) -> Target:
        assert connection == SHOP
        self.asked += 1
        if self._refusal is not None:
            raise self._refusal
        return Target("cluster", "demo", "available", ENDPOINT, 5439, "arn:aws:redshift:eu-central-1:1:cluster:demo")

    def caller(self, connection: Connection) -> Caller:
        raise AssertionError(f"{connection.name} is a cluster, which needs no identity")


class ChangedMeanwhile(ProfilesFile):
    """A file that another program writes between reading and replacing."""

    def read(self, path: Path) -> FoundFile:
        found = super().read(path)
        path.write_text(f"# {path.stat().st_size if path.exists() else 0}\n")
        return found


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    return Surroundings({}, tmp_path, tmp_path)


@pytest.fixture
def to_file(tmp_path: Path) -> Destination:
    return Destination("file", tmp_path)


@pytest.mark.parametrize("kind", ["text", "file", "forms"])
def test_who_may_not_is_refused_before_aws_is_asked(kind: str, surroundings: Surroundings, tmp_path: Path) -> None:
    log, aws = Log(), ControlPlane()
    profiles = DbtProfiles(aws, ProfilesFile(), Acts(Actor("mia", "member"), log))
    with pytest.raises(Refused, match="role"):
        profiles.profile(SHOP, REQUEST, Destination(kind, tmp_path), surroundings)  # type: ignore[arg-type]
    assert (aws.asked, log.events, list(tmp_path.iterdir())) == (0, [], [])


def test_a_printed_profile_is_not_an_act(surroundings: Surroundings) -> None:
    log = Log()
    result = DbtProfiles(ControlPlane(), ProfilesFile(), Acts(LOCAL, log)).profile(
        SHOP, REQUEST, Destination("text"), surroundings
    )
    assert (ENDPOINT in result.yaml, result.written, log.events) == (True, False, [])


def test_a_written_profile_is_recorded_with_its_place(surroundings: Surroundings, to_file: Destination) -> None:
    log = Log()
    profiles = DbtProfiles(ControlPlane(), ProfilesFile(), Acts(LOCAL, log))
    result = profiles.profile(SHOP, REQUEST, to_file, surroundings)
    (event,) = log.events
    assert (event.action, event.subject, event.outcome) == ("dbt:profile", "shop", "done")
    assert event.detail == f"target dev of quay in {result.path}"


def test_a_write_that_fails_is_recorded_as_failed(surroundings: Surroundings, to_file: Destination) -> None:
    log = Log()
    profiles = DbtProfiles(ControlPlane(), ChangedMeanwhile(), Acts(LOCAL, log))
    with pytest.raises(Conflict):
        profiles.profile(SHOP, REQUEST, to_file, surroundings)
    assert [event.outcome for event in log.events] == ["failed"]


def test_an_identity_that_may_not_look_can_name_the_endpoint(surroundings: Surroundings) -> None:
    refusal = Refused("Not allowed", next_step="Allow redshift:DescribeClusters.", fields=("region",))
    aws = ControlPlane(refusal)
    profiles = DbtProfiles(aws, ProfilesFile(), Acts(LOCAL, Log()))
    with pytest.raises(Refused) as refused:
        profiles.profile(SHOP, REQUEST, Destination("text"), surroundings)
    assert refused.value.next_step == "Allow redshift:DescribeClusters. Or name host and port yourself"
    assert refused.value.fields == ("host", "port")
    named = replace(REQUEST, host="h.example", port=1)
    assert profiles.profile(SHOP, named, Destination("text"), surroundings).env == ()
    assert aws.asked == 1


def test_a_secret_in_clear_text_goes_into_a_file_only(surroundings: Surroundings) -> None:
    profiles = DbtProfiles(ControlPlane(), ProfilesFile(), Acts(LOCAL, Log()))
    with pytest.raises(Invalid) as refused:
        profiles.profile(SHOP, replace(REQUEST, user="a", secret=Secret("x")), Destination("text"), surroundings)
    assert refused.value.fields == ("write",)


USERS: dict[str, tuple[Sequence[Row] | None, dict[str, Any], str]] = {
    "a superuser": ((("awsuser", True),), {}, "awsuser is a superuser"),
    "a user who is not there yet": ((), {"user": "ada"}, "no user ada, so dbt cannot sign in yet"),
    "a user for iam who is not there": ((), {"user": "ada", "method": "iam"}, "(credentials: iam), or with autocreate"),
    "a warehouse that does not answer": (None, {}, "could not be asked: The host does not answer"),
    "a schema for everybody": ((("awsuser", False),), {"schema": "public"}, "a schema of its own"),
}


@pytest.mark.parametrize("kind", ["text", "file", "forms"])
@pytest.mark.parametrize(("users", "wanted", "words"), USERS.values(), ids=USERS)
def test_a_profile_that_should_not_be_used_like_this_has_a_note(
    kind: str,
    users: Sequence[Row] | None,
    wanted: dict[str, Any],
    words: str,
    surroundings: Surroundings,
    tmp_path: Path,
) -> None:
    request = replace(REQUEST, **({"user": "awsuser"} | wanted))
    if kind == "forms" and request.method == "iam":
        request = replace(request, access_key_id="AKIAEXAMPLE")
    profiles = DbtProfiles(ControlPlane(users=users), ProfilesFile(), Acts(LOCAL, Log()))
    result = profiles.profile(SHOP, request, Destination(kind, tmp_path), surroundings)  # type: ignore[arg-type]
    assert [note for note in result.notes if words in note], result.notes


@pytest.mark.parametrize(
    ("users", "wanted"),
    [((("ada", False),), {"user": "ada"}), ((), {"user": "ada", "method": "iam", "autocreate": True})],
)
def test_a_plain_user_or_one_that_is_made_has_no_note(
    users: Sequence[Row], wanted: dict[str, Any], surroundings: Surroundings
) -> None:
    profiles = DbtProfiles(ControlPlane(users=users), ProfilesFile(), Acts(LOCAL, Log()))
    assert profiles.profile(SHOP, replace(REQUEST, **wanted), Destination("text"), surroundings).notes == ()


def test_a_production_target_that_is_the_default_is_pointed_out(
    surroundings: Surroundings, to_file: Destination
) -> None:
    profiles = DbtProfiles(ControlPlane(), ProfilesFile(), Acts(LOCAL, Log()))
    first = profiles.profile(SHOP, replace(REQUEST, target="prod"), to_file, surroundings)
    assert "prod is the profile's default target" in " ".join(first.notes)
