"""Files and streams that never end, or are too large, are refused at once, wherever a command reads one."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from tests.command_line import Run
from tests.doors.test_command_line import shell

PLACE = ["--cluster", "demo", "--region", "us-east-1", "--database", "dev", "--untested"]


@pytest.fixture
def shop(cli: Run) -> Run:
    """The command line with a saved connection `shop`."""
    assert cli("connection", "add", "shop", *PLACE).code == 0
    return cli


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A file that is larger than any memory, and takes no space."""
    file = tmp_path / "huge"
    with file.open("wb") as sparse:
        sparse.truncate(1024**4)
    return file


SOURCE = "file:{file}"
COMMANDS = {
    "a spec": ["access", "plan", "shop", "{file}"],
    "a manifest": ["dbt", "import", "shop", "--manifest", "{file}"],
    "a profile": ["dbt", "check", "--profiles-dir", "{folder}"],
    "a secret": ["connection", "add", "b", "--sign-in", "password", "--user", "u", *PLACE, "--password-from", SOURCE],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_huge_file_is_refused(shop: Run, huge: Path, tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "profiles.yml").symlink_to(huge)
    answer = shop(*(word.format(file=huge, folder=folder) for word in command), "--json")

    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "is too large" in answer.error["what"]
    assert answer.error["why"].startswith("it has more than ")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_device_is_refused(shop: Run, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "profiles.yml").symlink_to("/dev/zero")
    answer = shop(*(word.format(file="/dev/zero", folder=tmp_path) for word in command), "--json")

    words = "No dbt manifest there" if "import" in command else "is neither a regular file nor a pipe"
    assert (answer.code, words in answer.out) == (2, True), answer


def test_a_huge_credentials_file_is_refused(shop: Run, huge: Path) -> None:
    answer = shop("access", "rotate", "shop", "alice", "--credentials-file", huge, "--json")

    assert (answer.code, answer.error["what"]) == (2, "The credentials file is too large")


def test_a_huge_keyring_is_refused(shop: Run, home: Path) -> None:
    os.truncate(home / "keyring.json", 1024**4)
    answer = shop("connection", "list", "--json")

    assert (answer.code, answer.error["what"]) == (2, "The keyring is too large")


def test_a_spec_on_stdin_is_bounded(shop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x" * (5 * 1024 * 1024)))

    assert shop("access", "plan", "shop", "-", "--json").error["what"] == "The access spec is too large"


def test_a_spec_on_stdin_that_never_ends_is_refused(shop: Run) -> None:
    answer = shell("WF access plan shop - --json < /dev/zero")
    assert (answer.returncode, b"The access spec is too large" in answer.stdout) == (2, True)


def test_a_spec_on_stdin_that_is_no_text_is_refused(shop: Run) -> None:
    answer = shell(r"printf 'a\377' | WF access plan shop - --json")
    assert (answer.returncode, b"byte 1 is not UTF-8" in answer.stdout) == (2, True)


def test_a_name_of_any_length_does_not_fill_the_screen(cli: Run) -> None:
    answer = cli("connection", "test", "n" * 10_000)

    assert answer.code == 2
    assert len(answer.err) < 1500
