"""What every command does: home, JSON, errors and exit codes, plain output."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command_line import Run
from tests.conftest import LAST_RESORT

from wharfinger.cli import output
from wharfinger.cli.characters import visible
from wharfinger.core.errors import Conflict, Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError

SECRET = "hunter2-never-shown"
ADD = ["connection", "add", "shop", "--cluster", "demo", "--region", "us-east-1", "--database", "dev"]


def subprocess_cli(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wharfinger.cli", *arguments]
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=LAST_RESORT,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "connection", "list"],
        ["connection", "--json", "list"],
        ["connection", "list", "--json"],
        ["connection", "list", "--json", "--json"],
    ],
)
def test_json_may_stand_anywhere(cli: Run, arguments: list[str]) -> None:
    answer = cli(*arguments)

    assert (answer.code, answer.document) == (0, {"connections": []})


@pytest.mark.parametrize("position", [0, 1, 2])
def test_home_may_stand_anywhere_and_wins_over_the_environment(cli: Run, tmp_path: Path, position: int) -> None:
    arguments = ["connection", "list"]
    arguments[position:position] = ["--home", str(tmp_path / "named")]

    assert cli(*arguments).code == 0
    assert (tmp_path / "named" / "keyring.json").exists()
    assert not (tmp_path / "home").exists()


def test_one_run_does_not_leak_its_options_into_the_next(cli: Run, tmp_path: Path) -> None:
    cli("connection", "list", "--json", "--home", tmp_path / "named")
    answer = cli("connection", "list")

    assert answer.out == "NAME\tTARGET\tREGION\tDATABASE\tSIGN-IN\tTESTED\n"
    assert (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Missing command"),
        (["bogus"], "bogus"),
        (["connection"], "Missing command"),
        (["connection", "show"], "NAME"),
        (["connection", "show", "a", "b"], "unexpected"),
        (["connection", "list", "--bogus"], "--bogus"),
        (["connection", "add", "x", "--port", "many"], "--port"),
        (["keys", "move"], "--to"),
    ],
)
def test_a_wrong_command_line_is_invalid_in_json_too(cli: Run, arguments: list[str], says: str) -> None:
    answer = cli(*arguments, "--json")

    assert answer.code == 2
    assert answer.error["kind"] == "invalid"
    assert says in answer.error["why"]
    assert "--help" in answer.error["next_step"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["connection", "add", "shop", "--cluster", "demo", "--database", "dev", "--db-user", ""],
        ["connection", "add", "shop", "--cluster", "demo", "--database", "dev", "--db-user="],
        ["connection", "policy", "shop", "--database", ""],
        ["tables", "list", "shop", "--search", ""],
    ],
)
def test_an_option_with_an_empty_value_is_not_taken_for_one_left_out(cli: Run, arguments: list[str]) -> None:
    answer = cli(*arguments, "--json")

    assert answer.code == 2
    assert "empty value" in answer.error["what"]
    assert "variable" in answer.error["why"]


def test_a_wrong_command_line_leaves_no_home_behind(cli: Run, home: Path) -> None:
    cli("connection", "bogus")
    cli("--help")

    assert not home.exists()


def test_without_a_command_the_help_is_shown(cli: Run) -> None:
    answer = cli()

    assert answer.code == 0
    for group in ("connection", "keys"):
        assert group in answer.out


def test_every_command_has_help_with_both_general_options(cli: Run) -> None:
    import typer.main

    from wharfinger.cli.main import app

    root = typer.main.get_command(app)
    lines = [[name, sub] for name, group in root.commands.items() for sub in getattr(group, "commands", {})]  # type: ignore[attr-defined]

    assert len(lines) >= 10
    for line in lines:
        answer = cli(*line, "--help")
        assert answer.code == 0, line
        assert "--json" in answer.out, line
        assert "--home" in answer.out, line


KINDS: list[tuple[type[WharfingerError], int]] = [
    (Invalid, 2), (NotFound, 2), (Refused, 3), (Conflict, 3), (Failed, 4), (Unavailable, 5),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code"), KINDS)
def test_each_kind_of_error_has_its_exit_code(kind: type[WharfingerError], code: int) -> None:
    assert output.EXIT_CODES[kind.kind] == code
    assert len(output.EXIT_CODES) == len(KINDS)


def test_invalid_not_found_and_conflict_through_the_door(cli: Run) -> None:
    invalid = cli(*ADD, "--sign-in", "iam", "--db-user", "x", "--json")
    missing = cli("connection", "show", "nobody", "--json")
    first = cli(*ADD, "--untested", "--json")
    again = cli(*ADD, "--untested", "--json")

    assert (invalid.code, invalid.error["kind"]) == (2, "invalid")
    assert (missing.code, missing.error["kind"], missing.error["subject"]) == (2, "not_found", "nobody")
    assert first.code == 0
    assert (again.code, again.error["kind"], again.error["subject"]) == (3, "conflict", "shop")


def test_refused_through_the_door(cli: Run, home: Path) -> None:
    cli("keys", "show")
    (home / "master.key").chmod(0o644)
    answer = cli("keys", "show", "--json")
    listed = cli("connection", "list", "--json")

    assert listed.code == 3
    assert listed.error["kind"] == "refused"
    assert "chmod 600" in listed.error["next_step"]
    assert answer.code == 3


def test_unavailable_through_the_door(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        answer = cli("connection", "discover", "--region", "us-east-1", "--endpoint-url", url, "--json")

    assert answer.code == 5
    assert answer.error["kind"] == "unavailable"
    assert answer.error["next_step"]


def test_an_error_for_people_says_what_why_and_next_on_stderr(cli: Run) -> None:
    answer = cli("connection", "show", "nobody")

    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.splitlines() == [
        "Error: There is no such connection: nobody",
        "  Why: none is saved yet",
        "  Next: Add it: wharfinger connection add nobody",
    ]


def test_a_fault_of_our_own_is_one_document_and_shows_no_values(home: Path) -> None:
    failing = f"""import sys, wharfinger.app
