"""Files and streams that never end, or are too large, are refused at once, wherever a command reads one."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command_line import Run
from tests.conftest import LAST_RESORT

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

    assert answer.code == 2
    assert "is neither a regular file nor a pipe" in answer.out or "No dbt manifest there" in answer.out


def test_a_huge_credentials_file_is_refused(shop: Run, huge: Path) -> None:
    answer = shop("access", "rotate", "shop", "alice", "--credentials-file", huge, "--json")

    assert (answer.code, answer.error["what"]) == (2, "The credentials file is too large")


def test_a_huge_keyring_is_refused(shop: Run, home: Path) -> None:
    with (home / "keyring.json").open("wb") as sparse:
        sparse.truncate(1024**4)
    answer = shop("connection", "list", "--json")

    assert (answer.code, answer.error["what"]) == (2, "The keyring is too large")


def test_a_spec_on_stdin_is_bounded(shop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x" * (5 * 1024 * 1024)))

    assert shop("access", "plan", "shop", "-", "--json").error["what"] == "The access spec is too large"


def test_stdin_that_never_ends_is_refused_and_bytes_are_no_text(shop: Run, home: Path) -> None:
    command = [sys.executable, "-m", "wharfinger.cli", "access", "plan", "shop", "-", "--json"]
    with Path("/dev/zero").open("rb") as endless:
        never = subprocess.run(command, stdin=endless, capture_output=True, timeout=LAST_RESORT, check=False)
    bytes_ = subprocess.run(command, input=b"a\xff", capture_output=True, timeout=LAST_RESORT, check=False)

    assert (never.returncode, bytes_.returncode) == (2, 2)
    assert json.loads(never.stdout)["error"]["what"] == "The access spec is too large"
    assert json.loads(bytes_.stdout)["error"]["why"] == "byte 1 is not UTF-8"
    assert os.environ["WHARFINGER_HOME"] == str(home)


def test_a_name_of_any_length_does_not_fill_the_screen(cli: Run) -> None:
    answer = cli("connection", "test", "n" * 10_000)

    assert answer.code == 2
    assert len(answer.err) < 1500
