"""What a pipe gets whatever the environment wishes, and what a signal ends with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT
from tests.doors.test_command_line import ADD, shell, subprocess_cli


def test_a_pipe_is_plain_whatever_the_environment_wishes(home: Path) -> None:
    forced = {"FORCE_COLOR": "1", "GITHUB_ACTIONS": "true", "PY_COLORS": "1", "TERM": "xterm-256color"}
    for arguments in (["connection", "list"], ["connection", "show", "nobody"], ["process", "--help"]):
        answer = subprocess_cli(*arguments, **forced)
        assert "\x1b" not in answer.stdout + answer.stderr, arguments
    assert subprocess_cli("connection", "list", **forced).stdout.startswith("NAME\tTARGET\t")


def test_ellipses_become_dots_where_the_encoding_lacks_them(home: Path) -> None:
    assert b"[PATTERN...]" in shell("WF process --help", PYTHONIOENCODING="ascii").stdout
    assert b"AWS_... variables" in shell("WF keys move --help", PYTHONIOENCODING="ascii").stdout


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_a_command_is_told_with_130(home: Path, name: str) -> None:
    """The command waits for its stdin when the signal comes."""
    shop = [*ADD, "--sign-in", "password", "--host", "h", "--user", "u", "--password-from", "stdin", "--untested"]
    waiting = f"""
import signal, sys
from wharfinger.cli import main
class Waiting:
    def isatty(self): return False
    def readline(self, *_): signal.raise_signal(signal.{name})
    read = readline
sys.stdin = Waiting()
sys.argv = ["wharfinger", *{shop!r}]
main.main()
"""
    answer = subprocess.run(
        [sys.executable, "-c", waiting], capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )

    assert answer.returncode == 130
    assert "Error: Stopped" in answer.stderr
    assert "Traceback" not in answer.stderr
