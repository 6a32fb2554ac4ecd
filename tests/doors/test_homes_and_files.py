"""The home that an option names, and names of files that no computer takes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from tests.command_line import Run

ADD = ["connection", "add", "shop", "--cluster", "demo", "--region", "us-east-1", "--database", "dev", "--untested"]


def test_a_recommended_command_works_on_the_home_of_the_option(cli: Run, tmp_path: Path) -> None:
    other = tmp_path / "an other"
    assert cli("--home", other, *ADD).code == 0
    advice = cli("--home", other, "tables", "select", "shop", "a.b", "--json").error["next_step"]
    command = advice.partition(": wharfinger ")[2]
    chosen = shlex.split(command)

    assert chosen[:2] == ["--home", str(other)]
    assert cli(*chosen[:2], "connection", "show", "shop").code == 0
    assert "--home" not in cli("connection", "show", "nobody").err


@pytest.mark.parametrize("arguments", [["--home", ""], ["--home="]])
def test_an_empty_home_is_invalid_and_not_the_folder_of_the_command(
    cli: Run, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    answer = cli(*arguments, "connection", "list", "--json")

    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "--home" in answer.error["next_step"]
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["access", "plan", "shop", "{long}"],
        ["access", "apply", "shop", "{long}", "--yes"],
        ["access", "verify", "shop", "{long}"],
        ["dbt", "import", "shop", "--manifest", "{long}"],
        ["dbt", "check", "--profiles-dir", "{long}"],
        ["dbt", "profile", "shop", "--profile", "p", "--schema", "s", "--profiles-dir", "{long}", "--write"],
        [
            "connection",
            "add",
            "x",
            *ADD[3:-1],
            "--sign-in",
            "password",
            "--user",
            "u",
            "--password-from",
            "file:{long}",
        ],
        ["--home", "{long}", "connection", "list"],
    ],
)
def test_a_file_name_that_is_too_long_is_an_error_of_the_input(cli: Run, arguments: list[str]) -> None:
    assert cli(*ADD).code == 0
    answer = cli(*(one.format(long="x" * 5000) for one in arguments), "--json")

    assert answer.code in (2, 3), answer
    assert "Traceback" not in answer.err


def test_who_stops_a_command_reads_where_its_effects_are_listed(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wharfinger.cli.connection.saved", interrupted)
    answer = cli("connection", "test", "shop", "--json")

    assert (answer.code, answer.error["kind"]) == (130, "unavailable")
    command = answer.error["next_step"].partition(": wharfinger ")[2]
    assert cli(*shlex.split(command), "--json").code == 0
