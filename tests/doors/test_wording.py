"""How the command line words fields and verbs."""

from __future__ import annotations

from pathlib import Path

import pytest

from wharfinger.cli import main
from wharfinger.cli.wording import WORDS
from wharfinger.core.verbs import Call, call
from wharfinger.documents.errors import advice

assert main.app  # the commands are known once the root is imported


@pytest.fixture(autouse=True)
def _no_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WORDS, "running", None)


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        (call("connection:list"), "wharfinger connection list"),
        (call("connection:test", name="shop"), "wharfinger connection test shop"),
        (call("connection:test", connection="shop"), "wharfinger connection test shop"),
        (call("connection:test"), "wharfinger connection test NAME"),
        (call("tables:select", connection="a b", patterns=["x.*", "y"]), "wharfinger tables select 'a b' 'x.*' y"),
        (call("tables:select", connection="shop"), "wharfinger tables select shop PATTERN"),
        (call("tables:list", connection="shop", selected="yes"), "wharfinger tables list shop --selected"),
        (call("tables:list", connection="shop", search=""), "wharfinger tables list shop --search …"),
        (call("process:start", connection="shop"), "wharfinger process shop"),
        (call("connection:discover", region="eu-central-1"), "wharfinger connection discover --region eu-central-1"),
    ],
)
def test_a_verb_is_a_whole_command(asked: Call, command: str) -> None:
    assert WORDS.call(asked) == command


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("max_statements", "--max-statements"),
        ("secret_access_key", "--secret-access-key-from"),
        ("connection", "CONN"),
        ("as_user", "--as"),
    ],
)
def test_a_field_is_an_option_or_an_argument(field: str, words: str) -> None:
    assert WORDS.field(field) == words


def test_advice_names_the_fields_and_the_command_behind_the_sentence() -> None:
    assert advice("Choose a region", ["region"], None, WORDS) == "Choose a region (--region)"
    assert advice("See them", [], call("connection:list"), WORDS) == "See them: wharfinger connection list"
    assert advice("", ["host", "port"], None, WORDS) == "--host, --port"


def test_a_field_that_the_running_command_cannot_take_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WORDS, "running", main.get_command(main.app).commands["process"])
    assert advice("Name a database that exists", ["database"], None, WORDS) == "Name a database that exists"
    assert advice("Allow more", ["max_statements"], None, WORDS) == "Allow more (--max-statements)"
    assert advice("Name the connection", ["connection"], None, WORDS) == "Name the connection (CONN)"


def test_a_command_names_the_home_that_an_option_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WORDS, "home", lambda: Path("my home"))
    assert WORDS.call(call("connection:list")) == "wharfinger --home 'my home' connection list"


def test_what_one_command_line_chose_does_not_reach_the_next(tmp_path: Path) -> None:
    assert main.run(["--home", str(tmp_path / "home"), "connection", "show", "nobody"]) == 2
    assert WORDS.call(call("connection:list")) == "wharfinger connection list"
    assert WORDS.field("max_statements") == "--max-statements"
