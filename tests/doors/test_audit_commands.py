"""`wharfinger audit list`: what is recorded of a command while it runs, when it has ended, and when it was killed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Run
from tests.conftest import LAST_RESORT, wait_until

MOVE = ("keys", "move", "--to", "aws-secretsmanager:wharfinger/test")


@pytest.fixture
def silent_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS takes requests and never answers."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2-never-shown")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield


@pytest.fixture
def moving(cli: Run, silent_aws: None) -> Iterator[subprocess.Popen[bytes]]:
    """A command of another process that has begun an act and waits for AWS."""
    assert cli("keys", "show").code == 0
    command = [sys.executable, "-m", "wharfinger.cli", *MOVE, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: events(cli) or process.poll() is not None)
    yield process
    process.kill()
    process.communicate()


def events(cli: Run, *arguments: str) -> list[dict[str, Any]]:
    answer = cli("audit", "list", *arguments, "--json")
    assert answer.code == 0, answer
    return list(answer.document["events"])


def outcomes(cli: Run) -> list[tuple[str, str, str]]:
    return [(one["action"], one["subject"], one["outcome"]) for one in events(cli)]


def add(cli: Run, name: str) -> int:
    where = ["--cluster", "c", "--region", "us-east-1", "--database", "dev", "--untested"]
    return cli("connection", "add", name, *where, "--json").code


def test_a_home_in_which_nobody_did_anything_has_no_events(cli: Run) -> None:
    assert cli("audit", "list", "--json").document == {"events": []}


def test_an_event_has_the_members_of_the_interface(cli: Run) -> None:
    began = datetime.now(UTC)
    assert add(cli, "shop") == 0
    (event,) = events(cli)

    assert event == {
        "at": event["at"],
        "actor": "local",
        "action": "connection:add",
        "subject": "shop",
        "outcome": "done",
        "detail": "untested",
    }
    assert began <= datetime.fromisoformat(event["at"]) <= datetime.now(UTC)


def test_an_act_is_recorded_as_begun_while_it_runs(cli: Run, moving: subprocess.Popen[bytes]) -> None:
    assert moving.poll() is None
    assert outcomes(cli) == [("keys:move", MOVE[-1], "begun")]


def test_a_killed_command_leaves_its_act_begun(cli: Run, moving: subprocess.Popen[bytes]) -> None:
    moving.kill()
    moving.communicate()

    assert outcomes(cli) == [("keys:move", MOVE[-1], "begun")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_its_outcome_unknown(
    cli: Run, moving: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    moving.send_signal(number)
    out, _ = moving.communicate(timeout=LAST_RESORT)

    assert moving.returncode == 130, out
    assert outcomes(cli) == [("keys:move", MOVE[-1], "unknown")]


def test_a_command_that_fails_is_recorded_as_failed_without_secrets(
    cli: Run, monkeypatch: pytest.MonkeyPatch, silent_aws: None
) -> None:
    with closing(socket.socket()) as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert cli(*MOVE, "--json").error["kind"] == "unavailable"
    answer = cli("audit", "list", "--json")

    assert [one["outcome"] for one in answer.document["events"]] == ["failed"]
    assert "hunter2" not in answer.out


def test_events_are_listed_newest_first_and_no_more_than_asked_for(cli: Run) -> None:
    for name in ("one", "two", "three"):
        assert add(cli, name) == 0

    assert [one["subject"] for one in events(cli)] == ["three", "two", "one"]
    assert [one["subject"] for one in events(cli, "--limit", "2")] == ["three", "two"]


def test_since_leaves_out_what_began_earlier(cli: Run, home: Path) -> None:
    from wharfinger.app import open_app
    from wharfinger.core.events import Event

    log = open_app(home).parts.audit
    for hours, subject in ((50, "old"), (47, "recent"), (0, "new")):
        log.begin(Event("keys:move", subject, at=datetime.now(UTC) - timedelta(hours=hours)))

    assert [one["subject"] for one in events(cli)] == ["new", "recent", "old"]
    assert [one["subject"] for one in events(cli, "--since", "2d")] == ["new", "recent"]
    assert [one["subject"] for one in events(cli, "--since", "30m")] == ["new"]
    assert [one["subject"] for one in events(cli, "--since", "99999w")] == ["new", "recent", "old"]


@pytest.mark.parametrize("text", ["7", "d", "7 d", "-1d", "7y", "1.5h", "٣d", "999999d"])
def test_an_age_of_another_form_is_invalid_and_names_the_option(cli: Run, text: str) -> None:
    answer = cli("audit", "list", f"--since={text}", "--json")

    assert (answer.code, answer.error["kind"], answer.error["subject"]) == (2, "invalid", text)
    assert "--since" in answer.error["next_step"]


def test_a_limit_of_nothing_is_invalid(cli: Run) -> None:
    answer = cli("audit", "list", "--limit", "0", "--json")

    assert (answer.code, answer.error["kind"]) == (2, "invalid")


def test_for_people_it_is_a_table_that_says_when_there_may_be_more(cli: Run) -> None:
    for name in ("one", "two"):
        assert add(cli, name) == 0
    answer = cli("audit", "list", "--limit", "1")
    heading, row = answer.out.splitlines()

    assert heading.split("\t") == ["AT", "ACTOR", "ACTION", "SUBJECT", "OUTCOME", "DETAIL"]
    assert row.split("\t")[1:] == ["local", "connection:add", "two", "done", "untested"]
    assert row.split("\t")[0].endswith(" UTC")
    assert "--limit" in answer.err
    assert cli("audit", "list").err == ""


def test_a_limit_that_no_database_takes_lists_every_event(cli: Run) -> None:
    assert [add(cli, name) for name in ("one", "two")] == [0, 0]
    assert len(events(cli, "--limit", str(10**23))) == 2