from wharfinger.cli import main
wharfinger.app.open_app = lambda *_, **__: {{}}[{SECRET!r}]
sys.argv[1:] = ["connection", "list", "--json"]
main.main()"""
    command = [sys.executable, "-c", failing]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=LAST_RESORT, check=False)
    document = json.loads(answer.stdout)
    assert answer.returncode == 4
    assert document["error"]["kind"] == "failed"
    assert document["error"]["subject"] == "KeyError"
    assert "Traceback" in answer.stderr
    assert SECRET not in answer.stdout + answer.stderr


def test_a_line_break_in_a_name_does_not_look_like_advice(cli: Run) -> None:
    answer = cli("connection", "show", "x\n  Next: do harm")

    assert [line[:7] for line in answer.err.splitlines()] == ["Error: ", "  Why: ", "  Next:"]
    assert "do harm" in answer.err.splitlines()[0]


def test_a_fault_of_our_own_does_not_repeat_what_it_was_about(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wharfinger.app.open_app", lambda *_, **__: int(SECRET))
    answer = cli("connection", "list", "--json")

    assert answer.error["subject"] == "ValueError"
    assert answer.err.count("Traceback") == 1
    assert SECRET not in answer.out + answer.err


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    command = f"{sys.executable} -m wharfinger.cli connection list --json | true; echo ${{PIPESTATUS[0]}}"
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=LAST_RESORT, check=True)

    assert answer.stdout.strip() == "0"
    assert answer.stderr == ""


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash, in which WF is the command."""
    line = line.replace("WF", f"{sys.executable} -m wharfinger.cli")
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, env={**os.environ, **environment}, timeout=LAST_RESORT, check=False
    )


def test_a_closed_stdout_or_stderr_changes_no_exit_code(home: Path) -> None:
    for streams in (">&-", "2>&-", "<&- >&- 2>&-"):
        assert shell(f"WF connection list --json {streams}").returncode == 0, streams
        assert shell(f"WF connection show nobody {streams}").returncode == 2, streams
    assert shell("WF connection list >&-").stderr == b""


def test_an_answer_that_finds_no_room_is_told_on_stderr(home: Path) -> None:
    for line in ("WF connection list", "WF connection list --json", "WF connection show nobody --json"):
        answer = shell(f"{line} > /dev/full")
        assert answer.returncode == (2 if "nobody" in line else 5), line
        assert b"No space left on device" in answer.stderr
        assert b"Traceback" not in answer.stderr
        assert b"Exception ignored" not in answer.stderr


BROKEN_PIPE = """
from wharfinger.cli import main
def broken(_arguments):
    raise BrokenPipeError
main._invoke = broken
raise SystemExit(main.run([]))
"""


def test_a_pipe_that_breaks_behind_a_help_text_is_no_error_but_another_one_is() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", BROKEN_PIPE]
    unread = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=LAST_RESORT)
    os.close(writing)
    read = subprocess.run(command, capture_output=True, check=False, timeout=LAST_RESORT)

    assert (unread.returncode, unread.stderr) == (0, b"")
    assert read.returncode == 4


