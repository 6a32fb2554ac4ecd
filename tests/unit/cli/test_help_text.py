"""Help texts: filled paragraphs, and examples that can be copied."""

from __future__ import annotations

import shlex

import pytest
import typer
from tools.interface import commands
from typer.main import get_command

from wharfinger.cli.help import help_text
from wharfinger.cli.main import app

COMMANDS = list(commands())


def test_paragraphs_are_filled_and_examples_stand_below_each_other() -> None:
    text = "One\nsentence.\n\nExit code 1. Example: wharfinger show shop\n"

    assert help_text(text, 80) == "One sentence.\n\nExit code 1.\n\nExample:\n  wharfinger show shop"
    assert help_text("A.\n\nExamples:\n\n    wharfinger a\n\n    wharfinger b \\\n        --c", 80) == (
        "A.\n\nExamples:\n  wharfinger a\n  wharfinger b --c"
    )


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_each_example_is_a_command_line_and_can_be_copied(path: str, command: object, width: int) -> None:
    text = help_text(str(getattr(command, "help", "")), width)
    _, _, examples = text.partition("\n\nExample")
    copied = examples.partition("\n")[2].replace("\\\n", " ")
    assert copied.strip(), text
    for line in copied.splitlines():
        words = shlex.split(line)[1:]
        if ">" in words:
            words = words[: words.index(">")]
        found = get_command(app)
        names = path.split()
        assert words[: len(names)] == names, line
        for name in names:
            found = found.commands[name]  # type: ignore[attr-defined]
        try:
            found.make_context(path, words[len(names) :], resilient_parsing=False)
        except typer.TyperException as error:
            raise AssertionError(f"{line}: {error}") from None


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_each_command_has_an_example_and_says_what_each_option_takes(path: str, command: object) -> None:
    assert f"wharfinger {path}" in str(getattr(command, "help", ""))
    for one in getattr(command, "params", []):
        if one.name not in ("home", "json", "help"):
            assert one.help, one.name
            assert one.metavar or getattr(one, "is_flag", False), one.name
