"""The command line on a terminal: colours, tables, questions; secrets are not echoed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

SECRET = "hunter2-never-shown"
ADD = ["connection", "add", "shop", "--cluster", "demo", "--region", "us-east-1", "--database", "dev", "--untested"]
PASSWORD = [*ADD, "--sign-in", "password", "--host", "h", "--user", "u", "--password-from", "prompt"]


class Terminal:
    """A command on its own pseudo terminal, with its output so far."""

    def __init__(self, home: Path, *arguments: str, columns: int = 200, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 40, columns, 0, 0))
        inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        environment = {**inherited, "WHARFINGER_HOME": str(home), "TERM": "xterm-256color", **environment}
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


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_lines_break_between_words_only(home: Path, columns: int) -> None:
    terminal = Terminal(home, "connection", "show", "nobody", columns=columns)
    assert terminal.finish() == 2

    lines = terminal.plain().splitlines()
    assert all(len(line) <= columns for line in lines), lines
    assert any(line.endswith("wharfinger connection add nobody") for line in lines), lines
    told = "Error: There is no such connection: nobody Why: none is saved yet"
    assert told in " ".join(terminal.plain().split())


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_on_a_narrow_terminal_cuts_nothing_off(home: Path, columns: int) -> None:
    name = "a_connection_with_quite_a_long_name_" + "x" * 20
    assert Terminal(home, "connection", "add", name, *ADD[3:]).finish() == 0
    terminal = Terminal(home, "connection", "list", columns=columns)

    assert terminal.finish() == 0
    assert name in terminal.plain()
    assert "…" not in terminal.plain()


def test_colours_are_off_where_the_terminal_or_the_person_wants_none(home: Path) -> None:
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        terminal = Terminal(home, "connection", "show", "nobody", **environment)
        assert terminal.finish() == 2
        assert "\x1b[3" not in terminal.text, environment


@pytest.mark.parametrize("columns", [40, 80])
def test_help_fits_the_terminal_and_cuts_nothing_off(home: Path, columns: int) -> None:
    terminal = Terminal(home, "connection", "add", "--help", columns=columns)
    assert terminal.finish() == 0

    for option in ("--secret-access-key-from", "--session-token-from", "--endpoint-url", "--password-from"):
        assert option in terminal.plain()
    assert "…" not in terminal.plain()
    for line in terminal.plain().splitlines():
        assert len(line) <= columns or " " not in line.strip().removesuffix(" \\"), line


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
