"""The command line on a terminal: colours, tables, questions; secrets are not echoed."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

SECRET = "hunter2-never-shown"
ADD = ["connection", "add", "shop", "--cluster", "demo", "--region", "us-east-1", "--database", "dev", "--untested"]
PASSWORD = [*ADD, "--sign-in", "password", "--host", "h", "--user", "u", "--password-from", "prompt"]


class Terminal:
    """A command on its own pseudo terminal, with its output so far."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        environment = {**os.environ, "WHARFINGER_HOME": str(home), "TERM": "xterm-256color", "COLUMNS": "200"}
        environment.pop("NO_COLOR", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wharfinger.cli", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self.text = ""

    def wait_for(self, words: str) -> None:
        while words not in self.text:
            if not self._read():
                raise AssertionError(f"it ended without {words!r}: {self.text}")

    def type(self, line: str) -> None:
        os.write(self._master, line.encode() + b"\n")

    def finish(self) -> int:
        while self._read():
            continue
        code = self.process.wait(LAST_RESORT)
        os.close(self._master)
        return code

    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.text).replace("\r\n", "\n")

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], LAST_RESORT)
        assert ready, f"nothing more was printed for {LAST_RESORT} s: {self.text}"
        try:
            found = os.read(self._master, 4096)
        except OSError:  # the other end is closed
            return False
        self.text += found.decode()
        return bool(found)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_prompted_secret_is_not_echoed(home: Path) -> None:
    terminal = Terminal(home, *PASSWORD)
    terminal.wait_for("password:")
    terminal.type(SECRET)

    assert terminal.finish() == 0
    assert SECRET not in terminal.text
    assert "Saved shop, untested." in terminal.plain()


def test_an_empty_answer_to_a_prompt_is_invalid(home: Path) -> None:
    terminal = Terminal(home, *PASSWORD)
    terminal.wait_for("password:")
    terminal.type("")

    assert terminal.finish() == 2
    assert "empty" in terminal.plain()


def test_a_list_is_a_table_with_a_rule(home: Path) -> None:
    Terminal(home, *ADD).finish()
    terminal = Terminal(home, "connection", "list")

    assert terminal.finish() == 0
    assert re.search(r"NAME +TARGET +REGION", terminal.plain())
    assert re.search(r"shop +cluster demo +us-east-1 +dev +iam +untested", terminal.plain())
    assert "─" in terminal.plain()


def test_an_error_is_coloured(home: Path) -> None:
    terminal = Terminal(home, "connection", "show", "nobody")

    assert terminal.finish() == 2
    assert "\x1b[1;31mError: There is no such connection: nobody" in terminal.text


def test_stopping_a_prompt_leaves_with_130(home: Path) -> None:
    terminal = Terminal(home, *PASSWORD)
    terminal.wait_for("password:")
    os.killpg(terminal.process.pid, 2)

    assert terminal.finish() == 130
    assert "Error: Stopped" in terminal.plain()
    assert "Traceback" not in terminal.text


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 130, 1), ("y", 0, 0)])
def test_a_person_is_asked_before_a_connection_is_removed(home: Path, answer: str, code: int, left: int) -> None:
    Terminal(home, *ADD).finish()
    terminal = Terminal(home, "connection", "remove", "shop")
    terminal.wait_for("Remove shop and everything stored for it?")
    terminal.type(answer)
    assert terminal.finish() == code
    assert ("Nothing was changed." in terminal.plain()) == bool(left)
    assert "Error" not in terminal.plain()

    listed = Terminal(home, "connection", "list")
    listed.finish()
    assert listed.plain().count("cluster demo") == left