def test_help_texts_are_filled_to_the_terminal(cli: Run) -> None:
    text = " ".join(cli("keys", "move", "--help").out.split())

    assert "The old key stays valid until the new keyring is on disk; run the command again after a crash." in text


def test_a_help_text_that_nobody_reads_is_no_error(home: Path) -> None:
    answer = shell("WF --help | true; echo ${PIPESTATUS[0]}")

    assert (answer.stdout, answer.stderr) == (b"0\n", b"")


def test_what_an_encoding_lacks_is_spelled_out(home: Path) -> None:
    answer = shell("WF connection show ünits–€", PYTHONIOENCODING="latin-1")
    document = shell("WF connection show ünits–€ --json", PYTHONIOENCODING="ascii").stdout

    assert "no such connection: ünits\\u2013\\u20ac".encode("latin-1") in answer.stderr
    assert json.loads(document.decode("ascii"))["error"]["subject"] == "ünits–€"


def test_an_argument_is_read_as_utf_8_whatever_the_locale(home: Path) -> None:
    answer = shell("WF connection show ünits --json", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert json.loads(answer.stdout)["error"]["subject"] == "ünits"


def test_an_argument_that_is_no_text_is_invalid(home: Path) -> None:
    answer = shell("WF connection show $'a\\xff' --json")

    assert answer.returncode == 2
    assert json.loads(answer.stdout.decode("utf-8"))["error"]["kind"] == "invalid"


def test_without_any_home_folder_one_is_asked_for(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_user: int) -> None:
        raise KeyError

    for name in ("WHARFINGER_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    answer = cli("connection", "list", "--json")

    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "WHARFINGER_HOME" in answer.error["next_step"]


def test_output_in_a_pipe_is_plain(home: Path) -> None:
    subprocess_cli(*ADD, "--untested")
    answer = subprocess_cli("connection", "list", TERM="xterm-256color")

    assert answer.stdout.splitlines() == [
        "NAME\tTARGET\tREGION\tDATABASE\tSIGN-IN\tTESTED",
        "shop\tcluster demo\tus-east-1\tdev\tiam\tuntested",
    ]
    assert "\x1b" not in answer.stdout


def test_no_control_character_gets_out_through_json(cli: Run) -> None:
    name = "a\x1b[31mb\x9b31m\u202e\x7f\u2066"
    answer = cli("connection", "show", name, "--json")

    assert answer.error["subject"] == name
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", answer.out)


def test_control_characters_in_names_are_spelled_out() -> None:
    assert visible("a\x1b[31mb\x07\u202ec\u2028\ufeff") == "a\\x1b[31mb\\x07\\u202ec\\u2028\\ufeff"


def test_line_breaks_and_tabs_in_names_make_no_lines_and_no_cells() -> None:
    assert visible("a\nb\r\nc\td\re") == "a b c d\\x0de"


def test_an_arn_is_printed_as_it_is(cli: Run) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:smile:-AbCdEf"
    cli(*ADD, "--sign-in", "secret", "--secret-arn", arn, "--untested")

    assert arn in cli("connection", "show", "shop").out


def test_the_version_is_told(cli: Run) -> None:
    from wharfinger import __version__

    assert cli("--version").out == f"wharfinger {__version__}\n"


def test_the_console_script_and_the_module_are_one(home: Path) -> None:
    script = Path(sys.executable).with_name("wharfinger")
    answer = subprocess.run(
        [script, "keys", "show", "--json"], capture_output=True, text=True, timeout=LAST_RESORT, check=True
    )

    assert json.loads(answer.stdout) == json.loads(subprocess_cli("keys", "show", "--json").stdout)


def test_starting_up_loads_nothing_heavy(home: Path) -> None:
    heavy = ("django", "boto3", "botocore", "dbos", "sqlalchemy", "redshift_connector", "sqlcipher3")
    script = f"import sys, wharfinger.cli.main; print([name for name in {heavy!r} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=LAST_RESORT, check=True
    )

    assert answer.stdout.strip() == "[]"


def test_shell_completion_offers_the_commands(home: Path) -> None:
    answer = subprocess_cli(_WHARFINGER_COMPLETE="complete_bash", COMP_WORDS="wharfinger connection ", COMP_CWORD="2")

    assert "discover" in answer.stdout.split()


def test_help_shows_no_types_of_python(cli: Run) -> None:
    for command in ([], ["tables"], ["tables", "select"], ["process"], ["describe"]):
        out = cli(*command, "--help").out
        assert not re.search("<(bool|str|int|list)", out), out
